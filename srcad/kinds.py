"""Classes to test values of the user's against.

They are typed `Any`, so that a test leaves the static type of a value as it was, which is `Any`
too: `isinstance(x, np.ndarray)` would make it an array of unknown everything.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

__all__ = ["ARRAY", "DICT", "FLOATING", "LIST", "NUMBER", "NUMBERS", "PLAIN", "SEQUENCE", "TUPLE"]

ARRAY: Final[Any] = np.ndarray
DICT: Final[Any] = dict
LIST: Final[Any] = list
NUMBER: Final[Any] = np.generic
FLOATING: Final[Any] = (float, complex, np.inexact)
SEQUENCE: Final[Any] = (tuple, list)
TUPLE: Final[Any] = tuple

# To be looked up by a value's very class, which is quicker than `isinstance`.
NUMBERS: Final[frozenset[type]] = frozenset(
    {float, int, bool, complex} | {np.dtype(c).type for c in "?bhilqBHILQefdgFDG"}
)
PLAIN: Final[frozenset[type]] = NUMBERS | {str, type(None)}
