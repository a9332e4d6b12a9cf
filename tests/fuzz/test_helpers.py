"""Random programs with helpers that change arrays: right in both modes, or refused."""

from __future__ import annotations

from pathlib import Path

from tests.fuzz.helpers import source
from tests.fuzz.outcomes import tried
from tests.fuzz.parts import in_parts, seeds


@in_parts(6)
def test_right_or_refused(tmp_path: Path, part: range) -> None:
    outcomes = tried(seeds(part), tmp_path, source)
    assert outcomes["right"] >= 0.4 * len(part), outcomes
