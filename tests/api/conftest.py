"""The compiler is stood in for where a test is about what surrounds it."""

from __future__ import annotations

import sys

import pytest

from tests.api.fake_pipeline import Fake


@pytest.fixture
def fake(monkeypatch):
    """The stand-in, in place of ``srcad.pipeline``."""
    made = Fake()
    monkeypatch.setitem(sys.modules, "srcad.pipeline", made)
    return made
