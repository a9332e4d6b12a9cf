"""The hand-written gradients that srcad is measured against are right."""

from __future__ import annotations

import copy

import numpy as np
import pytest

from benchmarks.array_workloads import ARRAY_WORKLOADS, MORE_BY_SIZE
from benchmarks.loop_workloads import LOOP_WORKLOADS
from benchmarks.workload import Workload

# Compiling them would take longer than everything else here: Numba's functions keep the plain ones.
CASES = [(w, w.by_hand) for w in (*ARRAY_WORKLOADS, *MORE_BY_SIZE)] + [
    (w, getattr(w.by_hand, "py_func", w.by_hand)) for w in LOOP_WORKLOADS
]


@pytest.mark.parametrize(("workload", "by_hand"), CASES, ids=[w.name for w, _ in CASES])
def test_by_hand_agrees_with_differences(workload: Workload, by_hand) -> None:
    rng = np.random.default_rng(1)
    args = workload.args(workload.sizes.small, seed=1)
    gradients = by_hand(*copy.deepcopy(args))
    assert len(gradients) == len(workload.argnums)
    for argnum, gradient in zip(workload.argnums, gradients):
        x = np.asarray(args[argnum])
        assert np.shape(gradient) == x.shape
        v = rng.normal(size=x.shape)

        def along(t: float, argnum: int = argnum, x=x, v=v) -> float:
            moved = x + t * v
            fresh = copy.deepcopy(args)
            new = moved if moved.ndim else float(moved)
            return workload.primal(*fresh[:argnum], new, *fresh[argnum + 1 :])

        h = 1e-3
        seven_point = (
            45 * (along(h) - along(-h))
            - 9 * (along(2 * h) - along(-2 * h))
            + (along(3 * h) - along(-3 * h))
        ) / (60 * h)
        assert np.sum(gradient * v) == pytest.approx(seven_point, rel=1e-8, abs=1e-10)
