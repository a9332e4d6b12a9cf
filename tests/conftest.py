"""Fixtures that any test may use."""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from tests.modules import module_of_text


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> np.random.Generator:
    """A random generator that depends on the test's name only."""
    return np.random.default_rng(zlib.crc32(request.node.name.encode()))


@pytest.fixture
def make_module(tmp_path: Path) -> Callable[[str], ModuleType]:
    """Write text into a file of its own and import it, so that `inspect` finds the source."""
    count = itertools.count()
    return lambda text: module_of_text(text, tmp_path / f"written_{next(count)}.py")
