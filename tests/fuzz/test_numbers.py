"""Random programs of numbers and arrays without axes: right in both modes, or refused."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import numpy as np

from tests.differences import directional
from tests.fuzz.numbers import source
from tests.fuzz.outcomes import outcome
from tests.fuzz.parts import in_parts, seeds
from tests.modules import module_of_text

ARGS = (np.array([0.62, -0.35, 1.1]),)
DIRECTION = (np.array([0.3, -0.2, 0.15]),)


@in_parts(20)
def test_right_or_refused(tmp_path: Path, part: range) -> None:
    outcomes: Counter[str] = Counter()
    for seed in seeds(part):
        text = source(Random(seed))
        f = module_of_text(text, tmp_path / f"numbers_{seed}.py").f
        with np.errstate(all="ignore"):
            try:
                wanted = directional(f, ARGS, DIRECTION)
            except TypeError:  # a number has no items that could be changed
                continue
        steep = not wanted.error < 1e-10 * (1 + abs(wanted.value)) < 1e-4
        case = (ARGS, DIRECTION)
        outcomes["no reference" if steep else outcome(f, wanted.value, text, *case)] += 1
    assert outcomes["right"] >= 0.4 * len(part), outcomes
