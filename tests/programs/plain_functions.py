"""NumPy functions that are differentiated as the Python that does the same."""

from __future__ import annotations

import math

import numpy as np

from tests.programs.registry import program


def normal(*shape):
    return lambda rng: (rng.normal(size=shape),)


@program(
    lambda rng: (np.array([-1.2, 0.3, 1.1, 2.5]), rng.uniform(0.5, 1.5, 4)),
    argnums=(0, 1),
    rtol=1e-6,
    reference="double",
)
def interpolated(x, fp):
    xp = np.array([-1.5, -0.4, 0.7, 1.9])
    shifted = xp + 0.1 * fp
    return np.sum(np.interp(x, xp, fp) ** 2) + np.interp(0.3, xp, fp) * np.interp(0.4, shifted, fp)


@program(
    lambda rng: (rng.normal(size=4), np.sort(rng.normal(size=4)), rng.normal(size=(2, 4))),
    argnums=(0, 1, 2),
)
def trapezoids(y, x, a):
    whole = np.trapezoid(y**2, dx=0.1) + np.trapezoid(y, x)
    return whole + np.sum(np.trapezoid(a, x, axis=1) ** 2) + np.sum(np.trapezoid(a, axis=0) * y)


@program(
    lambda rng: (rng.normal(size=(3, 4)), rng.uniform(0.5, 1, 3), rng.uniform(0.5, 1, (3, 4))),
    argnums=(0, 1, 2),
)
def averages(a, w, every):
    rows = np.average(a, axis=0, weights=w)
    return np.average(a) * np.sum(rows**2) + np.average(a, weights=every) ** 2


@program(normal(3, 4))
def order_statistics(a):
    middle = np.median(a) * np.sum(np.median(a, axis=1) ** 2)
    return np.ptp(a) ** 2 + middle + np.percentile(a, 30) ** 2 + np.sum(np.quantile(a, 0.2, axis=0))


@program(normal(3, 4))
def covariances(a):
    return np.sum(np.cov(a) ** 2) + np.sum(np.corrcoef(a[:, :3], rowvar=False) ** 2)


@program(lambda rng: (np.array([[0.7, 0.0, -0.4, 1.2], [0.3, 1.1, 0.8, -0.9]]),))
def running_products(a):
    return np.sum(np.cumprod(a, axis=1) ** 2) + np.cumprod(a)[-1] + np.cumprod(a)[1]


@program(lambda rng: (rng.normal(size=5), rng.normal(size=2)), argnums=(0, 1))
def convolutions(a, v):
    inner = np.sum(np.convolve(a, v, "valid") ** 2) + np.sum(np.convolve(v, a, mode="same") ** 2)
    return np.sum(np.convolve(a, v) ** 2) + inner


@program(lambda rng: (rng.normal(size=5), rng.normal(size=(3, 4))), argnums=(0, 1))
def slopes_of_grids(f, a):
    x = np.array([0.0, 0.1, 0.4, 0.5, 1.0])
    even = np.sum(np.gradient(f) ** 2) + np.sum(np.gradient(a, 0.5, axis=1) ** 2)
    return even + np.sum(np.gradient(f, x) ** 2)


@program(lambda rng: (rng.normal(size=(2, 3)), rng.normal(size=(2, 2))), argnums=(0, 1))
def products_and_powers_of_matrices(a, b):
    blocks = np.sum(np.kron(a, b) ** 2) + np.sum(np.kron(a[0], b[0]) ** 3)
    return blocks + np.linalg.matrix_power(b, 3)[0, 1]


@program(lambda rng: (np.array([-1.1, -0.2, 0.3, 0.9]), rng.normal(size=(2, 3))), argnums=(0, 1))
def pieces_and_polynomials(x, a):
    pieces = np.select([x < -0.5, x < 0.5], [x**2, np.sin(x)], default=np.exp(-x))
    total = np.sum(pieces) + np.polyval([1.0, 2.0, 3.0], x[0]) * np.polyval(x, 0.3)
    return total + np.logaddexp.reduce(x) ** 2 + np.sum(np.logaddexp.reduce(a, axis=1) ** 2)


