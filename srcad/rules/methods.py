"""Methods and attributes of arrays, and the functions that do the same."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from srcad.ir.nodes import Ref

__all__ = ["ATTRIBUTES", "METHODS"]

_AS_FUNCTIONS: Final = (
    "all any argmax argmin argpartition argsort choose clip conj conjugate copy cumprod cumsum "
    "diagonal dot max mean min nonzero prod ravel repeat reshape round searchsorted squeeze std "
    "sum swapaxes take trace transpose var"
)
_OWN: Final = "astype flatten item tolist"

METHODS: Final[Mapping[str, Ref]] = MappingProxyType(
    {name: Ref(f"np.{name}", getattr(np, name)) for name in _AS_FUNCTIONS.split()}
    | {name: Ref(f"np.ndarray.{name}", getattr(np.ndarray, name)) for name in _OWN.split()}
)
"""The function that stands for a method: ``x.sum(0)`` is ``np.sum(x, 0)``."""

ATTRIBUTES: Final[Mapping[str, Ref]] = MappingProxyType(
    {
        "T": Ref("np.transpose", np.transpose),
        "dtype": Ref("np.ndarray.dtype", np.result_type),
        "imag": Ref("np.imag", np.imag),
        "ndim": Ref("np.ndim", np.ndim),
        "real": Ref("np.real", np.real),
        "shape": Ref("np.shape", np.shape),
        "size": Ref("np.size", np.size),
    }
)
"""The function that stands for an attribute: ``x.T`` is ``np.transpose(x)``."""
