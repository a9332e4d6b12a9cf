"""Arrays that share memory, under Numba: as NumPy has it, or refused."""

from __future__ import annotations

import numpy as np
import pytest

from srcad import SrcadError, grad
from tests.backends.test_numba import check


def parts_of_a_vector(x):
    y = np.sin(x)
    z = y[1:]
    z += y[:-1]
    y *= y[::-1]
    y[:-1] *= y[1:]
    y += y
    return np.sum(y**3)


def parts_of_a_matrix(x):
    a = np.outer(np.sin(x), x)
    a[1:] += a[:-1]
    a += a.T
    a -= a[0]
    return np.sum(a**3)


@pytest.mark.parametrize("fn", [parts_of_a_vector, parts_of_a_matrix], ids=lambda f: f.__name__)
def test_operands_are_read_before_the_array_changes(fn, rng) -> None:
    check(fn, (rng.uniform(0.2, 0.9, 4),), (0,), rng)


def view_of_an_item(x):
    a = x.copy()
    v = a[1, ...]
    a[1] = 5.0 * x[0]
    return a[0] * v


def test_a_view_of_an_item_of_a_changed_array_is_refused() -> None:
    with pytest.raises(SrcadError, match="Numba makes a number of the view `v`") as caught:
        grad(view_of_an_item, backend="numba")(np.ones(3))
    assert caught.value.line == view_of_an_item.__code__.co_firstlineno + 2
    assert "NumPy's view would show" in str(caught.value)
    assert "read the item where it is needed: `a[i]`" in str(caught.value)
