"""A text runs where it is pasted, after ``import numpy as np`` and the user's own functions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.special as special

from srcad import custom_jvp, custom_vjp, grad, rule

rule(special.dawsn, "x -> y", x="g * (1 - 2 * x * y)")


@custom_vjp
def square(x):
    return x * x


def square_forward(x):
    return square(x), x


def square_backward(x, y_bar):
    return (2.5 * y_bar * x,)


square.defvjp(square_forward, square_backward)


@custom_jvp
def product(x, y):
    return x * y


@product.defjvp
def product_jvp(primals, tangents):
    x, y = primals
    x_dot, y_dot = tangents
    return x * y, 1.5 * x_dot * y + x * y_dot


@custom_jvp
def cube(x):
    return x**3


def cube_dot(x_dot, y, x):
    return 2.0 * x_dot * x * x


cube.defjvps(cube_dot)


def logistic(x):
    return special.dawsn(x) * x


def of_square(x):
    return square(x) * square_forward(x)[1]


def of_product(x):
    return product(x, x) * x


def of_cube(x):
    return cube(x) * x


OWN = (
    *(square, square_forward, square_backward, product, product_jvp),
    *(cube, cube_dot, of_square, of_product, of_cube),
)


@pytest.mark.parametrize("f", [square, product_jvp, logistic, of_square, of_product, of_cube])
def test_pasted(f):
    if f is product_jvp:
        df, args = grad(lambda p, t: product_jvp(p, t)[1]), ((1.5, 2.5), (3.5, 4.5))
    else:
        df, args = grad(f), (1.5,)
    text = df.source_for(*args)
    space: dict[str, Any] = {"np": np, **{fn.__name__: fn for fn in OWN}}
    exec(text, space)
    last = [line for line in text.splitlines() if line.startswith("def ")][-1]
    assert space[last[4 : last.index("(")]](*args) == df(*args)
