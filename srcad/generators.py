"""The classes of NumPy's random generators: apart, as importing NumPy does not yet import them."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

__all__ = ["GENERATORS"]

GENERATORS: Final[Any] = (np.random.Generator, np.random.RandomState)
