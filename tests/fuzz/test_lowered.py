"""Random programs full of aliases, lowered for Numba, run as plain Python, against differences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from srcad.backends.numba.compile import Compiled
from srcad.derivatives.abstract import types_of
from srcad.errors import SrcadError
from srcad.pipeline import Request, generate
from tests.differences import inner, inner_magnitude
from tests.fuzz.aliases import source
from tests.fuzz.outcomes import DIRECTION, X, Y, tried
from tests.fuzz.parts import in_parts, seeds
from tests.trees import copied

FOUND = (126, 255)
"""A view written to another part of its array and read again; a number that became an array."""


@in_parts(40)
def test_right_or_refused(tmp_path: Path, part: range) -> None:
    outcomes = tried((*FOUND, *seeds(part)), tmp_path, source, outcome)
    assert outcomes["right"] >= 0.5 * len(part), outcomes


def outcome(f: Any, wanted: float, text: str) -> str:
    try:
        made = generate(Request(f, types_of((X, Y)), (0, 1), backend="numba"))
    except SrcadError:
        return "refused"
    assert isinstance(made.call, Compiled)
    gradients = made.call.__wrapped__(*copied((X, Y)))
    bound = 1e-8 * (1 + abs(wanted) + inner_magnitude(gradients, DIRECTION))
    assert abs(inner(gradients, DIRECTION) - wanted) <= bound, text
    return "right"
