"""Random programs that add to constants and subtract from them, against differences."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import numpy as np

from tests.differences import directional
from tests.fuzz.gains import source
from tests.fuzz.parts import in_parts, seeds
from tests.fuzz.test_aliases import DIRECTION, X, Y, outcome
from tests.modules import module_of_text


@in_parts(16)
def test_right(tmp_path: Path, part: range) -> None:
    outcomes: Counter[str] = Counter()
    for seed in seeds(part):
        text = source(Random(seed))
        f = module_of_text(text, tmp_path / f"gains_{seed}.py").f
        with np.errstate(all="ignore"):
            wanted = directional(f, (X, Y), DIRECTION)
        steep = not wanted.error < 1e-10 * (1 + abs(wanted.value)) < 1e-4
        outcomes["no reference" if steep else outcome(f, wanted.value, text)] += 1
    assert outcomes["right"] >= 0.8 * len(part), outcomes
    assert not outcomes["refused"], outcomes
