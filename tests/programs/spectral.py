"""Programs of spectra: discrete Fourier transforms and symmetric eigenvalues."""

from __future__ import annotations

import numpy as np

from tests.programs.registry import program


@program(lambda rng: (rng.standard_normal(7),))
def power_spectrum(signal):
    spectrum = np.fft.rfft(signal)
    power = np.abs(spectrum) ** 2
    return np.sum(power * np.arange(len(power))) + np.log(power[1])


@program(lambda rng: (rng.standard_normal(6), rng.standard_normal(4)), argnums=(0, 1))
def convolution_by_spectra(x, h):
    n = len(x) + len(h) - 1
    y = np.fft.irfft(np.fft.rfft(x, n) * np.fft.rfft(h, n), n)
    return np.sum(y[: len(x)] ** 2)


@program(lambda rng: (rng.standard_normal(8),))
def poisson_equation(f):
    k = 2 * np.pi * np.fft.fftfreq(len(f), 1 / len(f))
    inverse = np.where(k == 0, 0.0, 1 / np.where(k == 0, 1.0, k**2))
    u = np.real(np.fft.ifft(np.fft.fft(f) * inverse))
    return np.dot(u, f)


@program(lambda rng: (rng.standard_normal((3, 4)),))
def blurred_image(image):
    rows = np.fft.fftfreq(3)[:, None]
    columns = np.fft.fftfreq(4)[None, :]
    blur = np.exp(-10.0 * (rows**2 + columns**2))
    blurred = np.real(np.fft.ifft2(np.fft.fft2(image) * blur))
    middle = np.fft.fftshift(blurred, axes=1)
    return np.sum(middle[:, 1:3] ** 2) * np.sum(blurred[0])


@program(lambda rng: (rng.standard_normal(9) + 2.0,))
def short_time_spectra(x):
    total = 0.0
    for start in range(0, len(x) - 3, 2):
        frame = np.fft.fft(x[start : start + 4] * np.array([0.5, 1.0, 1.0, 0.5]), norm="ortho")
        total = total + np.sum(np.log(1.0 + np.abs(frame)))
    return total


@program(lambda rng: (0.3,), analytic=True)
def frequencies_of_a_step(step):
    return np.sum(np.fft.fftfreq(5, step) ** 2) + np.fft.rfftfreq(4, d=step)[1]


@program(lambda rng: (rng.standard_normal((4, 4)),))
def modes_of_a_chain(a):
    stiffness = a @ a.T + np.diag([0.0, 4.0, 9.0, 15.0])
    w, v = np.linalg.eigh(stiffness)
    start = v.T @ np.array([1.0, 0.0, 0.0, 0.0])
    return np.sum(v[:, -1] ** 2 * start**2) + np.sum(np.cos(np.sqrt(w)) * start**2)


@program(lambda rng: (rng.standard_normal((3, 3)),))
def whitened(a):
    values, vectors = np.linalg.eigh(a @ a.T + np.diag([1.0, 5.0, 9.0]))
    root = (vectors * np.sqrt(values)) @ vectors.T
    return root[0, 1] * root[2, 2]


@program(lambda rng: (rng.standard_normal((3, 3)),))
def lowest_energies(h):
    energies = np.linalg.eigvalsh(h + h.T + np.diag([0.0, 6.0, 12.0]))
    return energies[0] * energies[1]


def marginal(a, axes=(-2, -1), powers=((2, 3), (1,))):
    return np.sum(a, axis=axes) ** powers[0][1] + powers[1][0]


@program(lambda rng: (rng.standard_normal((2, 3, 2)),), analytic=True)
def tuples_as_defaults(a):
    return np.prod(marginal(a)) + marginal(a, (0, 1))[0]


@program(lambda rng: (rng.normal(size=8), 0.2), argnums=(0, 1))
def shrunken_wavelets(signal, threshold):
    details = []
    rest = signal
    while len(rest) > 1:
        even, odd = rest[::2], rest[1::2]
        details.append((even - odd) / np.sqrt(2))
        rest = (even + odd) / np.sqrt(2)
    details = [np.sign(d) * np.maximum(np.abs(d) - threshold, 0) for d in details]
    for d in reversed(details):
        longer = np.empty(2 * len(rest))
        longer[::2] = (rest + d) / np.sqrt(2)
        longer[1::2] = (rest - d) / np.sqrt(2)
        rest = longer
    return np.sum((rest - signal) ** 2) + threshold * sum(np.sum(np.abs(d)) for d in details)


@program(lambda rng: (rng.standard_normal(6), rng.standard_normal(4)), argnums=(0, 1))
def real_parts_of_what_has_no_name_are_changed(x, kernel):
    smooth = np.fft.irfft(np.fft.rfft(x) * kernel) * 1j
    for k in range(2):
        y = np.real(np.exp(smooth * x[k]))
        y[1:] *= y[:-1]
        z = np.fft.ifft(y * x).imag
        z -= kernel[k]
        smooth = smooth + z * y
    return np.sum(np.abs(smooth) ** 2)
