"""The tables' measurements as pytest-benchmark sees them: ``pytest benchmarks -n 0``.

Nothing is asserted about time: ``python -m benchmarks`` compares with the bars.
"""

from __future__ import annotations

import pytest

from benchmarks.array_workloads import ARRAY_WORKLOADS
from benchmarks.loop_workloads import LOOP_WORKLOADS
from benchmarks.peers import PEERS, available
from benchmarks.tables import array_candidates, loop_candidates
from benchmarks.workload import Workload

ARRAY_NAMES = ["primal", "by hand", "srcad", *(p for p in PEERS if available(p))]


@pytest.mark.parametrize("candidate", ARRAY_NAMES)
@pytest.mark.parametrize("workload", ARRAY_WORKLOADS, ids=lambda w: w.name)
def test_arrays(benchmark, workload: Workload, candidate: str) -> None:
    benchmark.group = workload.name
    args = workload.args(workload.sizes.measured)
    benchmark(array_candidates(workload, args)[candidate])


@pytest.mark.parametrize("candidate", ["primal", "by hand", "srcad"])
@pytest.mark.parametrize("workload", LOOP_WORKLOADS, ids=lambda w: w.name)
def test_loops(benchmark, workload: Workload, candidate: str) -> None:
    benchmark.group = workload.name
    args = workload.args(workload.sizes.measured)
    benchmark(loop_candidates(workload, args)[candidate])