@program(lambda rng: (rng.standard_normal(5), rng.standard_normal(3)), argnums=(0, 1))
def windows_and_powers(x, k):
    windows = np.lib.stride_tricks.sliding_window_view(x, 3)
    rows = np.vander(x, 3)
    return np.sum((windows @ k) ** 2) + np.sum(np.sin(rows @ k)) + np.sum(np.vander(k))


@program(lambda rng: (rng.normal(size=(2, 3, 4)),))
def several_quantiles_of_several_axes(a):
    low, high = np.percentile(a, [20, 65.0], axis=(0, 2))
    rest = np.quantile(a, np.array([[0.1, 0.5]]), axis=1, keepdims=True)
    return np.sum(low * high) + np.sum(rest**2) + np.sum(np.median(a, axis=(0, 1)) ** 3)


@program(lambda rng: (rng.normal(size=(3, 4)), rng.normal(size=(2, 2, 2))), argnums=(0, 1))
def slopes_and_products_of_several_axes(f, t):
    down, across = np.gradient(f, np.array([0.0, 0.5, 0.7]), 0.3)
    slopes = np.sum(down**2) + np.sum(across**3) + np.sum(np.gradient(t)[1] ** 2)
    return slopes + np.sum(np.kron(t, f[0]) ** 2) + np.sum(np.linalg.matrix_power(t, 3) ** 2)


@program(lambda rng: (rng.normal(size=5), rng.normal(size=5)), argnums=(0, 1))
def beta_of_returns(asset, market):
    beta = np.cov(asset, market)[0, 1] / np.var(market, ddof=1)
    return beta + np.corrcoef(asset, market)[0, 1] ** 2 + np.sum(np.polyval(asset, [0.5, 2]))


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),))
def products_and_distances(x):
    total = math.prod(x) + math.prod(v * v for v in (x[0], 2.0)) * math.prod([2, 3], start=x[1])
    return total + math.dist(x[:2], (3.0, x[2])) * math.dist([x[0]], [4.0])


@program(lambda rng: (rng.uniform(3.1, 3.4, 3),))
def quotients_and_rests(x):
    q, r = divmod(x[0], 0.7)
    turns, left = np.divmod(x, 1.0)
    total = q * x[1] + r * x[2]
    for k in range(5):
        row, column = divmod(k, 3)
        total += x[row] ** column * left[row]
    return total + np.sum(turns * left)


@program(lambda rng: (rng.normal(size=3), rng.normal(size=4), rng.normal(size=2)), argnums=(0, 1))
def grids_of_coordinates(x, y, z):
    across, down = np.meshgrid(x, y)
    i, j = np.meshgrid(np.arange(2), np.arange(3), indexing="ij")
    across[j, i] *= down[i, j]
    a, b, c = np.meshgrid(x, y, z, indexing="ij")
    return np.sum(np.sin(across) * down) + np.sum(np.exp(a * b) * c)


@program(lambda rng: (rng.normal(size=3),))
def constants_with_keywords_of_their_own(x):
    """What nothing depends on may be computed by arguments that no derivative is known for."""
    knots = np.array([0.0, 1.0, 2.5])
    low = np.percentile(knots, 30, method="nearest") + np.trapezoid(y=knots, x=knots**2)
    across, _ = np.meshgrid(knots, knots, sparse=True)
    return np.sum(low * x * across[0])


@program(lambda rng: (rng.normal(size=4), rng.normal(size=(3, 4))), argnums=(0, 1))
def convolutions_with_numbers_and_slopes_along_one_axis(v, a):
    scaled = np.sum(np.convolve(v, v[0]) ** 2) + np.sum(np.convolve(2.0, v, "same") ** 3)
    (across,) = [np.gradient(a, 0.5, axis=(-1,))]
    slopes = np.sum(across[0] ** 2) + np.sum(np.gradient(a, axis=(0,))[1] ** 3)
    return scaled + slopes + np.cov(a[:1]) * np.sum(np.corrcoef(a[:1]) * v)


