"""How exact can finite differences be? Their error against the step size, with srcad's below.

    python examples/finite_differences.py [--quick]

The function sums the power series of exp: a loop whose length depends on its argument. The exact
derivative is known, exp itself, so every method is measured against the truth.
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from tqdm import tqdm

from srcad import grad

PICTURE = Path(__file__).parent / "output" / "finite_differences.png"


def series(x):
    total, term, n = 1.0, 1.0, 0
    while abs(term) > 1e-17 * total:
        n += 1
        term *= x / n
        total += term
    return total


series_grad = grad(series)


def forward(f, x, h):
    return (f(x + h) - f(x)) / h


def central(f, x, h):
    return (f(x + h) - f(x - h)) / (2 * h)


def five_point(f, x, h):
    return (8 * (f(x + h) - f(x - h)) - (f(x + 2 * h) - f(x - 2 * h))) / (12 * h)


def relative_error(derivative, points):
    """The root mean square of the relative error over `points`."""
    exact = np.exp(points)
    found = np.array([derivative(float(x)) for x in points])
    return np.sqrt(np.mean((found / exact - 1) ** 2))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer steps and points")
    quick = parser.parse_args().quick

    points = np.linspace(0.5, 3.0, 20 if quick else 200)
    steps = np.logspace(-15, -0.5, 15 if quick else 88)
    methods = {"forward": forward, "central": central, "five-point": five_point}
    errors = {name: [] for name in methods}
    for h in tqdm(steps, desc="step sizes"):
        for name, method in methods.items():
            errors[name].append(relative_error(partial(method, series, h=h), points))
    floor = relative_error(series_grad, points)

    print(series_grad.source)
    print(f"{'method':12}{'best step':>12}{'relative error':>18}")
    for name, found in errors.items():
        best = np.argmin(found)
        print(f"{name:12}{steps[best]:12.1e}{found[best]:18.1e}")
    print(f"{'srcad':12}{'-':>12}{floor:18.1e}")
    plot(steps, errors, floor)


def plot(steps, errors, floor):
    fig, axes = plt.subplots(figsize=(6, 4), layout="constrained")
    for name, found in errors.items():
        axes.loglog(steps, found, label=f"{name} differences")
    axes.axhline(floor, color="black", linestyle="--", label="srcad (no step)")
    axes.set(title="derivative of a power series", xlabel="step size h", ylabel="relative error")
    axes.set_ylim(1e-17, 10)
    axes.legend()
    axes.grid(alpha=0.3)
    PICTURE.parent.mkdir(exist_ok=True)
    fig.savefig(PICTURE, dpi=150)
    print(f"picture: {PICTURE}")


if __name__ == "__main__":
    main()
