"""Workloads in scalar loops, for the Numba backend: the functions as a user writes them."""

from __future__ import annotations

import math

import numpy as np

from benchmarks import loop_adjoints as by_hand
from benchmarks.workload import Args, Sizes, Workload

__all__ = ["LOOP_WORKLOADS"]


def newton_sqrt(a):
    x = a
    while abs(x * x - a) > 1e-12 * a:
        x = 0.5 * (x + a / x)
    return x


def newton_sqrt_args(_rng: np.random.Generator, a: float) -> Args:
    return (a,)


def relax(u, steps):
    v = u.copy()
    for _ in range(steps):
        v[1:-1] = 0.5 * u[1:-1] + 0.25 * (u[:-2] + u[2:])
        u[1:-1] = v[1:-1]
    return np.sum(u**2)


def relax_args(rng: np.random.Generator, points: int, steps: int) -> Args:
    return rng.normal(size=points), steps


def lotka_volterra(a, b, c, d, x, y, dt, steps):
    for _ in range(steps):
        kx1 = x * (a - b * y)
        ky1 = y * (d * x - c)
        x2 = x + 0.5 * dt * kx1
        y2 = y + 0.5 * dt * ky1
        kx2 = x2 * (a - b * y2)
        ky2 = y2 * (d * x2 - c)
        x3 = x + 0.5 * dt * kx2
        y3 = y + 0.5 * dt * ky2
        kx3 = x3 * (a - b * y3)
        ky3 = y3 * (d * x3 - c)
        x4 = x + dt * kx3
        y4 = y + dt * ky3
        kx4 = x4 * (a - b * y4)
        ky4 = y4 * (d * x4 - c)
        x += dt / 6 * (kx1 + 2 * (kx2 + kx3) + kx4)
        y += dt / 6 * (ky1 + 2 * (ky2 + ky3) + ky4)
    return x * x + y * y


def lotka_volterra_args(_rng: np.random.Generator, steps: int) -> Args:
    return 1.1, 0.4, 0.4, 0.1, 10.0, 5.0, 0.01, steps


def sir_fit(beta, gamma, first, counts, substeps, dt):
    s = 1.0 - first
    i = first
    misfit = 0.0
    for count in counts:
        for _ in range(substeps):
            infected = dt * beta * s * i
            recovered = dt * gamma * i
            s -= infected
            i += infected - recovered
        misfit += (i - count) ** 2
    return misfit


def sir_fit_args(rng: np.random.Generator, counts: int, substeps: int) -> Args:
    return 1.7, 0.45, 0.01, rng.uniform(0, 0.4, counts), substeps, 1 / substeps


def bundle_adjustment(cameras, points, seen, camera_of, point_of):
    total = 0.0
    for n in range(len(seen)):
        i = camera_of[n]
        j = point_of[n]
        # rotate by the vector (wx, wy, wz): Rodrigues' formula
        wx, wy, wz = cameras[i, 0], cameras[i, 1], cameras[i, 2]
        X, Y, Z = points[j, 0], points[j, 1], points[j, 2]
        theta = math.sqrt(wx * wx + wy * wy + wz * wz)
        kx, ky, kz = wx / theta, wy / theta, wz / theta
        cos, sin = math.cos(theta), math.sin(theta)
        dot = (kx * X + ky * Y + kz * Z) * (1 - cos)
        px = X * cos + (ky * Z - kz * Y) * sin + kx * dot + cameras[i, 3]
        py = Y * cos + (kz * X - kx * Z) * sin + ky * dot + cameras[i, 4]
        pz = Z * cos + (kx * Y - ky * X) * sin + kz * dot + cameras[i, 5]
        # project, with radial distortion
        u = -px / pz
        v = -py / pz
        r2 = u * u + v * v
        scale = cameras[i, 6] * (1 + r2 * (cameras[i, 7] + r2 * cameras[i, 8]))
        total += (scale * u - seen[n, 0]) ** 2 + (scale * v - seen[n, 1]) ** 2
    return 0.5 * total


def bundle_adjustment_args(
    rng: np.random.Generator, n_cameras: int, n_points: int, n_seen: int
) -> Args:
    cameras = np.concatenate(
        [
            rng.normal(0, 0.3, (n_cameras, 3)),
            rng.normal(0, 0.3, (n_cameras, 2)),
            rng.normal(-5, 0.3, (n_cameras, 1)),
            rng.uniform(0.8, 1.2, (n_cameras, 1)),
            rng.normal(0, 0.05, (n_cameras, 2)),
        ],
        axis=1,
    )
    return (
        cameras,
        rng.normal(size=(n_points, 3)),
        rng.normal(0, 0.3, (n_seen, 2)),
        rng.integers(n_cameras, size=n_seen),
        rng.integers(n_points, size=n_seen),
    )


def rosenbrock(x):
    total = 0.0
    for i in range(len(x) - 1):
        total += 100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2
    return total


def rosenbrock_args(rng: np.random.Generator, n: int) -> Args:
    return (rng.normal(size=n),)


LOOP_WORKLOADS = (
    Workload(
        "newton_sqrt",
        newton_sqrt,
        by_hand.newton_sqrt,
        (0,),
        newton_sqrt_args,
        # So far from its start that the iteration, and not the call, takes the time.
        Sizes((2.0,), (1e150,)),
    ),
    Workload("relax", relax, by_hand.relax, (0,), relax_args, Sizes((6, 3), (1000, 200))),
    Workload(
        "Lotka-Volterra RK4",
        lotka_volterra,
        by_hand.lotka_volterra,
        (0, 1, 2, 3, 4, 5),
        lotka_volterra_args,
        Sizes((5,), (10_000,)),
    ),
    Workload(
        "SIR fit", sir_fit, by_hand.sir_fit, (0, 1, 2), sir_fit_args, Sizes((3, 4), (14, 1000))
    ),
    Workload(
        "bundle adjustment",
        bundle_adjustment,
        by_hand.bundle_adjustment,
        (0, 1),
        bundle_adjustment_args,
        Sizes((2, 3, 4), (20, 500, 5000)),
    ),
    Workload(
        "Rosenbrock", rosenbrock, by_hand.rosenbrock, (0,), rosenbrock_args, Sizes((5,), (100_000,))
    ),
)
