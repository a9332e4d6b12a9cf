"""Abstract results of rules that depend on what may be inside a list."""

from __future__ import annotations

import numpy as np
import pytest

from srcad.rules.binding import result_type
from srcad.rules.table import rule_for
from srcad.types.lattice import (
    BOOL,
    FLOAT,
    INT,
    UNKNOWN,
    Array,
    ListOf,
    Scalar,
    Static,
    Sym,
    Type,
)

DOUBLE = Scalar(np.dtype(np.float64), False)
SINGLE = Scalar(np.dtype(np.float32), False)


@pytest.mark.parametrize(
    ("item", "total"),
    [
        (FLOAT, FLOAT),
        (INT, INT),
        (BOOL, INT),
        (DOUBLE, DOUBLE),
        (SINGLE, UNKNOWN),  # of no items it is Python's 0, which promotes in another way
        (Array(np.dtype(np.float64), (Sym(0),)), UNKNOWN),
        (None, UNKNOWN),
    ],
)
def test_sum_of_a_list_of_any_length(item: Type | None, total: Type) -> None:
    rule = rule_for(sum)
    assert rule is not None
    assert result_type(rule, {"x": ListOf(item)}) == total


def test_cast_of_what_is_not_known() -> None:
    rule = rule_for(np.ndarray.astype)
    assert rule is not None
    assert result_type(rule, {"x": UNKNOWN, "dtype": Static(int)}) == UNKNOWN
