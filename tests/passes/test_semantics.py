"""What a program computes, and in which order, stays the same through the passes."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcad.frontend.lower import lower
from srcad.ir.check import check
from srcad.ir.nodes import Function
from srcad.passes.atoms import atoms
from srcad.passes.single_exit import single_exit
from tests.ir_interpreter import run
from tests.passes import programs
from tests.passes.programs import PROGRAMS


def _result(call: Callable[..., Any], args: tuple[Any, ...]) -> tuple[Any, Any, list[object]]:
    programs.LOG.clear()
    args = copy.deepcopy(args)
    value = call(*args)
    return value, args, list(programs.LOG)


def _surface(fn: Callable[..., Any]) -> Function:
    return lower(fn)


def _one_exit(fn: Callable[..., Any]) -> Function:
    return single_exit(lower(fn))


def _normal(fn: Callable[..., Any]) -> Function:
    return atoms(single_exit(lower(fn)))


@pytest.mark.parametrize("stage", [_surface, _one_exit, _normal])
@pytest.mark.parametrize(("fn", "cases"), PROGRAMS, ids=[f.__name__ for f, _ in PROGRAMS])
def test_same_as_python(
    fn: Callable[..., Any],
    cases: list[tuple[Any, ...]],
    stage: Callable[[Callable[..., Any]], Function],
) -> None:
    ir = stage(fn)
    check(ir, "normal" if stage is _normal else "surface")
    for args in cases:
        np.testing.assert_equal(
            _result(lambda *a: run(ir, *a), args), _result(fn, args), err_msg=repr(args)
        )


def test_every_kind_of_program_is_here() -> None:
    assert len(PROGRAMS) >= 40
