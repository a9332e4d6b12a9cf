"""Random programs full of aliases against differences: right in both modes, or refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from srcad import grad, jvp, vjp
from srcad.errors import MutationError, SrcadError
from tests.differences import directional, inner, inner_magnitude
from tests.fuzz.aliases import source
from tests.fuzz.parts import in_parts, seeds
from tests.modules import module_of_text
from tests.trees import leaves

X, Y = np.array([0.62, -0.35, 1.1, 0.47]), np.array([-0.24, 0.83, 0.66, -1.21])
DIRECTION = np.array([0.3, -0.2, 0.15, 0.4]), np.array([-0.1, 0.3, 0.2, 0.12])


@pytest.mark.parametrize("calls", [False, True], ids=["alone", "with_calls"])
@in_parts(20)
def test_right_or_refused(tmp_path: Path, part: range, calls: bool) -> None:
    outcomes = tried(seeds(part), tmp_path, outcome, calls=calls)
    assert outcomes["right"] >= 0.5 * len(part), outcomes


def tried(
    some: Iterable[int],
    folder: Path,
    outcome: Callable[[Any, float, str], str],
    *,
    calls: bool = False,
) -> Counter[str]:
    """How often ``outcome`` said what of the programs of ``some`` seeds."""
    outcomes: Counter[str] = Counter()
    for seed in some:
        text = source(Random(seed), calls=calls)
        f = module_of_text(text, folder / f"mixed_{seed}.py").f
        with np.errstate(all="ignore"):
            wanted = directional(f, (X, Y), DIRECTION)
        steep = not wanted.error < 1e-10 * (1 + abs(wanted.value)) < 1e-4
        outcomes["no reference" if steep else outcome(f, wanted.value, text)] += 1
    return outcomes


def outcome(
    f: Any,
    wanted: float,
    text: str,
    args: tuple[Any, ...] = (X, Y),
    direction: tuple[Any, ...] = DIRECTION,
) -> str:
    """Whether both modes of ``f`` are right at ``args`` along ``direction``, or refuse it."""
    before = [a.tobytes() for a in leaves(args)]
    try:
        gradients = grad(f, argnums=tuple(range(len(args))))(*args)
        _, y_dot = jvp(f, args, direction)
        _, pullback = vjp(f, *args)
    except SrcadError as error:
        assert isinstance(error, MutationError), text
        return "refused"
    terms = 1 + abs(wanted) + inner_magnitude(gradients, direction)
    if terms > 1e6:
        return "no reference"  # what is lost in cancellation says nothing
    assert abs(inner(gradients, direction) - wanted) <= 1e-8 * terms, text
    assert abs(float(y_dot) - wanted) <= 1e-8 * terms, text
    for _ in range(2):
        assert abs(inner(pullback(1.0), direction) - wanted) <= 1e-8 * terms, text
    assert [a.tobytes() for a in leaves(args)] == before, text
    return "right"
