"""Random programs whose helpers meet arrays of many lengths, against differences."""

from __future__ import annotations

from pathlib import Path

from tests.fuzz.lengths import source
from tests.fuzz.outcomes import tried
from tests.fuzz.parts import in_parts, seeds


@in_parts(16)
def test_right(tmp_path: Path, part: range) -> None:
    outcomes = tried(seeds(part), tmp_path, source)
    assert outcomes["right"] >= 0.8 * len(part), outcomes
    assert not outcomes["refused"], outcomes