@program(lambda rng: (rng.normal(size=(2, 3, 2)), rng.uniform(0.5, 1.5, (2, 2))), argnums=(0, 1))
def average_weighted_along_two_axes(a, w):
    return np.sum(np.average(a, axis=(0, 2), weights=w) ** 2)


@program(lambda rng: (np.array([[0.4, -1.1, 2.0], [1.3, 0.2, -0.6]]),))
def reductions_from_a_value_on(a):
    least = np.max(a, initial=1.0) * np.min(a, axis=1, initial=0.0).sum()
    total = np.prod(np.sum(a * a, axis=0, initial=2.0)) + a.sum(initial=1.0)
    return least + total + np.max(a[a > 5], initial=0.5) * a.max(axis=0, initial=-3)[1]


@program(normal(3, 4))
def reductions_of_some(a):
    chosen = np.array([[True, False, True, True], [False, True, True, True], [True] * 4])
    rows = np.sum(a**3, axis=1, where=chosen) * np.mean(a * a, axis=1, where=chosen)
    return np.sum(rows) + np.max(a, where=chosen, initial=-9) * np.prod(a[1], where=chosen[1])


@program(lambda rng: (np.array([[0.4, -1.1, 2.0], [1.3, 0.2, -0.6]]),))
def reductions_without_nan(a):
    with_holes = np.where(a > 1.5, np.nan, 1.0) * np.where(a > 1.5, 1.0, a)
    rows = np.nansum(with_holes, axis=0) * np.nanmean(with_holes, axis=0)
    spread = np.nanstd(with_holes) * np.nanvar(with_holes, axis=1, ddof=1)
    return np.sum(rows) + np.sum(spread) + np.nanmax(with_holes) * np.nanmin(with_holes[1])


@program(normal(3, 4))
def items_moved_about(a):
    fewer = np.delete(a, 1, axis=1) * np.delete(a.T, [0, -1])[:3]
    turned = np.rot90(a) * np.rot90(a, -1) + np.rot90(a, 2).T
    return np.sum(fewer) + np.sum(turned**2) + np.sum(np.partition(a, 1, axis=1)[:, :2] ** 3)


@program(lambda rng: (rng.normal(size=(4, 3)), np.array([2, 0, 1, 2])))
def items_taken_along_an_axis(logits, labels):
    logp = logits - np.log(np.sum(np.exp(logits), axis=1, keepdims=True))
    best = np.take_along_axis(logp, np.argsort(logp, axis=1)[:, ::-1], axis=1)[:, :2]
    own = np.take_along_axis(logp, labels[:, None], axis=1)
    return -own.mean() + np.sum(
        np.take_along_axis(best[:, :, None], labels[:2, None, None], 0) ** 2
    )


@program(normal(2, 3))
def padded_by_a_number(a):
    framed = np.pad(a, ((1, 0), (1, 2)), mode="constant", constant_values=a[0, 0])
    return np.sum(framed[1:] * framed[:-1]) + np.sum(np.pad(a[0], 1, constant_values=0.5) ** 3)


def _badness(row):
    return -row[0] * row[1]


@program(normal(4, 3))
def chosen_and_sorted_by_a_key(a):
    numbers = [row[2] * row[0] for row in a]
    falling = sorted(numbers, reverse=True)
    return falling[0] * falling[3] ** 2 + max(numbers, key=abs) + np.sum(min(a, key=_badness) ** 2)


