"""Arguments that lie in memory with gaps, backwards or by columns: what is a view stays one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcad import grad, jvp, vjp
from srcad.errors import MutationError

M = np.array([[0.4, -0.7, 1.1, 0.3], [0.9, 0.2, -0.5, 0.8]])
LAYOUTS: dict[str, Callable[[Any], Any]] = {
    "rows": np.copy,
    "columns": np.asfortranarray,
    "backwards": lambda m: np.copy(m[:, ::-1])[:, ::-1],
    "gaps": lambda m: np.repeat(m, 2, axis=1)[:, ::2],
    "rows_apart": lambda m: np.repeat(m, 2, axis=0)[::2],
}


def doubled_in_one_row(m):
    b = m.reshape(-1)
    b *= 2.0
    return np.sum(m**2)


def doubled_by_columns(m):
    b = m.T.ravel()
    b *= 2.0
    return np.sum(m**2)


def doubled_square(m):
    b = m[1].reshape(2, 2)
    b *= 2.0
    return np.sum(m**2)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("f", [doubled_in_one_row, doubled_by_columns, doubled_square])
def test_right_or_refused_as_the_layout_of_the_argument_has_it(f: Any, layout: str) -> None:
    m = LAYOUTS[layout](M)
    copied = m.copy(order="K")
    work = LAYOUTS[layout](M)
    f(work)
    factors = np.where(work == m, 1.0, 4.0)
    found = (
        lambda: grad(f)(m),
        lambda: vjp(f, m)[1](1.0)[0],
        lambda: jvp(f, (m,), (np.ones((2, 4)),))[1],
    )
    if f is not doubled_square and np.all(factors == 1.0):  # NumPy makes a copy
        for derivative in found:
            with pytest.raises(MutationError, match="was reshaped"):
                derivative()
    else:
        for derivative in found[:2]:
            np.testing.assert_allclose(derivative(), 2 * factors * m)
        np.testing.assert_allclose(found[2](), np.sum(2 * factors * m))
    assert np.array_equal(m, copied)
