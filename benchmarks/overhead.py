"""What srcad costs besides the derivative: a call, the import, the generation of a gradient."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from types import FunctionType

import numpy as np

from benchmarks.measure import medians
from srcad import grad

__all__ = ["dispatch", "generation", "import_time", "overhead_table"]

DISPATCH_BAR, IMPORT_BAR, GENERATION_BAR = 1.5e-6, 60e-3, 60e-3


def product(x, y):
    return x * y


def thirty_lines(params, x, targets):
    W1, b1, W2, b2, W3, b3 = params
    n, width = x.shape
    h = np.tanh(x @ W1 + b1)
    for _ in range(2):
        h = np.tanh(h @ W2 + b2)
        h = h / np.sqrt(1 + np.mean(h * h))
    logits = h @ W3 + b3
    z = logits - np.max(logits, axis=1, keepdims=True)
    e = np.exp(z)
    p = e / np.sum(e, axis=1, keepdims=True)
    cross = -np.sum(targets * np.log(p)) / n
    u = np.zeros(width)
    for i in range(width):
        if i % 2 == 0:
            u[i] = np.sum(x[:, i] * h[:, 0])
        else:
            u[i] = np.sum(x[:, i] * h[:, 1])
    v = u.copy()
    for _ in range(3):
        v[1:-1] = 0.5 * u[1:-1] + 0.25 * (u[:-2] + u[2:])
        u[1:-1] = v[1:-1]
    rough = np.sum(u * u)
    decay = 0.0
    for w in (W1, W2, W3):
        decay += np.sum(w * w)
    scale = np.sqrt(1 + rough)
    penalty = 1e-3 * decay + 1e-4 * scale
    if penalty > 100.0:
        penalty = 100.0 + np.log(penalty / 100.0)
    return cross + penalty


def dispatch() -> float:
    """Seconds that a call of ``grad(f)`` on floats takes beyond the generated function alone."""
    gradient = grad(product, argnums=(0, 1))
    gradient(2.0, 3.0)
    # The same text, compiled on its own: nothing of srcad is in the call.
    space: dict[str, object] = {}
    exec(gradient.source_for(2.0, 3.0), space)
    (bare,) = [v for k, v in space.items() if callable(v) and k.startswith("product")]
    times = medians(
        {"srcad": lambda: gradient(2.0, 3.0), "bare": lambda: bare(2.0, 3.0)}, rounds=31
    )
    return times["srcad"] - times["bare"]


def import_time(rounds: int = 7) -> float:
    """Seconds that ``import srcad`` takes after ``import numpy``, in a fresh process.

    As it is once installed: compiled to bytecode, whatever the environment says of writing that.
    """
    program = (
        "import numpy, time; t = time.perf_counter(); import srcad; print(time.perf_counter() - t)"
    )
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    found: list[float] = []
    with tempfile.TemporaryDirectory() as cache:
        for _ in range(rounds + 1):
            run = subprocess.run(
                [sys.executable, "-c", program],
                capture_output=True,
                check=True,
                env={**env, "PYTHONPYCACHEPREFIX": cache},
            )
            found.append(float(run.stdout))
    return statistics.median(found[1:])


def generation(rounds: int = 7) -> float:
    """Seconds to generate the gradient of 30 lines: the call that makes it, less a later one.

    Each round is a new function, so that its text is read and parsed anew.
    """
    rng = np.random.default_rng(0)
    params = [
        *(rng.normal(size=(6, 5)), rng.normal(size=5)),
        *(rng.normal(size=(5, 5)), rng.normal(size=5)),
        *(rng.normal(size=(5, 3)), rng.normal(size=3)),
    ]
    x = rng.normal(size=(4, 6))
    targets = np.eye(3)[[0, 1, 2, 0]]
    found = []
    for turn in range(rounds + 1):
        gradient = grad(FunctionType(thirty_lines.__code__, globals(), "thirty_lines"))
        start = time.perf_counter()
        gradient(params, x, targets)
        middle = time.perf_counter()
        gradient(params, x, targets)
        if turn:  # the first loads the modules
            found.append(middle - start - (time.perf_counter() - middle))
    return statistics.median(found)


def overhead_table() -> list[str]:
    """Print the overheads; return what misses a bar."""
    print(f"{'Overhead':44}{'measured':>12}{'bar':>12}")
    missed = []
    for what, measured, bar, unit, scale in (
        ("a call on floats, over the bare function", dispatch(), DISPATCH_BAR, "us", 1e6),
        ("import srcad, over numpy", import_time(), IMPORT_BAR, "ms", 1e3),
        ("generating the gradient of 30 lines", generation(), GENERATION_BAR, "ms", 1e3),
    ):
        print(f"{what:44}{scale * measured:9.2f} {unit}{scale * bar:9.1f} {unit}")
        if measured > bar:
            missed.append(f"{what}: {scale * measured:.2f} {unit} > {scale * bar:.1f} {unit}")
    return missed


if __name__ == "__main__":
    overhead_table()
