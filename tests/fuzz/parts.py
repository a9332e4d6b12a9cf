"""How many random programs are tried, and in how many tests.

``SRCAD_FUZZ`` sets how many programs of each kind are tried, and makes the choice of them random.
No test tries more than a few dozen, so that each ends in time, however many are asked for.
"""

from __future__ import annotations

import os
from random import SystemRandom

import pytest

__all__ = ["in_parts", "is_random", "seeds"]

_AT_ONCE = 40


def is_random() -> bool:
    """Whether other programs are tried each time."""
    return "SRCAD_FUZZ" in os.environ


def in_parts(usual: int) -> pytest.MarkDecorator:
    """Let a test run once for each ``part``, a range, of ``usual`` programs or so many as asked."""
    count = int(os.environ.get("SRCAD_FUZZ", str(usual)))
    n = -(-count // _AT_ONCE)
    parts = [range(count * i // n, count * (i + 1) // n) for i in range(n)]
    return pytest.mark.parametrize("part", parts, ids=lambda part: f"from_{part.start}")


def seeds(part: range) -> range:
    """The seeds of these programs; from a random one on if ``SRCAD_FUZZ`` is set."""
    first = SystemRandom().randrange(10**9) if is_random() else part.start
    return range(first, first + len(part))
