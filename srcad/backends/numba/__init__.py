"""Derivatives compiled by Numba: all that srcad knows of Numba is here."""

from __future__ import annotations

from srcad.backends.numba.compile import Compiled, compile_with_numba

__all__ = ["Compiled", "compile_with_numba"]
