"""Random programs against differences, in both modes."""

from __future__ import annotations

import itertools
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import HealthCheck, assume, given, settings

from srcad import grad, jvp
from srcad.errors import MutationError
from tests.differences import directional, inner, inner_magnitude
from tests.fuzz.parts import in_parts, is_random
from tests.fuzz.programs import sources
from tests.modules import module_of_text
from tests.trees import copied

ARGS = (
    0.62,
    -0.35,
    np.array([0.27, -0.72, 1.13, 0.48, -0.57]),
    np.array([-0.24, 0.83, 0.66, -1.21, 0.39]),
)
DIRECTION = (
    0.3,
    -0.2,
    np.array([0.2, 0.1, -0.3, 0.25, 0.15]),
    np.array([-0.1, 0.3, 0.2, 0.12, -0.22]),
)


@in_parts(40)
def test_random_programs(tmp_path: Path, part: range) -> None:
    names = itertools.count()
    outcomes: Counter[str] = Counter()

    @settings(
        max_examples=len(part),
        derandomize=not is_random(),
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    @given(text=sources())
    def try_one(text: str) -> None:
        f = module_of_text(text, tmp_path / f"fuzzed_{next(names)}.py").f
        try:
            value = float(f(*copied(ARGS)))
        except IndexError:  # an index of one array may be too large for a view of it
            assume(False)
        assume(np.isfinite(value) and abs(value) < 1e3)
        wanted = directional(f, ARGS, DIRECTION)
        # A kink or a steep place near the arguments: no reference, so no test.
        assume(wanted.error < 1e-11 * (1 + abs(wanted.value)))
        try:
            check(f, wanted.value)
        except MutationError:
            # The aliases could not be proved safe: refusing is right, but must stay rare.
            outcomes["refused"] += 1
        else:
            outcomes["agreed"] += 1

    try_one()
    assert outcomes["agreed"] >= 0.25 * len(part)
    assert outcomes["refused"] <= 0.1 * outcomes["agreed"], outcomes


def check(f: Any, wanted: float) -> None:
    before = [a.tobytes() for a in ARGS[2:]]
    gradients = grad(f, argnums=(0, 1, 2, 3))(*ARGS)
    _, y_dot = jvp(f, ARGS, DIRECTION)
    assert [a.tobytes() for a in ARGS[2:]] == before, "the arguments have changed"
    terms = inner_magnitude(gradients, DIRECTION) + abs(wanted)
    assert abs(inner(gradients, DIRECTION) - wanted) <= 1e-9 * terms + 1e-11
    assert abs(float(y_dot) - wanted) <= 1e-9 * terms + 1e-11
