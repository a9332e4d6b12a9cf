"""What srcad refuses today of the corpus: never wrong, but not done.

``EVERYWHERE`` are programs that are refused whatever is asked of them. The others are refused when their
derivative is differentiated again: generated code that restores arrays in place holds them in records, and
which record holds which array is not proved. Whoever makes one of them work takes it off its list: the
tests fail as long as a name stands here that is not refused.
"""

from __future__ import annotations

EVERYWHERE: frozenset[str] = frozenset()
FORWARD_OVER_REVERSE: frozenset[str] = frozenset()
REVERSE_OVER_REVERSE: frozenset[str] = frozenset()
REVERSE_OVER_FORWARD: frozenset[str] = frozenset()
THIRD_BY_REVERSE: frozenset[str] = frozenset()
