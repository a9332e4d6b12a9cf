"""Classes to test values of the user's against.

They are typed `Any`, so that a test leaves the static type of a value as it was, which is `Any`
too: `isinstance(x, np.ndarray)` would make it an array of unknown everything.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

__all__ = ["ARRAY", "DICT", "FLOATING", "LIST", "NUMBER", "SEQUENCE", "TUPLE"]

ARRAY: Final[Any] = np.ndarray
DICT: Final[Any] = dict
LIST: Final[Any] = list
NUMBER: Final[Any] = np.generic
FLOATING: Final[Any] = (float, complex, np.inexact)
SEQUENCE: Final[Any] = (tuple, list)
TUPLE: Final[Any] = tuple
