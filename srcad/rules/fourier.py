"""Discrete Fourier transforms.

The matrix of `numpy.fft.fft`, and of its inverse, is symmetric: it is its own transpose.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from srcad import runtime
from srcad.rules.declare import coupled, linear
from srcad.rules.samples import array, of
from srcad.rules.table import Sample
from srcad.types.lattice import Array, Dim, Static, Type
from srcad.types.layouts import dims_of
from srcad.types.shapes import dtype_of, known_value, shape_of

__all__: list[str] = []

AtConstant = Callable[[Mapping[str, object], bool], Mapping[str, str]]


def _spectral(a: Type) -> np.dtype[Any]:
    dtype = dtype_of(a)
    if dtype.kind not in "fc" or dtype.itemsize < 4:
        return np.dtype(complex)
    return np.result_type(dtype, np.complex64)


def _along(a: Type, axis: Type, dim: Dim) -> tuple[Dim, ...]:
    shape, at = list(shape_of(a)), known_value(axis)
    if not isinstance(at, int) or not -len(shape) <= at < len(shape):
        raise LookupError("no axis")
    shape[at] = dim
    return tuple(shape)


def _spectrum(a: Type, n: Type, axis: Type, norm: Type) -> Type:
    del norm
    shape = shape_of(a) if n == Static(None) else _along(a, axis, dims_of(n)[0])
    return Array(_spectral(a), shape)


def _half_spectrum(a: Type, n: Type, axis: Type, norm: Type) -> Type:
    del n, norm
    return Array(_spectral(a), _along(a, axis, None))


def _signal(a: Type, n: Type, axis: Type, norm: Type) -> Type:
    del norm
    if dtype_of(a).itemsize < 4:
        raise LookupError("half precision")
    real = np.finfo(_spectral(a)).dtype
    return Array(real, _along(a, axis, None if n == Static(None) else dims_of(n)[0]))


def _given(known: Mapping[str, object]) -> str:
    """The arguments after ``n`` that differ from the defaults."""
    axis = "" if known.get("axis") == -1 else ", axis=axis"
    return axis + (", norm=norm" if known.get("norm", "") is not None else "")


def _by(fn: str) -> AtConstant:
    """The cotangent where ``n`` is that of the operand."""

    def at_constant(known: Mapping[str, object], real: bool) -> Mapping[str, str]:
        del real  # a spectrum is not
        if known.get("n", "") is not None:
            return {}
        return {"a": f"unbroadcast({fn}(g{_given(known)}), a)"}

    return at_constant


def _of_half(known: Mapping[str, object], real: bool) -> Mapping[str, str]:
    del real  # `a` is, whatever is known of it
    if known.get("n", "") is not None:
        return {}
    return {"a": f"np.real(np.fft.fft(g, np.size(a, axis){_given(known)}))"}


def _samples(*operands: Any, even: bool = True) -> tuple[Sample, ...]:
    more = 6 if even else 5
    return (
        *(of(a) for a in operands),
        of(operands[0], more),
        of(operands[0], 3, norm="ortho"),
        of(operands[1], axis=0, norm="forward"),
        of(operands[1], more, 0),
    )


_REAL = (array(4), array(3, 5))
_COMPLEX = (array(4) + 0.5j * array(4, seed=3), array(3, 2) - 1j * array(3, 2, seed=4))

for _fn, _name in ((np.fft.fft, "np.fft.fft"), (np.fft.ifft, "np.fft.ifft")):
    linear(
        _fn,
        "a, n=None, axis=-1, norm=None -> y",
        a=f"unbroadcast(resized({_name}(g, axis=axis, norm=norm), np.size(a, axis), axis), a)",
        at_constant=_by(_name),
        result=_spectrum,
        samples=lambda: (*_samples(*_REAL), *_samples(*_COMPLEX)),
    )
linear(
    np.fft.rfft,
    "a, n=None, axis=-1, norm=None -> y",
    a="rfft_bar(g, n, np.size(a, axis), axis, norm)",
    at_constant=_of_half,
    result=_half_spectrum,
    samples=lambda: _samples(*_REAL),
)
linear(
    runtime.rfft_bar,
    "t, n, extent, axis, norm -> a_bar",
    t="np.fft.rfft(g, n, axis, norm)",
    samples=lambda: (
        of(_COMPLEX[0][:3], None, 4, -1, None, wrt=("t",)),
        of(_COMPLEX[0][:3], 5, 4, 0, "ortho", wrt=("t",)),
        of(_COMPLEX[1].T, 4, 6, 1, "forward", wrt=("t",)),
    ),
)
linear(
    np.fft.irfft,
    "a, n=None, axis=-1, norm=None -> y",
    a="unbroadcast(irfft_bar(g, np.size(a, axis), axis, norm), a)",
    result=_signal,
    samples=lambda: (*_samples(*_COMPLEX), *_samples(*_COMPLEX, even=False), *_samples(*_REAL)),
)
linear(
    runtime.irfft_bar,
    "t, extent, axis, norm -> a_bar",
    t="np.fft.irfft(g, np.size(t, axis), axis, norm)",
    samples=lambda: (
        of(array(6), 4, -1, None, wrt=("t",)),
        of(array(5), 3, 0, "ortho", wrt=("t",)),
        of(array(2, 6), 2, 1, "forward", wrt=("t",)),
        of(array(4), 5, -1, "backward", wrt=("t",)),
    ),
)


def _resized(t: Type, extent: Type, axis: Type) -> Type:
    return Array(dtype_of(t), _along(t, axis, dims_of(extent)[0]))


linear(
    runtime.resized,
    "t, extent, axis -> y",
    t="resized(g, np.size(t, axis), axis)",
    result=_resized,
    shares=("t",),
    samples=lambda: (
        of(array(3), 2, -1, wrt=("t",)),
        of(array(2, 3), 4, 0, wrt=("t",)),
        of(array(2, 3), 3, 1, wrt=("t",)),
    ),
)

# --- several axes --------------------------------------------------------------------------------


def _by_several(fn: str, usual: object) -> AtConstant:
    """The cotangent over the ``usual`` axes."""

    def at_constant(known: Mapping[str, object], real: bool) -> Mapping[str, str]:
        del real
        if known.get("axes", "") != usual or known.get("norm", "") is not None:
            return {}
        return {"a": f"unbroadcast({fn}(g), a)"}

    return at_constant


def _spectrum_of_axes(a: Type, s: Type, axes: Type, norm: Type) -> Type:
    del s, axes, norm
    return Array(_spectral(a), shape_of(a))


for _fn, _name, _axes in (
    (np.fft.fft2, "np.fft.fft2", "(-2, -1)"),
    (np.fft.ifft2, "np.fft.ifft2", "(-2, -1)"),
    (np.fft.fftn, "np.fft.fftn", "None"),
    (np.fft.ifftn, "np.fft.ifftn", "None"),
):
    linear(
        _fn,
        f"a, s=None, axes={_axes}, norm=None -> y",
        only={"s": (None,)},
        a=f"unbroadcast({_name}(g, axes=axes, norm=norm), a)",
        at_constant=_by_several(_name, ast.literal_eval(_axes)),
        result=_spectrum_of_axes,
        samples=lambda: (
            of(array(3, 4)),
            of(array(2, 3, 2) + 1j * array(2, 3, 2, seed=2)),
            of(array(2, 3, 4), axes=(0, 1), norm="ortho"),
        ),
    )

# --- order and frequencies -----------------------------------------------------------------------


def _shifted(x: Type, axes: Type) -> Type:
    del axes
    return Array(dtype_of(x), shape_of(x))


for _fn, _back in (
    (np.fft.fftshift, "np.fft.ifftshift"),
    (np.fft.ifftshift, "np.fft.fftshift"),
):
    linear(
        _fn,
        "x, axes=None -> y",
        x=f"{_back}(g, axes)",
        result=_shifted,
        samples=lambda: (of(array(5)), of(array(3, 4)), of(array(3, 4), axes=0)),
    )


def _frequencies(n: Type, d: Type) -> Type:
    del n
    return Array(np.result_type(dtype_of(d), float), (None,))


for _fn in (np.fft.fftfreq, np.fft.rfftfreq):
    coupled(
        _fn,
        "n, d=1.0 -> f",
        cotangents={"d": "-np.sum(g * f) / d"},
        tangents={"d": "-g * f / d"},
        result=_frequencies,
        samples=lambda: (of(5, 0.3, wrt=("d",)), of(4, 2.0, wrt=("d",))),
    )
