"""Random programs full of aliases against differences: right in both modes, or refused."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from tests.fuzz.aliases import source
from tests.fuzz.outcomes import tried
from tests.fuzz.parts import in_parts, seeds


@pytest.mark.parametrize("calls", [False, True], ids=["alone", "with_calls"])
@in_parts(20)
def test_right_or_refused(tmp_path: Path, part: range, calls: bool) -> None:
    outcomes = tried(seeds(part), tmp_path, partial(source, calls=calls))
    assert outcomes["right"] >= 0.5 * len(part), outcomes
