"""The gradients of `loop_workloads` as an expert writes them by hand for Numba."""

from __future__ import annotations

import math

import numba
import numpy as np

__all__ = [
    "bundle_adjustment",
    "lotka_volterra",
    "newton_sqrt",
    "relax",
    "rosenbrock",
    "sir_fit",
]

jit = numba.njit(error_model="numpy")


@jit
def newton_sqrt(a):
    record = np.empty(64)
    n = 0
    x = a
    while abs(x * x - a) > 1e-12 * a:
        if n == len(record):
            longer = np.empty(2 * n)
            longer[:n] = record
            record = longer
        record[n] = x
        n += 1
        x = 0.5 * (x + a / x)
    x_bar = 1.0
    a_bar = 0.0
    for k in range(n - 1, -1, -1):
        x = record[k]
        half = 0.5 * x_bar
        inverse = 1 / x
        a_bar += half * inverse
        x_bar = half * (1 - a * inverse * inverse)
    return (a_bar + x_bar,)


@jit
def relax(u, steps):
    n = len(u)
    u = u.copy()
    v = u.copy()
    for _ in range(steps):
        for i in range(1, n - 1):
            v[i] = 0.5 * u[i] + 0.25 * (u[i - 1] + u[i + 1])
        for i in range(1, n - 1):
            u[i] = v[i]
    u_bar = 2 * u
    s_bar = np.zeros(n)
    for _ in range(steps):
        for i in range(1, n - 1):
            s_bar[i] = u_bar[i]
        u_bar[0] += 0.25 * s_bar[1]
        u_bar[n - 1] += 0.25 * s_bar[n - 2]
        for i in range(1, n - 1):
            u_bar[i] = 0.5 * s_bar[i] + 0.25 * (s_bar[i - 1] + s_bar[i + 1])
    return (u_bar,)


@jit
def lotka_volterra(a, b, c, d, x, y, dt, steps):
    xs = np.empty(steps)
    ys = np.empty(steps)
    h = 0.5 * dt
    w = dt / 6
    for k in range(steps):
        xs[k] = x
        ys[k] = y
        kx1 = x * (a - b * y)
        ky1 = y * (d * x - c)
        x2 = x + h * kx1
        y2 = y + h * ky1
        kx2 = x2 * (a - b * y2)
        ky2 = y2 * (d * x2 - c)
        x3 = x + h * kx2
        y3 = y + h * ky2
        kx3 = x3 * (a - b * y3)
        ky3 = y3 * (d * x3 - c)
        x4 = x + dt * kx3
        y4 = y + dt * ky3
        x += w * (kx1 + 2 * (kx2 + kx3) + x4 * (a - b * y4))
        y += w * (ky1 + 2 * (ky2 + ky3) + y4 * (d * x4 - c))
    x_bar = 2 * x
    y_bar = 2 * y
    a_bar = b_bar = c_bar = d_bar = 0.0
    for k in range(steps - 1, -1, -1):
        x = xs[k]
        y = ys[k]
        x2 = x + h * x * (a - b * y)
        y2 = y + h * y * (d * x - c)
        x3 = x + h * x2 * (a - b * y2)
        y3 = y + h * y2 * (d * x2 - c)
        x4 = x + dt * x3 * (a - b * y3)
        y4 = y + dt * y3 * (d * x3 - c)
        # stage 4
        p = w * x_bar
        q = w * y_bar
        a_bar += p * x4
        b_bar -= p * x4 * y4
        c_bar -= q * y4
        d_bar += q * x4 * y4
        x4_bar = p * (a - b * y4) + q * d * y4
        y4_bar = q * (d * x4 - c) - p * b * x4
        # stage 3
        p = 2 * w * x_bar + dt * x4_bar
        q = 2 * w * y_bar + dt * y4_bar
        a_bar += p * x3
        b_bar -= p * x3 * y3
        c_bar -= q * y3
        d_bar += q * x3 * y3
        x3_bar = p * (a - b * y3) + q * d * y3
        y3_bar = q * (d * x3 - c) - p * b * x3
        # stage 2
        p = 2 * w * x_bar + h * x3_bar
        q = 2 * w * y_bar + h * y3_bar
        a_bar += p * x2
        b_bar -= p * x2 * y2
        c_bar -= q * y2
        d_bar += q * x2 * y2
        x2_bar = p * (a - b * y2) + q * d * y2
        y2_bar = q * (d * x2 - c) - p * b * x2
        # stage 1
        p = w * x_bar + h * x2_bar
        q = w * y_bar + h * y2_bar
        a_bar += p * x
        b_bar -= p * x * y
        c_bar -= q * y
        d_bar += q * x * y
        x_bar += x2_bar + x3_bar + x4_bar + p * (a - b * y) + q * d * y
        y_bar += y2_bar + y3_bar + y4_bar + q * (d * x - c) - p * b * x
    return a_bar, b_bar, c_bar, d_bar, x_bar, y_bar


