"""Bodies that move: attitudes and filters, bodies of galaxies, schemes that step in turns."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np
import numpy.linalg as la

from tests.programs.registry import program


def product_of_quaternions(p, q):
    w0, x0, y0, z0 = p
    w1, x1, y1, z1 = q
    return np.array(
        [
            w0 * w1 - x0 * x1 - y0 * y1 - z0 * z1,
            w0 * x1 + x0 * w1 + y0 * z1 - z0 * y1,
            w0 * y1 - x0 * z1 + y0 * w1 + z0 * x1,
            w0 * z1 + x0 * y1 - y0 * x1 + z0 * w1,
        ]
    )


@program(lambda rng: (rng.normal(size=(5, 3)), rng.normal(size=3)), argnums=(0, 1))
def attitudes_by_a_gyroscope(rates, bias):
    """An array that is made in each turn, changed, and then kept in a list."""
    q = np.array([1.0, 0, 0, 0])
    history = [q]
    for w in rates:
        q = product_of_quaternions(q, np.concatenate([[1.0], 0.05 * (w - bias)]))
        q /= np.linalg.norm(q)
        history += [q]
    return sum(abs(h[1]) + h[3] ** 2 for h in history[1:])


class Landmarks:
    """An extended Kalman filter that sees landmarks."""

    def __init__(self, walk: float, noise: float) -> None:
        self.walk, self.noise = walk, noise
        self.places = {"a": np.array([1.0, 2.0]), "b": np.array([-1.0, 0.5])}

    def predict(self, pose: Any, cov: Any, v: Any, w: Any, dt: float = 0.1) -> Any:
        c, s = np.cos(pose[2]), np.sin(pose[2])
        step = np.array([[1, 0, -v * s * dt], [0, 1, v * c * dt], [0, 0, 1]])
        pose = pose + dt * np.array([v * c, v * s, w])
        return pose, step @ cov @ step.T + self.walk * np.eye(3)

    def update(self, pose: Any, cov: Any, name: str, seen: Any) -> Any:
        d = self.places[name] - pose[:2]
        r = np.hypot(*d)
        off = seen - np.array([r, np.arctan2(d[1], d[0]) - pose[2]])
        off[1] = (off[1] + np.pi) % (2 * np.pi) - np.pi
        slope = np.array([[-d[0] / r, -d[1] / r, 0], [d[1] / r**2, -d[0] / r**2, -1]])
        spread = slope @ cov @ slope.T + self.noise * np.eye(2)
        gain = cov @ slope.T @ np.linalg.inv(spread)
        cost = 0.5 * (off @ np.linalg.solve(spread, off) + np.log(np.linalg.det(spread)))
        return pose + gain @ off, (np.eye(3) - gain @ slope) @ cov, cost


ROBOT = Landmarks(0.01, 0.05)
SEEN = [("a", np.array([2.1, 1.0])), ("b", np.array([1.2, 2.4])), ("a", np.array([2.0, 0.9]))]


@program(
    lambda rng: (np.array([1.0, 1.1, 0.9]), np.array([0.1, 0.2, 0.1])),
    argnums=(0, 1),
    reference="double",
    rtol=1e-7,
)
def likelihood_of_what_a_robot_sees(speeds, turns):
    pose, cov = np.zeros(3), 0.1 * np.eye(3)
    total = 0.0
    for (v, w), (name, seen) in zip(zip(speeds, turns, strict=True), SEEN, strict=True):
        pose, cov = ROBOT.predict(pose, cov, v, w)
        pose, cov, cost = ROBOT.update(pose, cov, name, seen)
        total += cost
    return total


class Galaxy:
    """A brightness that is blurred."""

    def __init__(self, pixels: int, kind: str = "sersic", blur: Any = None) -> None:
        self.pixels, self.kind, self.blur = pixels, kind, blur
        self.profiles = {"sersic": self._sersic, "gauss": self._gauss}

    def _sersic(self, r: Any, n: Any) -> Any:
        return np.exp(-(2 * n - 1 / 3) * (r ** (1 / n) - 1))

    def _gauss(self, r: Any, n: Any) -> Any:
        return np.exp(-0.5 * r**2)

    def image(self, x0: Any, y0: Any, q: Any, n: Any) -> Any:
        yy, xx = np.mgrid[0 : self.pixels, 0 : self.pixels]
        light = self.profiles[self.kind](np.hypot(xx - x0, (yy - y0) / q) / 2 + 0.1, n)
        if self.blur is not None:
            wide = np.pad(light, len(self.blur) // 2, mode="edge")
            light = sum(
                self.blur[i, j] * wide[i : i + self.pixels, j : j + self.pixels]
                for i in range(len(self.blur))
                for j in range(len(self.blur))
            )
        return light


GALAXY = Galaxy(7, blur=np.outer([0.25, 0.5, 0.25], [0.25, 0.5, 0.25]))


@program(lambda rng: (np.array([3.1, 2.9, 0.7, 1.5]),))
def light_of_a_galaxy(parameters):
    """A method that is given an array by a star: it takes as many numbers as it has parameters."""
    return np.log(GALAXY.image(*parameters)).sum()


@program(lambda rng: (0.4, 1.7, rng.uniform(0.05, 0.95, (6, 2))), argnums=(0, 1, 2))
def mixture_of_copulas(share, theta, u):
    def clayton(u, v):
        return (
            (1 + theta) * (u * v) ** (-1 - theta) * (u**-theta + v**-theta - 1) ** (-2 - 1 / theta)
        )

    def gumbel(u, v):
        lu, lv = -np.log(u), -np.log(v)
        s = lu**theta + lv**theta
        a = s ** (1 / theta)
        tail = (lu * lv) ** (theta - 1) / (u * v) * s ** (1 / theta - 2)
        return np.exp(-a) * tail * (a + theta - 1)

    density = share * clayton(*u.T) + (1 - share) * gumbel(u[:, 0], v=u[:, 1])
    return -np.sum(np.log(density))


def tridiagonal(below, middle, above, rhs):
    n = len(rhs)
    c, d = np.empty(n), np.empty(n)
    c[0], d[0] = above[0] / middle[0], rhs[0] / middle[0]
    for i in range(1, n):
        pivot = middle[i] - below[i] * c[i - 1]
        c[i] = above[i] / pivot
        d[i] = (rhs[i] - below[i] * d[i - 1]) / pivot
    x = np.empty(n)
    x[-1] = d[-1]
    for i in range(n - 2, -1, -1):
        x[i] = d[i] - c[i] * x[i + 1]
    return x


@program(lambda rng: (rng.normal(size=(4, 4)), 0.3), argnums=(0, 1))
def heat_by_alternating_directions(u, ratio):
    """Rows of an array that was filled in the same turn, at the border zeros instead."""
    n = u.shape[0]
    off, main = np.full(n, -ratio / 2), np.full(n, 1 + ratio)
    for _ in range(2):
        half = np.empty_like(u)
        for j in range(n):
            left = u[:, j - 1] if j > 0 else 0
            right = u[:, j + 1] if j + 1 < n else 0
            rhs = u[:, j] + ratio / 2 * (right - 2 * u[:, j] + left)
            half[:, j] = tridiagonal(off, main, off, rhs)
        new = np.empty_like(u)
        for i in range(n):
            above = half[i - 1] if i > 0 else np.zeros(n)
            below = half[i + 1] if i + 1 < n else np.zeros(n)
            rhs = half[i] + ratio / 2 * (below - 2 * half[i] + above)
            new[i, :] = tridiagonal(off, main, off, rhs)
        u = new
    return np.sum(u**2)


@program(lambda rng: (np.abs(rng.normal(size=8)) + 1, rng.normal(size=8)), argnums=(0, 1))
def shallow_water_by_fluxes(h, hu):
    """Rows unpacked from an array that the next turn makes anew."""
    for _ in range(3):
        q = np.vstack((h, hu))
        flux = np.vstack((hu, hu**2 / h + 4.905 * h**2))
        fastest = np.abs(hu / h) + np.sqrt(9.81 * h)
        a = np.maximum(fastest[:-1], fastest[1:])
        f = 0.5 * (flux[:, :-1] + flux[:, 1:]) - 0.5 * a * (q[:, 1:] - q[:, :-1])
        q = q.copy()
        q[:, 1:-1] -= 0.02 * (f[:, 1:] - f[:, :-1])
        q[:, 0], q[:, -1] = q[:, 1], q[:, -2]
        h, hu = q
    return np.sum(h**2) + np.sum(hu)


def turned_about_x(angle):
    c, s = np.cos(angle / 2), np.sin(angle / 2)
    return np.array([[c, -1j * s], [-1j * s, c]])


def turned_about_z(angle):
    return np.kron(np.diag([np.exp(-0.5j * angle), np.exp(0.5j * angle)]), np.eye(2))


@program(lambda rng: (rng.normal(size=5),), reference="double", rtol=1e-7)
def two_qubits_by_kronecker_products(angles):
    """The state is filled before a loop in which nothing is known of the type of the gates."""
    flip = np.array([[0, 1], [1, 0]], dtype=complex)
    controlled = np.kron(np.diag([1, 0]), np.eye(2)) + np.kron(np.diag([0, 1]), flip)
    state = np.zeros(4, complex)
    state[0] = 1.0
    for layer in range(2):
        gates = [turned_about_x(angles[2 * layer + k]) for k in range(2)]
        state = controlled @ (functools.reduce(np.kron, gates) @ state)
    z = np.kron(np.diag([1, -1]), np.eye(2))
    return np.vdot(state, z @ turned_about_z(angles[4]) @ state).real + la.norm(state.imag)


class Pendulums(NamedTuple):
    angle: np.ndarray
    velocity: np.ndarray


def swung(state):
    velocity = state.velocity - 0.1 * np.sin(state.angle)
    return Pendulums(state.angle + 0.1 * velocity, velocity)


@program(lambda rng: (rng.standard_normal(2), rng.standard_normal(2)), argnums=(0, 1))
def angles_of_pendulums_kept_in_rows(angle, velocity):
    state = Pendulums(angle, velocity)
    path = np.zeros((4, 2))
    for row in path:
        state = swung(state)
        row[:] = state.angle
    return np.sum(path**2)
