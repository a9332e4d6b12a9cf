"""What a workload is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

__all__ = ["Args", "Size", "Sizes", "Workload"]

Args = tuple[object, ...]
Size = tuple[float, ...]


class Sizes(NamedTuple):
    """How large a workload is: for tests, in the table of its backend, and elsewhere besides."""

    small: Size
    measured: Size
    others: tuple[Size, ...] = ()


@dataclass(frozen=True)
class Workload:
    """A scalar-valued function beside its gradient as an expert writes it.

    ``primal(*args)`` is what srcad differentiates by ``argnums``; ``by_hand(*args)`` returns the
    tuple of those gradients; ``make(rng, *size)`` makes arguments.
    """

    name: str
    primal: Callable[..., float]
    by_hand: Callable[..., tuple[object, ...]]
    argnums: tuple[int, ...]
    make: Callable[..., Args]
    sizes: Sizes

    def args(self, size: Size, seed: int = 0) -> Args:
        """Arguments of this size, the same ones each time."""
        return self.make(np.random.default_rng(seed), *size)
