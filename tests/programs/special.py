"""Programs with functions of `scipy.special`: statistics, and what Bessel functions are for."""

from __future__ import annotations

from functools import partial

import numpy as np
import scipy.special
from scipy import special
from scipy.special import expit, gammaln, log_ndtr, logsumexp, softmax, xlogy

from tests.programs.registry import program

# SciPy computes in double precision at most.
in_double = partial(program, reference="double", rtol=1e-8)


@in_double(
    lambda rng: (rng.standard_normal(3), rng.standard_normal((6, 3)), np.arange(6.0) % 2),
    argnums=(0, 1),
)
def logistic_regression_by_expit(w, x, t):
    p = expit(x @ w)
    return -np.sum(xlogy(t, p) + xlogy(1 - t, 1 - p)) + 0.1 * w @ w


@in_double(
    lambda rng: (rng.standard_normal(3), rng.standard_normal((3, 2)), rng.standard_normal((5, 2))),
    argnums=(0, 1),
)
def mixture_of_gaussians(logits, centres, x):
    weights = logits - logsumexp(logits)
    distance = np.sum((x[:, None, :] - centres) ** 2, axis=-1)
    return -np.mean(logsumexp(weights - 0.5 * distance, axis=1))


@in_double(
    lambda rng: (rng.standard_normal((3, 4)), rng.uniform(0.1, 2.0, (3, 4))),
    argnums=(0, 1),
)
def weighted_log_means(a, weights):
    rows = logsumexp(a, axis=1, b=weights, keepdims=True)
    seen = logsumexp(a * rows, axis=0, b=np.array([[1.0], [0.0], [2.0]]))
    return np.sum(np.sin(rows)) + np.sum(seen * seen)


@in_double(
    lambda rng: (np.array([0.2, -np.inf, 0.7]), rng.standard_normal((3, 3))),
    argnums=(1,),
)
def path_with_states_that_cannot_be(start, moves):
    allowed = np.array([[True, False, True], [True, False, False], [True, False, True]])
    logp = np.where(allowed, moves, -np.inf)
    alpha = start
    for _ in range(3):
        alpha = logsumexp(alpha[:, None] + logp, axis=0)
    return logsumexp(alpha)


@in_double(
    lambda rng: (rng.standard_normal(2), rng.standard_normal((7, 2)), np.arange(7) % 2 * 2.0 - 1),
)
def probit_likelihood(w, x, sign):
    return -np.sum(log_ndtr(sign * (x @ w)))


@in_double(
    lambda rng: (
        np.array([0.3, -0.2]),
        rng.standard_normal((5, 2)),
        np.array([0, 3, 1, 0, 7]),
        1.7,
    ),
    argnums=(0, 3),
)
def negative_binomial_likelihood(w, x, counts, size):
    mean = np.exp(x @ w)
    logp = gammaln(counts + size) - gammaln(size) - special.gammaln(counts + 1)
    logp = logp + xlogy(counts, mean) + size * np.log(size) - (counts + size) * np.log(size + mean)
    return -np.sum(logp)


@in_double(lambda rng: (1.3, 2.4, np.array([1, 4, 2, 0]), 5), argnums=(0, 1))
def beta_binomial(a, b, hits, n):
    return -np.sum(special.betaln(hits + a, n - hits + b) - special.betaln(a, b))


@in_double(lambda rng: (0.4, 1.8, rng.uniform(-3, 3, 6)), argnums=(0, 1))
def von_mises_likelihood(centre, concentration, angles):
    ratio = scipy.special.i1(concentration) / scipy.special.i0(concentration)
    scale = np.log(special.i0e(concentration)) + concentration
    return np.sum(concentration * np.cos(angles - centre) - scale) + ratio


@in_double(
    lambda rng: tuple(rng.standard_normal((4, 3)) for _ in range(3)),
    argnums=(0, 1, 2),
)
def attention_by_softmax(q, k, v):
    seen = np.tril(np.ones((4, 4), bool))
    scores = np.where(seen, q @ k.T / np.sqrt(3.0), -np.inf)
    return np.sum(np.tanh(softmax(scores, axis=-1) @ v))


@in_double(lambda rng: (rng.standard_normal((4, 3)), np.array([0, 2, 1, 1])))
def cross_entropy_by_log_softmax(scores, labels):
    return -np.mean(special.log_softmax(scores, axis=1)[np.arange(4), labels])


@in_double(lambda rng: (rng.uniform(0.5, 2.0, 4),))
def bessel_orders_in_a_loop(x):
    total = 0.0
    for n in range(3):
        total = total + np.sum(special.jv(n, x) * special.iv(n + 0.5, x))
    return total


@in_double(lambda rng: (rng.uniform(0.5, 2.0), 0.3, rng.uniform(0.5, 2.0, 5)), argnums=(0, 1, 2))
def likelihood_of_a_transformation(mean, power, x):
    z = special.boxcox(x, power) - mean
    return np.sum(special.pseudo_huber(1.5, z)) - (power - 1) * np.sum(np.log(x))


@in_double(lambda rng: (rng.uniform(0.1, 0.9, 3), rng.uniform(0.1, 0.9, 3)), argnums=(0, 1))
def divergences_of_distributions(p, q):
    p = p / np.sum(p)
    q = q / np.sum(q)
    return np.sum(special.rel_entr(p, q)) + np.sum(special.kl_div(q, p)) - np.sum(special.entr(p))


@in_double(lambda rng: (0.3, 1.9))
def scores_of_numbers(p, shape):
    z = special.ndtri(p) + special.erfinv(p)
    return z * special.polygamma(1, shape + p) + special.digamma(p) * special.gammainc(shape, p)