@jit
def sir_fit(beta, gamma, first, counts, substeps, dt):
    days = len(counts)
    ss = np.empty(days * substeps)
    ii = np.empty(days * substeps)
    ends = np.empty(days)
    b = dt * beta
    g = dt * gamma
    s = 1.0 - first
    i = first
    n = 0
    for day in range(days):
        for _ in range(substeps):
            ss[n] = s
            ii[n] = i
            n += 1
            infected = b * s * i
            s -= infected
            i += infected - g * i
        ends[day] = i
    s_bar = i_bar = b_bar = g_bar = 0.0
    for day in range(days - 1, -1, -1):
        i_bar += 2 * (ends[day] - counts[day])
        for _ in range(substeps):
            n -= 1
            s = ss[n]
            i = ii[n]
            infected_bar = i_bar - s_bar
            b_bar += infected_bar * (s * i)
            g_bar -= i_bar * i
            # The products with b do not wait for the adjoints of the step after.
            s_bar += infected_bar * (b * i)
            i_bar += infected_bar * (b * s) - g * i_bar
    return dt * b_bar, dt * g_bar, i_bar - s_bar


@jit
def bundle_adjustment(cameras, points, seen, camera_of, point_of):
    cameras_bar = np.zeros_like(cameras)
    points_bar = np.zeros_like(points)
    for n in range(len(seen)):
        i = camera_of[n]
        j = point_of[n]
        wx, wy, wz = cameras[i, 0], cameras[i, 1], cameras[i, 2]
        X, Y, Z = points[j, 0], points[j, 1], points[j, 2]
        theta = math.sqrt(wx * wx + wy * wy + wz * wz)
        kx, ky, kz = wx / theta, wy / theta, wz / theta
        cos, sin = math.cos(theta), math.sin(theta)
        along = kx * X + ky * Y + kz * Z
        dot = along * (1 - cos)
        cx, cy, cz = ky * Z - kz * Y, kz * X - kx * Z, kx * Y - ky * X
        px = X * cos + cx * sin + kx * dot + cameras[i, 3]
        py = Y * cos + cy * sin + ky * dot + cameras[i, 4]
        pz = Z * cos + cz * sin + kz * dot + cameras[i, 5]
        u, v = -px / pz, -py / pz
        r2 = u * u + v * v
        focal, k1, k2 = cameras[i, 6], cameras[i, 7], cameras[i, 8]
        bend = 1 + r2 * (k1 + r2 * k2)
        scale = focal * bend
        # The sum is over independent terms, so each is taken back at once and nothing is stored.
        ru = scale * u - seen[n, 0]
        rv = scale * v - seen[n, 1]
        scale_bar = ru * u + rv * v
        bend_bar = scale_bar * focal
        r2_bar = bend_bar * (k1 + 2 * r2 * k2)
        u_bar = ru * scale + 2 * u * r2_bar
        v_bar = rv * scale + 2 * v * r2_bar
        px_bar = -u_bar / pz
        py_bar = -v_bar / pz
        pz_bar = -(u_bar * u + v_bar * v) / pz
        cx_bar, cy_bar, cz_bar = px_bar * sin, py_bar * sin, pz_bar * sin
        dot_bar = px_bar * kx + py_bar * ky + pz_bar * kz
        along_bar = dot_bar * (1 - cos)
        cos_bar = px_bar * X + py_bar * Y + pz_bar * Z - dot_bar * along
        sin_bar = px_bar * cx + py_bar * cy + pz_bar * cz
        kx_bar = px_bar * dot + along_bar * X + cz_bar * Y - cy_bar * Z
        ky_bar = py_bar * dot + along_bar * Y + cx_bar * Z - cz_bar * X
        kz_bar = pz_bar * dot + along_bar * Z + cy_bar * X - cx_bar * Y
        radial = kx_bar * kx + ky_bar * ky + kz_bar * kz
        theta_bar = sin_bar * cos - cos_bar * sin - radial / theta
        cameras_bar[i, 0] += kx_bar / theta + theta_bar * kx
        cameras_bar[i, 1] += ky_bar / theta + theta_bar * ky
        cameras_bar[i, 2] += kz_bar / theta + theta_bar * kz
        cameras_bar[i, 3] += px_bar
        cameras_bar[i, 4] += py_bar
        cameras_bar[i, 5] += pz_bar
        cameras_bar[i, 6] += scale_bar * bend
        cameras_bar[i, 7] += bend_bar * r2
        cameras_bar[i, 8] += bend_bar * r2 * r2
        points_bar[j, 0] += px_bar * cos + along_bar * kx + cy_bar * kz - cz_bar * ky
        points_bar[j, 1] += py_bar * cos + along_bar * ky + cz_bar * kx - cx_bar * kz
        points_bar[j, 2] += pz_bar * cos + along_bar * kz + cx_bar * ky - cy_bar * kx
    return cameras_bar, points_bar


@jit
def rosenbrock(x):
    x_bar = np.zeros_like(x)
    for i in range(len(x) - 1):
        gap = x[i + 1] - x[i] * x[i]
        x_bar[i] -= 400.0 * gap * x[i] + 2.0 * (1.0 - x[i])
        x_bar[i + 1] += 200.0 * gap
    return (x_bar,)