@program(lambda rng: (rng.uniform(0.2, 0.8, 6), rng.uniform(0.2, 0.8, (4, 3))), argnums=(0, 1))
def inserted(x, a):
    total = np.sum(np.insert(x, 2, x[0] * 2) ** 2 * np.arange(7))
    total += np.sum(np.insert(x, [4, 1], x[:2] * 3) ** 2 * np.arange(8))
    total += np.sum(np.insert(a, 1, a[:, 0] ** 2, axis=1) * np.arange(16).reshape(4, 4))
    total += np.sum(np.insert(a, [0, 2], a[0, :2] * 2, axis=1) ** 2 * np.arange(20).reshape(4, 5))
    return total * np.sum(np.insert(a, 0, 1.0, axis=0) * np.arange(15).reshape(5, 3))


@program(
    lambda rng: (rng.uniform(0.2, 0.8, 6), rng.uniform(0.2, 0.8, (4, 3))),
    argnums=(0, 1),
    rtol=1e-6,
    reference="double",
)
def laid_out_anew(x, a):
    total = np.sum(np.resize(x, (3, 3)) ** 2 * np.arange(9).reshape(3, 3))
    total += np.sum(np.rollaxis(a, 1) * np.arange(12).reshape(3, 4))
    total += np.sum(np.ediff1d(x, to_begin=x[1], to_end=[1.0, 2.0]) ** 2 * np.arange(8))
    total += np.sum(np.unique(x) ** 2 * np.arange(6))
    return total + np.sum(np.polyint(x) ** 2) + np.sum(np.polyfit(np.arange(6.0), x, 1, w=x) ** 2)


@program(lambda rng: (rng.uniform(0.2, 0.8, 6),), rtol=1e-6, reference="double")
def chosen_by_places(x):
    places = np.array([0, 1, 2, 2, 1, 0])
    total = np.sum(np.choose(places, [x, x**2, np.sin(x)]) * np.arange(6))
    total += np.sum(places.choose((x**3, 1.0, x)))
    xp = [0.0, 1.0, 2.0]
    return total + np.sum(np.interp([-0.3, 0.4, 2.5], xp, x[:3], left=x[3] ** 2, right=x[4]) ** 2)


@program(lambda rng: (rng.uniform(0.2, 0.8, (4, 3)),))
def numbered_items(a):
    total = 0.0
    for (i, j), q in np.ndenumerate(a):
        total += q * q * (i + 2 * j)
    for at, q in np.ndenumerate(a):
        total += q * a[at]
    return total * sum([q * i for (i, _), q in np.ndenumerate(a.T)])


@program(lambda rng: (rng.uniform(0.2, 0.8, 6),))
def without_those_that_are_nan(x):
    y = np.where(np.arange(6) == 2, np.nan, x)
    total = np.nanmedian(y) * np.nanpercentile(y, 30) + np.nanquantile(y, 0.8)
    return total * np.nanprod(y) + np.sum(np.nancumsum(y) ** 2)


@program(lambda rng: (rng.uniform(0.2, 0.8, 4),))
def fractions_and_wholes(x):
    parts, wholes = np.modf(x * 7)
    part, whole = math.modf(x[0] * 7)
    return np.sum(parts * (wholes + 1)) + part * whole + math.ldexp(x[1], 3) ** 2


@program(lambda rng: (rng.uniform(0.2, 0.8, (3, 2)),), rtol=1e-6, reference="double")
def items_as_numbers(a):
    total = a.item(3) * a.item(1, 1) ** 2 + a.T.item(1) + np.sum(a).item() * a[0].item(-1)
    for i in range(2):
        total += a.item((i, i)) * a.item((2, -1)) ** 2
    rank = np.linalg.matrix_rank(a)
    return total * rank + math.remainder(a[0, 0] + 1.3, a[1, 1])


@program(normal(4), argnums=(0,))
def local_alignment(gains):
    table = np.zeros((4, 4))
    for i in range(1, 4):
        for j in range(1, 4):
            match = table[i - 1, j - 1] + gains[i] * gains[j]
            table[i, j] = max(0, match, table[i - 1, j] - 0.3, table[i, j - 1] - 0.2)
    return np.sum(table**2) + min(gains[0], gains[1] ** 2, 2, 3) * max([1, gains[2], i - 3])
