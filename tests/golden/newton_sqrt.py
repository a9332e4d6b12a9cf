"""A loop whose length depends on the data."""

from __future__ import annotations


def newton_sqrt(a):
    x = a
    while abs(x * x - a) > 1e-12 * a:
        x = 0.5 * (x + a / x)
    return x


def newton_sqrt_grad(a):
    x = a
    x_saved = []
    while abs(x * x - a) > 1e-12 * a:
        x_saved.append(x)
        x = 0.5 * (x + a / x)
    x_bar = 1.0
    a_bar = 0.0
    while x_saved:
        x = x_saved.pop()
        a_bar += 0.5 * x_bar / x
        x_bar = 0.5 * x_bar * (1 - a / (x * x))
    return a_bar + x_bar


ARGNUMS = (0,)
HELPERS = ()
WRITTEN = (newton_sqrt_grad,)


def arguments(rng):
    return (2.7,)
