"""The tables that ``python -m benchmarks`` prints."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping

import numpy as np

from benchmarks.array_workloads import ARRAY_WORKLOADS, MORE_BY_SIZE
from benchmarks.loop_workloads import LOOP_WORKLOADS
from benchmarks.measure import medians
from benchmarks.peers import PEERS, available, gradient_by
from benchmarks.workload import Args, Workload
from srcad import grad

__all__ = ["array_candidates", "array_table", "loop_candidates", "loop_table", "size_table"]

HAND_BAR, PEER_BAR, NUMBA_BAR = 1.15, 1.1, 1.3

Candidates = dict[str, Callable[[], object]]


def agree(workload: Workload, found: object, wanted: tuple[object, ...]) -> None:
    """Raise if two gradients differ: a wrong one is not worth timing."""
    assert isinstance(found, tuple | list)
    for f, w in zip(found, wanted, strict=True):
        np.testing.assert_allclose(
            np.asarray(f), w, rtol=1e-8, atol=1e-10 * np.abs(w).max(), err_msg=workload.name
        )


def array_candidates(workload: Workload, args: Args) -> Candidates:
    """The primal, and the gradient by hand, by srcad and by every peer that is installed."""
    gradient = grad(workload.primal, argnums=workload.argnums)
    candidates: Candidates = {
        "primal": lambda: workload.primal(*args),
        "by hand": lambda: workload.by_hand(*args),
        "srcad": lambda: gradient(*args),
    }
    for name in PEERS:
        run = gradient_by(name, workload, args)
        if run is not None:
            candidates[name] = run
    check_all(workload, args, candidates)
    return candidates


def loop_candidates(workload: Workload, args: Args) -> Candidates:
    """The gradient by hand and by srcad, both compiled by Numba, beside the compiled primal."""
    import numba

    primal = numba.njit(error_model="numpy")(workload.primal)
    gradient = grad(workload.primal, argnums=workload.argnums, backend="numba")
    # The primal alone may write into its arguments: a gradient never does.
    own = copy.deepcopy(args)
    candidates: Candidates = {
        "primal": lambda: primal(*own),
        "by hand": lambda: workload.by_hand(*args),
        "srcad": lambda: gradient(*args),
    }
    check_all(workload, args, candidates)
    return candidates


def check_all(workload: Workload, args: Args, candidates: Candidates) -> None:
    wanted = workload.by_hand(*args)
    for name, run in candidates.items():
        if name != "primal":
            agree(workload, run(), wanted)


def row(name: str, times: Mapping[str, float], columns: list[str]) -> str:
    cells = [f"{1e6 * times[c]:12.1f}" if c in times else f"{'absent':>12}" for c in columns]
    return f"{name:22}" + "".join(cells)


def array_table() -> list[str]:
    """Print the NumPy table; return what misses a bar."""
    columns = ["primal", "by hand", "srcad", *PEERS]
    print("NumPy backend: median time of a gradient in microseconds, one thread, float64")
    print(f"{'':22}" + "".join(f"{c:>12}" for c in columns) + f"{'/ by hand':>12}{'/ peer':>10}")
    missed = []
    for workload in ARRAY_WORKLOADS:
        args = workload.args(workload.sizes.measured)
        times = medians(array_candidates(workload, args))
        by_hand = times["srcad"] / times["by hand"]
        peers = [times[p] for p in PEERS if p in times]
        peer = times["srcad"] / min(peers) if peers else float("nan")
        print(row(workload.name, times, columns) + f"{by_hand:12.2f}{peer:10.2f}")
        if by_hand > HAND_BAR:
            missed.append(f"{workload.name}: {by_hand:.2f} of the hand-written time > {HAND_BAR}")
        if peer > PEER_BAR:
            missed.append(f"{workload.name}: {peer:.2f} of the best peer's time > {PEER_BAR}")
    for name in PEERS:
        if not available(name):
            print(f"{name} is not installed: its column is empty")
    return missed


def size_table() -> list[str]:
    """Print the array workloads at other sizes too: by what a peer wins, and from where on.

    There is no bar for these, so the list of what misses one is empty.
    """
    columns = ["by hand", "srcad"]
    print("NumPy backend, by size: the same as above, beside the fastest peer alone")
    print(
        f"{'':20}{'size':>22}" + "".join(f"{c:>12}" for c in columns) + f"{'/ by hand':>12}", end=""
    )
    print(f"{'/ peer':>10}  fastest")
    for workload in (*ARRAY_WORKLOADS, *MORE_BY_SIZE):
        for size in (workload.sizes.measured, *workload.sizes.others):
            times = medians(array_candidates(workload, workload.args(size)), rounds=7)
            fastest = min((p for p in PEERS if p in times), key=times.__getitem__, default=None)
            peer = times["srcad"] / times[fastest] if fastest else float("nan")
            cells = "".join(f"{1e6 * times[c]:12.1f}" for c in columns)
            print(
                f"{workload.name:20}{' x '.join(map(str, size)):>22}{cells}"
                f"{times['srcad'] / times['by hand']:12.2f}{peer:10.2f}  {fastest or 'absent'}"
            )
    return []


def loop_table() -> list[str]:
    """Print the Numba table; return what misses a bar."""
    columns = ["primal", "by hand", "srcad"]
    print("Numba backend: median time of a gradient in microseconds, one thread, float64")
    print(f"{'':22}" + "".join(f"{c:>12}" for c in columns) + f"{'/ by hand':>12}")
    missed = []
    for workload in LOOP_WORKLOADS:
        args = workload.args(workload.sizes.measured)
        times = medians(loop_candidates(workload, args))
        by_hand = times["srcad"] / times["by hand"]
        print(row(workload.name, times, columns) + f"{by_hand:12.2f}")
        if by_hand > NUMBA_BAR:
            missed.append(f"{workload.name}: {by_hand:.2f} of the hand-written time > {NUMBA_BAR}")
    return missed
