"""Random programs of dataclasses, named tuples, tuples and dicts: right in both modes."""

from __future__ import annotations

from pathlib import Path
from random import Random

import numpy as np

from tests.differences import directional
from tests.fuzz.outcomes import DIRECTION, X, Y, outcome
from tests.fuzz.parts import in_parts, seeds
from tests.fuzz.records import source
from tests.modules import module_of_text


@in_parts(12)
def test_right(tmp_path: Path, part: range) -> None:
    for seed in seeds(part):
        text = source(Random(seed))
        f = module_of_text(text, tmp_path / f"records_{seed}.py").f
        with np.errstate(all="ignore"):
            wanted = directional(f, (X, Y), DIRECTION)
        if wanted.error < 1e-10 * (1 + abs(wanted.value)):
            assert outcome(f, wanted.value, text) == "right", text
