"""Derivatives compiled by Numba: what it needs to be written otherwise is rewritten here, and nowhere else."""

from __future__ import annotations

from srcad.backends.numba.compile import Compiled, compile_with_numba

__all__ = ["Compiled", "compile_with_numba"]
