"""Models of orbits, circuits, layers, fronts and fields, as their makers keep them."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from tests.programs.registry import program

log = logging.getLogger(__name__)


class Orbit(NamedTuple):
    a: Any
    e: Any
    tilt: Any
    omega: Any
    start: Any


def solve_kepler(mean, e, *, tol=1e-16, most=50):
    angle = mean + e * np.sin(mean)
    for k in range(most):
        step = (angle - e * np.sin(angle) - mean) / (1.0 - e * np.cos(angle))
        angle = angle - step
        if np.max(np.abs(step)) < tol:
            log.debug("converged after %d steps", k)
            break
    else:
        log.debug("not converged")
    return angle


@program(
    lambda rng: (Orbit(1.2, 0.3, 0.7, 1.1, 0.2), np.linspace(0.5, 4.7, 6), rng.normal(size=6)),
    argnums=(0, 2),
)
def velocities_of_a_star(orbit, times, seen):
    if not 0 <= orbit.e < 1:
        raise ValueError(f"eccentricity {orbit.e} out of range")
    n = np.sqrt(0.4 / orbit.a**3)
    mean = np.mod(n * (times - orbit.start), 2 * np.pi)
    angle = solve_kepler(mean, orbit.e)
    across = np.sqrt(1 + orbit.e) * np.sin(angle / 2)
    true = 2 * np.arctan2(across, np.sqrt(1 - orbit.e) * np.cos(angle / 2))
    size = n * orbit.a * np.sin(orbit.tilt) / np.sqrt(1 - orbit.e**2)
    speeds = size * (np.cos(true + orbit.omega) + orbit.e * np.cos(orbit.omega))
    return np.sum((speeds - seen) ** 2)


@dataclass
class Particle:
    x: Any
    v: Any
    m: Any = 1.0

    def kinetic(self):
        return 0.5 * self.m * self.v @ self.v

    def kicked(self, force, dt):
        return replace(self, v=self.v + dt * force / self.m)

    def drifted(self, dt):
        return replace(self, x=self.x + dt * self.v)


@program(lambda rng: (rng.normal(size=(3, 2)), rng.uniform(1, 2, 3)), argnums=(0, 1))
def particles_that_attract_each_other(places, masses):
    particles = [Particle(x, np.zeros(2), m) for x, m in zip(places, masses, strict=True)]
    for _ in range(2):
        forces = []
        for i, p in enumerate(particles):
            force = np.zeros(2)
            for j, q in enumerate(particles):
                if i != j:
                    d = q.x - p.x
                    force += p.m * q.m * d / (d @ d + 0.1) ** 1.5
            forces.append(force)
        particles = [
            p.kicked(force, 0.1).drifted(0.1) for p, force in zip(particles, forces, strict=True)
        ]
    return sum(p.kinetic() for p in particles)


class Circuit:
    """Elements between nodes; node 0 is the ground."""

    def __init__(self) -> None:
        self.elements: list[Any] = []

    def add(self, kind: str, a: int, b: int, name: str) -> Circuit:
        self.elements.append((kind, a, b, name))
        return self


RECTIFIER = Circuit().add("R", 1, 2, "r1").add("D", 2, 0, "d1").add("R", 2, 0, "r2")


@program(
    lambda rng: ({"r1": 100.0, "r2": 220.0, "d1": 0.06, "v1": 2.0},),
    reference="double",
    rtol=1e-5,
)
def voltage_behind_a_diode(values):
    v = np.array([values["v1"], 0.6])
    for _ in range(60):
        slopes, currents = np.zeros((2, 2)), np.zeros(2)
        for kind, a, b, name in RECTIFIER.elements:
            ua, ub = v[a - 1] if a else 0.0, v[b - 1] if b else 0.0
            if kind == "R":
                g = 1 / values[name]
                i = g * (ua - ub)
            elif kind == "D":
                g = 1e-5 * np.exp((ua - ub) / values[name]) / values[name]
                i = g * values[name] - 1e-5
            else:
                continue
            for node, sign in ((a, 1), (b, -1)):
                if node:
                    currents[node - 1] += sign * i
                    slopes[node - 1, node - 1] += g
            if a and b:
                slopes[a - 1, b - 1] -= g
                slopes[b - 1, a - 1] -= g
        currents[0] = v[0] - values["v1"]
        slopes[0] = [1.0, 0.0]
        v = v + np.clip(np.linalg.solve(slopes, -currents), -0.1, 0.1)
    return v[1]


@program(lambda rng: (np.array([10.0, 100.0, 50.0]), np.array([50.0, 80.0])), argnums=(0, 1))
def layers_that_conduct(resistivity, thickness):
    """Complex impedances from below."""
    misfit = 0.0
    for f in [0.1, 10.0, 100.0]:
        w = 2 * np.pi * f
        z = np.sqrt(1j * w * 1.25e-6 * resistivity[-1])
        for j in range(len(thickness) - 1, -1, -1):
            k = np.sqrt(1j * w * 1.25e-6 / resistivity[j])
            own = k * resistivity[j]
            echo = np.exp(-2 * k * thickness[j]) * (own - z) / (own + z)
            z = own * (1 - echo) / (1 + echo)
        phase = np.degrees(np.arctan2(z.imag, z.real))
        misfit += (np.log(np.abs(z) ** 2 / (1.25e-6 * w)) - 3) ** 2 + (phase - 45) ** 2 * 1e-2
    return misfit


@program(lambda rng: (1 + rng.uniform(size=(4, 4)),))
def first_arrivals_by_sweeping(slowness):
    n = slowness.shape[0]
    t = np.full((n, n), 1e3)
    t[0, 0] = 0.0
    for di, dj in [(1, 1), (-1, 1)]:
        for i in range(n)[::di]:
            for j in range(n)[::dj]:
                a = min(t[i - 1, j] if i > 0 else 1e3, t[i + 1, j] if i < n - 1 else 1e3)
                b = min(t[i, j - 1] if j > 0 else 1e3, t[i, j + 1] if j < n - 1 else 1e3)
                h = slowness[i, j]
                if abs(a - b) >= h:
                    new = min(a, b) + h
                else:
                    new = 0.5 * (a + b + np.sqrt(2 * h * h - (a - b) ** 2))
                t[i, j] = min(t[i, j], new)
    return t[-1, -1] + t[0, -1] ** 2


def coarse(r):
    out = np.zeros((len(r) + 1) // 2)
    out[1:-1] = 0.25 * (r[1:-3:2] + 2 * r[2:-2:2] + r[3:-1:2])
    return out


def fine(e):
    out = np.zeros(2 * len(e) - 1)
    out[::2] = e
    out[1::2] = 0.5 * (e[:-1] + e[1:])
    return out


def v_cycle(u, f, h):
    u = u.copy()
    if len(u) <= 3:
        u[1] = 0.5 * (h * h * f[1] + u[0] + u[2])
        return u
    for _ in range(2):
        u[1:-1] = u[1:-1] / 3 + (u[:-2] + u[2:] + h * h * f[1:-1]) / 3
    rest = np.zeros_like(u)
    rest[1:-1] = f[1:-1] + (u[:-2] - 2 * u[1:-1] + u[2:]) / (h * h)
    u += fine(v_cycle(np.zeros((len(u) + 1) // 2), coarse(rest), 2 * h))
    u[1:-1] = u[1:-1] / 3 + (u[:-2] + u[2:] + h * h * f[1:-1]) / 3
    return u


@program(lambda rng: (rng.normal(size=9),))
def poisson_by_grids(f):
    u = np.zeros(9)
    for _ in range(2):
        u = v_cycle(u, f, 1 / 8)
    return np.sum(u * f)
