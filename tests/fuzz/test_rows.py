"""Random programs of changes in place against differences: right in both modes, or refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.fuzz.outcomes import outcome, tried
from tests.fuzz.parts import in_parts, seeds
from tests.fuzz.rows import source

ARGS = (
    np.array([0.62, -0.35, 1.1]),
    np.array([[0.62, -0.35, 0.47], [-0.24, 0.83, 0.66], [1.21, 0.15, -0.9]]),
)
DIRECTION = (
    np.array([0.3, -0.2, 0.15]),
    np.array([[0.1, -0.1, 0.3], [0.2, 0.12, -0.22], [-0.3, 0.25, 0.15]]),
)


@in_parts(12)
def test_right_or_refused(tmp_path: Path, part: range) -> None:
    outcomes = tried(seeds(part), tmp_path, source, outcome, ARGS, DIRECTION)
    assert outcomes["right"] >= 0.8 * len(part), outcomes
