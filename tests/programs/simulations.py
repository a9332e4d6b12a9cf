"""Programs that simulate: differential equations, stencils, particles."""

from __future__ import annotations

import numpy as np

from tests.programs.registry import program


def lotka_volterra_rate(y, p):
    return np.array([p[0] * y[0] - p[1] * y[0] * y[1], p[2] * y[0] * y[1] - p[3] * y[1]])


@program(
    lambda rng: (np.array([1.0, 0.5]), np.array([1.1, 0.4, 0.1, 0.4]), 0.1, 5),
    argnums=(0, 1),
    analytic=True,
)
def lotka_volterra(y, p, h, steps):
    for _ in range(steps):
        k1 = lotka_volterra_rate(y, p)
        k2 = lotka_volterra_rate(y + 0.5 * h * k1, p)
        k3 = lotka_volterra_rate(y + 0.5 * h * k2, p)
        k4 = lotka_volterra_rate(y + h * k3, p)
        y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return np.sum(y * y)


@program(lambda rng: (0.3, 0.1, 20), argnums=(0, 1), analytic=True, amplify=10.0)
def epidemic(beta, gamma, steps):
    s, i, r = 0.99, 0.01, 0.0
    for _ in range(steps):
        new = beta * s * i
        healed = gamma * i
        s -= new
        i += new - healed
        r += healed
    return r + i * i


@program(lambda rng: (rng.standard_normal((5, 6)), 3), analytic=True)
def jacobi_2d(u, steps):
    for _ in range(steps):
        v = u.copy()
        v[1:-1, 1:-1] = 0.25 * (u[:-2, 1:-1] + u[2:, 1:-1] + u[1:-1, :-2] + u[1:-1, 2:])
        u = v
    return np.sum(u**2)


@program(lambda rng: (rng.standard_normal(9), 0.2, 4), argnums=(0, 1), analytic=True)
def heat_equation(u, k, steps):
    u = u.copy()
    for _ in range(steps):
        u[1:-1] += k * (u[2:] - 2 * u[1:-1] + u[:-2])
    return np.sum(u * u)


@program(lambda rng: (rng.standard_normal(7), 3), analytic=True)
def gauss_seidel(u, sweeps):
    u = u.copy()
    for _ in range(sweeps):
        for i in range(1, len(u) - 1):
            u[i] = 0.5 * (u[i - 1] + u[i + 1]) + 0.1 * u[i] * u[i]
    return np.sum(u * u)


@program(lambda rng: (rng.uniform(0.5, 1, 8), 0.1, 4), argnums=(0, 1), analytic=True)
def burgers(u, c, steps):
    u = u.copy()
    for _ in range(steps):
        u[1:] = u[1:] - c * u[1:] * (u[1:] - u[:-1])
        u[0] = u[-1]
    return np.sum(u**3)


@program(
    lambda rng: (rng.standard_normal((3, 2)), rng.standard_normal((3, 2)), rng.uniform(1, 2, 3)),
    argnums=(0, 1, 2),
    analytic=True,
)
def n_body_step(x, v, m):
    a = np.zeros((3, 2))
    for i in range(3):
        for j in range(3):
            if i != j:
                d = x[j] - x[i]
                a[i] += m[j] * d / (np.sum(d * d) + 0.1) ** 1.5
    v = v + 0.01 * a
    x = x + 0.01 * v
    return np.sum(x * x) + 0.5 * np.sum(m[:, None] * v * v)


@program(lambda rng: (0.4, 0.1, 6), argnums=(0, 1), analytic=True)
def verlet(x, v, steps):
    dt = 0.1
    a = -np.sin(x)
    for _ in range(steps):
        x = x + v * dt + 0.5 * a * dt * dt
        new = -np.sin(x)
        v = v + 0.5 * (a + new) * dt
        a = new
    return x * x + v * v


@program(lambda rng: (0.9, 0.2, 9.81, 4), argnums=(0, 1, 2), analytic=True)
def pendulum(angle, speed, gravity, steps):
    h = 0.02
    for _ in range(steps):
        k1a, k1s = speed, -gravity * np.sin(angle)
        k2a = speed + 0.5 * h * k1s
        k2s = -gravity * np.sin(angle + 0.5 * h * k1a)
        angle, speed = angle + h * k2a, speed + h * k2s
    return angle * angle + 0.1 * speed


@program(lambda rng: (0.5, 1.0, 0.3, rng.standard_normal(8)), argnums=(0, 1, 2), analytic=True)
def ornstein_uhlenbeck(x, mean, rate, noise):
    dt = 0.1
    total = 0.0
    for dw in noise:
        x = x + rate * (mean - x) * dt + 0.2 * dw * dt**0.5
        total += x * dt
    return total * total


