"""Real and imaginary parts, conjugates, angles. Cotangents follow JAX's convention."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from srcad.rules.declare import elementwise
from srcad.rules.samples import array, of
from srcad.rules.table import Sample

__all__: list[str] = []


def _samples() -> Iterator[Sample]:
    yield of(array(3))
    yield of(array(3) + 1j * array(3, seed=1))
    yield of(0.5 + 0.25j)


elementwise(
    np.real,
    "x -> y",
    # Complex, as other cotangents are added to it in place.
    x="g + 0j",
    real={"x": "g"},
    tangents={"x": "np.real(g)"},
    real_tangents={"x": "g"},
    shares=("x",),
    samples=_samples,
)
elementwise(
    np.imag,
    "x -> y",
    x="-1j * g",
    real={"x": "0.0 * g"},
    tangents={"x": "np.imag(g)"},
    real_tangents={"x": "0.0 * g"},
    shares=("x",),
    samples=_samples,
)
elementwise(
    np.conjugate,
    "x -> y",
    x="np.conj(g)",
    real={"x": "g"},
    samples=_samples,
)
elementwise(
    np.angle,
    "x -> y",
    x="-1j * g / x",
    # The angle of a real number is 0 or pi.
    real={"x": "0.0 * g"},
    tangents={"x": "np.imag(g / x)"},
    real_tangents={"x": "0.0 * g"},
    samples=lambda: (of(array(3) + 1j * array(3, seed=1)), of(0.5 + 0.25j), of(array(3))),
)
