"""What becomes of random programs: right in both modes, or refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random
from typing import Any, Final

import numpy as np

from srcad import grad, jvp, vjp
from srcad.errors import MutationError, SrcadError
from tests.differences import directional, inner, inner_magnitude
from tests.modules import module_of_text
from tests.trees import leaves

__all__ = ["DIRECTION", "X", "Y", "outcome", "tried"]

X: Final = np.array([0.62, -0.35, 1.1, 0.47])
Y: Final = np.array([-0.24, 0.83, 0.66, -1.21])
DIRECTION: Final = np.array([0.3, -0.2, 0.15, 0.4]), np.array([-0.1, 0.3, 0.2, 0.12])


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


def tried(
    some: Iterable[int],
    folder: Path,
    source: Callable[[Random], str],
    outcome: Callable[..., str] = outcome,
    *case: tuple[Any, ...],
) -> Counter[str]:
    """How often ``outcome`` said what of the programs that ``source`` makes of ``some`` seeds.

    A ``case`` is their arguments and a direction.
    """
    args, direction = case or ((X, Y), DIRECTION)
    outcomes: Counter[str] = Counter()
    for seed in some:
        text = source(Random(seed))
        f = module_of_text(text, folder / f"tried_{seed}.py").f
        with np.errstate(all="ignore"):
            wanted = directional(f, args, direction)
        steep = not wanted.error < 1e-10 * (1 + abs(wanted.value)) < 1e-4
        outcomes["no reference" if steep else outcome(f, wanted.value, text, *case)] += 1
    return outcomes