@program(
    lambda rng: (np.array([1.0, 0.2, 0.0]), np.array([0.5, 0.8]), 8), argnums=(0, 1), analytic=True
)
def kinetics(c, k, steps):
    for _ in range(steps):
        r1 = k[0] * c[0] * c[1]
        r2 = k[1] * c[1]
        c = c + 0.05 * np.array([-r1, r1 - r2, r2])
    return c[2] ** 2 + c[0]


@program(lambda rng: (np.array([0.5, 1.0, 1.2]), np.array([1.0, 2.8, 0.7]), 5), argnums=(0, 1))
def lorenz(state, p, steps):
    x, y, z = state
    for _ in range(steps):
        dx = p[0] * (y - x)
        dy = x * (p[1] - z) - y
        dz = x * y - p[2] * z
        x, y, z = x + 0.05 * dx, y + 0.05 * dy, z + 0.05 * dz
    return x * y + z


@program(
    lambda rng: (rng.standard_normal(8), rng.uniform(0.5, 1.5, 8), 4), argnums=(0, 1), analytic=True
)
def wave_equation(u, speed, steps):
    previous = u.copy()
    current = u.copy()
    for _ in range(steps):
        following = current.copy()
        lap = current[2:] - 2 * current[1:-1] + current[:-2]
        following[1:-1] = 2 * current[1:-1] - previous[1:-1] + 0.05 * speed[1:-1] * lap
        previous = current
        current = following
    return np.sum(current**2)


@program(lambda rng: (2.0, 10.0), argnums=(0, 1))
def bouncing_ball(height, speed):
    x, v = height, speed
    for _ in range(30):
        v = v - 9.81 * 0.1
        x = x + v * 0.1
        if x < 0:
            x = -x
            v = -0.8 * v
    return x


@program(lambda rng: (0.2, np.array([1.0, -0.5]), 1e-3), argnums=(0, 1), rtol=1e-8)
def adaptive_euler(rate, y, tolerance):
    t = 0.0
    h = 0.25
    while t < 1.0:
        k1 = rate * np.array([y[1], -y[0]])
        k2 = rate * np.array([y[1] + h * k1[1], -y[0] - h * k1[0]])
        error = np.sum(np.abs(k2 - k1)) * h
        if error > 10 * tolerance:
            h = h / 2
            continue
        y = y + 0.5 * h * (k1 + k2)
        t = t + h
    return np.sum(y * y) * rate


@program(
    lambda rng: (rng.standard_normal((3, 3)), np.array([[0, 1], [1, 2], [0, 2]]), 0.9),
    argnums=(0, 2),
)
def spring_network(x, edges, rest):
    energy = 0.0
    for e in range(len(edges)):
        i, j = edges[e]
        length = np.linalg.norm(x[i] - x[j])
        energy += 0.5 * (length - rest) ** 2
    return energy


@program(lambda rng: (rng.standard_normal((4, 2)),), analytic=True)
def lennard_jones(x):
    x = x * 2.0
    total = 0.0
    for i in range(len(x)):
        for j in range(i):
            d = x[i] - x[j]
            inverse = 1.0 / (np.dot(d, d) + 0.5) ** 3
            total += inverse * inverse - inverse
    return total


@program(lambda rng: (rng.uniform(0.2, 0.8, (4, 4)), 2), analytic=True)
def reaction_diffusion(u, steps):
    v = 1.0 - u
    for _ in range(steps):
        lap = (
            np.roll(u, 1, axis=0)
            + np.roll(u, -1, axis=0)
            + np.roll(u, 1, axis=1)
            + np.roll(u, -1, axis=1)
        ) - 4 * u
        reaction = u * v * v
        u = u + 0.1 * lap - reaction + 0.03 * (1 - u)
        v = v + reaction - 0.09 * v
    return np.sum(u * v)


@program(lambda rng: (rng.uniform(0.5, 1.5, 5), 1.3), argnums=(0, 1), analytic=True)
def tridiagonal_solve(d, s):
    n = len(d)
    c = np.zeros(n)
    y = np.zeros(n)
    c[0] = s / (4 + d[0])
    y[0] = d[0] / (4 + d[0])
    for i in range(1, n):
        pivot = 4 + d[i] - s * c[i - 1]
        c[i] = s / pivot
        y[i] = (d[i] - s * y[i - 1]) / pivot
    for i in range(n - 2, -1, -1):
        y[i] -= c[i] * y[i + 1]
    return np.sum(y * y)


@program(
    lambda rng: (rng.standard_normal((4, 3)), rng.standard_normal((4, 3)), rng.uniform(1, 2, 4))
)
def energy_of_bodies(position, velocity, mass):
    energy = 0.0
    for i in range(len(mass)):
        energy += 0.5 * mass[i] * np.sum(velocity[i] ** 2)
        for j in range(i + 1, len(mass)):
            apart = np.sqrt(np.sum((position[i] - position[j]) ** 2))
            energy -= mass[i] * mass[j] / apart
    return energy
