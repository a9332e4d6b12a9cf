"""What stands beside, before or behind: differences, running extremes, blocks, parts, phases."""

from __future__ import annotations

import numpy as np

from tests.programs.registry import program


@program(lambda rng: (rng.uniform(1, 2, (4, 2)), np.linspace(-2, 2, 5)), argnums=(0, 1))
def gravity_of_buried_bodies(model, stations):
    """The depths and densities shall be smooth: second differences."""
    seen = np.array([0.1, 0.4, 1.0, 0.5, 0.2])
    pull = np.zeros(len(stations))
    for (depth, density), x0 in zip(model, (-1.0, 0.0, 1.0, 2.0), strict=True):
        pull += 1.3 * density * depth / ((stations - x0) ** 2 + depth**2)
    rough = np.diff(model, n=2, axis=0)
    return np.sum((pull - seen) ** 2) + 0.1 * np.sum(rough**2)


@program(
    lambda rng: (0.1 * rng.normal(size=(5, 3)), np.array([0.3, 0.4, 0.3])),
    argnums=(0, 1),
    rtol=1e-8,
)
def losses_from_the_peak_of_a_portfolio(returns, target):
    cash, rate = 1.0, 0.002
    holdings = np.zeros(len(target))
    history = []
    for t, growth in enumerate(returns):
        value = cash + holdings.sum()
        wanted = target * value
        cost = rate * np.abs(wanted - holdings).sum()
        cash = value - wanted.sum() - cost
        holdings = wanted * np.exp(growth)
        history.append({"t": t, "value": value, "cost": cost})
    values = np.array([h["value"] for h in history] + [cash + holdings.sum()])
    steps = np.log(values[1:] / values[:-1])
    peaks = np.maximum.accumulate(values)
    lows = np.minimum.accumulate(returns, axis=1)
    paid = sum(h["cost"] for h in history)
    return steps.mean() / (steps.std() + 0.01) - np.max(1 - values / peaks) - paid + lows.sum()


@program(
    lambda rng: (rng.normal(size=(3, 3)), rng.normal(size=(2, 3)), rng.normal(size=5)),
    argnums=(0, 1, 2),
    rtol=1e-8,
    reference="double",
)
def saddle_point_by_blocks(a, b, rhs):
    stiff = a.T @ a + np.eye(3)
    whole = np.block([[stiff, b.T], [b, np.zeros((2, 2))]])
    x = np.linalg.solve(whole, rhs)
    return np.block([x, 1.0]) @ np.diff(np.block([x, 1.0]), prepend=0.5)


@program(
    lambda rng: (rng.normal(size=8), np.linspace(0.1, 2.0, 8)),
    argnums=(0, 1),
    reference="double",
    rtol=1e-6,
)
def phases_without_jumps(signal, times):
    wave = np.exp(1j * 6.0 * times) + 0.2 * signal
    phase = np.unwrap(np.angle(wave))
    slope, start = np.polyfit(times, phase, 1)
    lag = np.correlate(signal, signal[:3], mode="same")
    return slope**2 + start + np.sum(lag[2:5] * np.polyder(phase)[:3])


@program(lambda rng: (rng.normal(size=(3, 4)), 0.7), argnums=(0, 1))
def rows_and_columns_by_a_function(x, power):
    def mean_size(v):
        return np.sum(np.abs(v) ** (2 + power)) ** 0.5

    def shifted(v, by):
        return np.roll(v, 1) * v + by

    each = np.apply_along_axis(mean_size, 1, x)
    columns = np.apply_along_axis(shifted, 0, x, power)
    left, right = np.hsplit(columns, 2)
    top, rest = np.vsplit(np.dstack((left, right)), [1])
    return each @ each + np.sum(top * rest[:1]) + np.sum(rest[1:, :, 0] ** 2)


@program(lambda rng: (np.array([0.1, 1.5]), rng.normal(size=4)), argnums=(0, 1))
def scales_between_two_ends(ends, x):
    low, high = ends
    scales = np.geomspace(low, high, 5)
    shares = np.logspace(low, high, 4, base=2.0)
    spread, counts = np.broadcast_arrays(scales[:, None], x * shares)
    return np.sum(np.exp(-spread) * counts) + np.linalg.multi_dot([x, np.outer(x, x), shares])
