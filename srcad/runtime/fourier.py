"""Slopes and transposes of discrete Fourier transforms."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Final

import numpy as np

__all__ = ["irfft_bar", "resized", "rfft_bar"]


def resized(t: Any, extent: int, axis: int) -> Any:
    """``t``, cut or filled up with zeros at its end to have that ``extent`` along ``axis``.

    So do the transforms with their operand, for an ``n`` that is not its length.

    Examples
    --------
    >>> resized(np.ones(3), 2, -1).tolist(), resized(np.ones(2), 3, 0).tolist()
    ([1.0, 1.0], [1.0, 1.0, 0.0])
    """
    there = np.shape(t)[axis]
    if extent <= there:
        return np.moveaxis(np.moveaxis(t, axis, 0)[:extent], 0, axis)
    widths = [(0, 0)] * np.ndim(t)
    widths[axis] = (0, extent - there)
    return np.pad(t, widths)


def rfft_bar(t: Any, n: int | None, extent: int, axis: int, norm: Any) -> Any:
    """The cotangent of an operand of `numpy.fft.rfft` with ``extent`` items along ``axis``.

    Examples
    --------
    >>> rfft_bar(np.array([1.0, 0.0]), None, 3, -1, None).tolist()
    [1.0, 1.0, 1.0]
    """
    return resized(np.real(np.fft.fft(t, extent if n is None else n, axis, norm)), extent, axis)


_OPPOSITE: Final[Any] = MappingProxyType(
    {None: "forward", "backward": "forward", "forward": "backward", "ortho": "ortho"}
)


def irfft_bar(t: Any, extent: int, axis: int, norm: str | None) -> Any:
    """The cotangent of an operand of `numpy.fft.irfft` with ``extent`` items along ``axis``.

    The transform takes each item for itself and for its conjugate at the frequency below zero, but
    those that are their own.

    Examples
    --------
    >>> np.abs(irfft_bar(np.array([1.0, 0.0, 0.0, 0.0]), 3, -1, "forward")).tolist()
    [1.0, 2.0, 1.0]
    """
    n = np.shape(t)[axis]
    weights = np.full(n // 2 + 1, 2.0, np.result_type(t))
    weights[0] = 1.0
    if n % 2 == 0:
        weights[-1] = 1.0
    found = np.conj(np.moveaxis(np.fft.rfft(t, None, axis, _OPPOSITE[norm]), axis, -1)) * weights
    return resized(np.moveaxis(found, -1, axis), extent, axis)
