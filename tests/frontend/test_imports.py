"""Imports inside a function: their members are watched as those of the module's imports are."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

from srcad import grad
from tests.frontend.refused import load

CODE = """
def member(x):
    from settings_for_imports import SCALE
    return x * SCALE

def attribute(x):
    import settings_for_imports as settings
    return x * settings.SCALE

def helper(x):
    import settings_for_imports

    def scaled(v):
        return settings_for_imports.double(v) * settings_for_imports.SCALE
    return scaled(x)
"""

FUNCTIONS = """
def same(v):
    return v

def square(v):
    return v * v
"""


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    made = ModuleType("settings_for_imports")
    made.__dict__.update(SCALE=3.0, double=load(FUNCTIONS, tmp_path, "doubles").same)
    monkeypatch.setitem(sys.modules, "settings_for_imports", made)
    return made


@pytest.mark.parametrize("name", ["member", "attribute", "helper"])
def test_a_new_value_is_seen(name: str, settings: ModuleType, tmp_path: Path) -> None:
    df = grad(getattr(load(CODE, tmp_path, f"imports_{name}"), name))
    assert df(2.0) == 3.0
    settings.__dict__["SCALE"] = 5.0
    assert df(2.0) == 5.0


def test_a_new_function_is_seen(settings: ModuleType, tmp_path: Path) -> None:
    df = grad(load(CODE, tmp_path, "imports_function").helper)
    assert df(2.0) == 3.0
    settings.__dict__["double"] = load(FUNCTIONS, tmp_path, "doubles_2").square
    assert df(2.0) == 12.0
