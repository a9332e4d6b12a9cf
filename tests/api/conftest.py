"""The compiler is stood in for where a test is about what surrounds it."""

from __future__ import annotations

import importlib.util
import os
import sys

import pytest

from tests.api.fake_pipeline import Fake


@pytest.fixture
def fake(monkeypatch):
    """The stand-in, in place of ``srcad.pipeline``."""
    made = Fake()
    monkeypatch.setitem(sys.modules, "srcad.pipeline", made)
    return made


@pytest.fixture
def compiler(monkeypatch):
    """The compiler itself, or, while there is none, the stand-in."""
    if os.environ.get("SRCAD_FAKE") or importlib.util.find_spec("srcad.pipeline") is None:
        monkeypatch.setitem(sys.modules, "srcad.pipeline", Fake())
