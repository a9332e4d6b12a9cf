"""Random programs of matrices against differences, for extents that differ, are equal, or one."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from srcad import grad, jvp, vjp
from srcad.errors import MutationError
from tests.differences import directional, inner, inner_magnitude
from tests.fuzz.matrices import PARAMETERS, source
from tests.fuzz.parts import in_parts, seeds
from tests.modules import module_of_text
from tests.trees import copied

EXTENTS = ((3, 2), (2, 3), (2, 2), (1, 3), (3, 1), (1, 1))


def arguments(random: Random, extents: tuple[int, int], scale: float) -> tuple[Any, ...]:
    """Random arguments: ``p`` and ``q`` are ``extents``."""
    number = dict(zip("pq", extents, strict=True))
    rng = np.random.default_rng(random.randrange(2**32))
    made = [
        scale * rng.normal(size=tuple(number[d] for d in shape)) for shape in PARAMETERS.values()
    ]
    return tuple(float(a) if a.ndim == 0 else a for a in made)


@in_parts(18)
def test_right_or_refused(tmp_path: Path, part: range) -> None:
    outcomes: Counter[str] = Counter()
    for seed in seeds(part):
        random = Random(seed)
        text = source(random)
        f = module_of_text(text, tmp_path / f"matrices_{seed}.py").f
        extents = EXTENTS[seed % len(EXTENTS)]
        args, direction = arguments(random, extents, 0.8), arguments(random, extents, 0.3)
        with np.errstate(all="ignore"):
            wanted = directional(f, args, direction)
        kink = not wanted.error < 1e-9 * (1 + abs(wanted.value))
        outcomes["no reference" if kink else outcome(f, args, direction, wanted.value, text)] += 1
    assert outcomes["right"] >= 0.8 * len(part), outcomes


def outcome(f: Any, args: Any, direction: Any, wanted: float, text: str) -> str:
    before = copied(args)
    try:
        gradients = grad(f, argnums=(0, 1, 2, 3, 4))(*args)
        _, y_dot = jvp(f, args, direction)
        _, pullback = vjp(f, *args)
    except MutationError:
        return "refused"
    bound = 1e-8 * (1 + abs(wanted) + inner_magnitude(gradients, direction))
    for found in (gradients, pullback(1.0), pullback(1.0)):
        assert [np.shape(g) for g in found] == [np.shape(a) for a in args], text
        assert abs(inner(found, direction) - wanted) <= bound, text
    assert abs(float(y_dot) - wanted) <= bound, text
    for now, then in zip(args, before, strict=True):
        np.testing.assert_array_equal(now, then)
    return "right"
