"""Fit an epidemic model to real counts: SciPy's optimiser with srcad's gradient of an ODE solver.

    python examples/scipy_fit.py [--quick]

The data are the boys in bed on each day of an influenza outbreak at an English boarding school of
763 in January 1978 (British Medical Journal, 4 March 1978, page 587). The model is SIR, solved by
the classical Runge-Kutta method. The gradient goes backwards through every step of the solver.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import minimize
from tqdm import tqdm

from srcad import value_and_grad

PICTURE = Path(__file__).parent / "output" / "scipy_fit.png"
IN_BED = np.array([3, 8, 26, 76, 225, 298, 258, 233, 189, 128, 68, 29, 14, 4.0])
BOYS = 763.0


# --- the model -----------------------------------------------------------------------------------


def rates(y, beta, gamma):
    """The rates of change of `y`: the susceptible and the infected boys."""
    infected = beta * y[0] * y[1] / BOYS
    return np.array([-infected, infected - gamma * y[1]])


def step(y, beta, gamma, dt):
    k1 = rates(y, beta, gamma)
    k2 = rates(y + 0.5 * dt * k1, beta, gamma)
    k3 = rates(y + 0.5 * dt * k2, beta, gamma)
    k4 = rates(y + dt * k3, beta, gamma)
    return y + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


def misfit(theta, in_bed, steps):
    """The mean square misfit; `theta` has the logarithms of beta, gamma and the first infected."""
    p = np.exp(theta)
    y = np.array([BOYS - p[2], p[2]])
    total = 0.0
    for count in in_bed:
        total += (y[1] - count) ** 2
        for _ in range(steps):  # one day
            y = step(y, p[0], p[1], 1 / steps)
    return total / len(in_bed)


misfit_and_grad = value_and_grad(misfit)


# --- the fit -------------------------------------------------------------------------------------


def fit(start, steps):
    """L-BFGS-B from `start`; returns SciPy's result and the misfit after each iteration."""
    history = []
    with tqdm(desc="fitting", unit="iteration") as bar:

        def callback(intermediate_result):
            history.append(intermediate_result.fun)
            bar.set_postfix(misfit=f"{history[-1]:.2f}", refresh=False)
            bar.update()

        result = minimize(
            misfit_and_grad,
            start,
            args=(IN_BED, steps),
            jac=True,
            method="L-BFGS-B",
            bounds=np.log([(0.1, 10), (0.1, 10), (0.1, 20)]),
            callback=callback,
        )
    return result, history


def solve(theta, days, steps):
    """The number of infected at every step of `days` days."""
    beta, gamma, first = np.exp(theta)
    y = np.array([BOYS - first, first])
    infected = [first]
    for _ in range(days * steps):
        y = step(y, beta, gamma, 1 / steps)
        infected.append(y[1])
    return np.arange(days * steps + 1) / steps, np.array(infected)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a coarse solver")
    steps = 2 if parser.parse_args().quick else 10

    start = np.log([1.5, 0.7, 2.0])
    result, history = fit(start, steps)
    beta, gamma, first = np.exp(result.x)
    print(f"beta = {beta:.3f} a day, gamma = {gamma:.3f} a day, first infected = {first:.2f}")
    print(f"reproduction number = {beta / gamma:.2f}")
    print(f"root mean square misfit = {np.sqrt(result.fun):.1f} boys")
    print(f"gradient's norm at the end = {np.linalg.norm(result.jac):.1e}")
    print(f"{result.nit} iterations, {result.nfev} evaluations")
    plot(result.x, history, steps)


def plot(theta, history, steps):
    fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.5), layout="constrained")
    left.plot(np.arange(len(IN_BED)), IN_BED, "o", color="tab:red", label="counted")
    left.plot(*solve(theta, len(IN_BED) - 1, steps), label="SIR model")
    left.set(title="boys in bed", xlabel="day")
    left.legend()
    right.plot(np.arange(1, len(history) + 1), np.sqrt(history))
    right.set(title="misfit", xlabel="iteration", ylabel="root mean square, boys")
    for axes in (left, right):
        axes.grid(alpha=0.3)
    PICTURE.parent.mkdir(exist_ok=True)
    fig.savefig(PICTURE, dpi=150)
    print(f"picture: {PICTURE}")


if __name__ == "__main__":
    main()
