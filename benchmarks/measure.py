"""Side-by-side measurement: all candidates in turn, many rounds, medians."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping

__all__ = ["medians"]

Candidate = Callable[[], object]


def repeats_for(run: Candidate, least: float) -> int:
    """How often to call ``run`` so that one measurement takes at least ``least`` seconds."""
    n = 1
    while True:
        start = time.process_time()
        for _ in range(n):
            run()
        spent = time.process_time() - start
        if spent >= least:
            return n
        n = max(2 * n, int(n * least / max(spent, 1e-9)))


def medians(
    candidates: Mapping[str, Candidate], *, rounds: int = 15, least: float = 0.01
) -> dict[str, float]:
    """The median time of a call of each candidate, in seconds of this process' own processor time.

    What other processes do to the machine is not counted; nothing here waits or runs in parallel.

    The candidates are interleaved: each round measures every one of them, so that a slow moment of
    the machine falls on all alike. Their first calls, which may compile, are not counted.
    """
    for run in candidates.values():
        run()
    repeats = {name: repeats_for(run, least) for name, run in candidates.items()}
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for turn in range(rounds):
        names = list(candidates)
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            run = candidates[name]
            start = time.process_time()
            for _ in range(repeats[name]):
                run()
            times[name].append((time.process_time() - start) / repeats[name])
    return {name: statistics.median(found) for name, found in times.items()}
