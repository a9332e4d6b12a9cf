"""What a workload is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

__all__ = ["Args", "Workload"]

Args = tuple[object, ...]


@dataclass(frozen=True)
class Workload:
    """A scalar-valued function beside its gradient as an expert writes it.

    ``primal(*args)`` is what srcad differentiates by ``argnums``; ``by_hand(*args)`` returns the
    tuple of those gradients; ``args(rng, small)`` makes arguments, of the measured size or, for
    tests, small.
    """

    name: str
    primal: Callable[..., float]
    by_hand: Callable[..., tuple[object, ...]]
    args: Callable[[np.random.Generator, bool], Args]
    argnums: tuple[int, ...]
