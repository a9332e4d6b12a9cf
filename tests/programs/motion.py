"""Bodies that move, and what is seen of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.programs.registry import program


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
