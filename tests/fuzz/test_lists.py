"""Random programs over lists of arrays against differences: right in both modes."""

from __future__ import annotations

from pathlib import Path
from random import Random

import numpy as np

from tests.differences import directional
from tests.fuzz.lists import source
from tests.fuzz.outcomes import outcome
from tests.fuzz.parts import in_parts, seeds
from tests.modules import module_of_text


@in_parts(12)
def test_right(tmp_path: Path, part: range) -> None:
    rights = 0
    for seed in seeds(part):
        text = source(Random(seed))
        f = module_of_text(text, tmp_path / f"lists_{seed}.py").f
        rng = np.random.default_rng(seed)

        def lists(rng: np.random.Generator = rng) -> tuple[object, ...]:
            rows = [list(rng.standard_normal((3, 3))) for _ in range(2)]
            return (*rows, rng.standard_normal(3))

        args, direction = lists(), lists()
        with np.errstate(all="ignore"):
            wanted = directional(f, args, direction)
        if wanted.error < 1e-10 * (1 + abs(wanted.value)) < 1e-4:
            rights += outcome(f, wanted.value, text, args, direction) == "right"
    assert rights >= 0.8 * len(part)
