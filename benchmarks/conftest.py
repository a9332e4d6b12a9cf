"""Pins the threads before anything imports NumPy."""

from __future__ import annotations

import benchmarks.threads  # noqa: F401
