"""Writes whose old contents nothing needs: which programs record none, and which have to."""

from __future__ import annotations

import pytest

from srcad import grad
from tests.programs.registry import Program, all_programs

RECURRENCES = {p.name: p for p in all_programs() if p.fn.__module__ == "tests.programs.recurrences"}
SPARED = [n for n, p in RECURRENCES.items() if "moves on" in p.tags]


def text(p: Program) -> str:
    return grad(p.fn, argnums=p.argnums).source_for(*p.args(p.rng()))


@pytest.mark.parametrize("name", SPARED)
def test_no_contents_are_kept(name: str) -> None:
    assert "_old" not in text(RECURRENCES[name])


@pytest.mark.parametrize("name", sorted(RECURRENCES.keys() - set(SPARED)))
def test_contents_are_kept_where_they_are_read(name: str) -> None:
    assert "_old.append(" in text(RECURRENCES[name])
