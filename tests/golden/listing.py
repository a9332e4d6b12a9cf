"""The listings, and what srcad generates for them."""

from __future__ import annotations

import importlib
import inspect
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from srcad import grad

__all__ = ["LISTINGS", "NAMES", "Listing", "code_lines", "generated", "stored"]

NAMES = (
    "branch",
    "distances",
    "early_return",
    "logistic_regression",
    "loss",
    "mean_of_paths",
    "mlp",
    "newton_sqrt",
    "relax",
    "residual_loss",
    "rnn_loss",
    "row_updates",
    "trajectory",
)


@dataclass(frozen=True)
class Listing:
    """A primal with its hand-written gradient."""

    name: str
    module: ModuleType

    @property
    def primal(self) -> Any:
        return getattr(self.module, self.name)

    @property
    def gradient(self) -> Any:
        return getattr(self.module, f"{self.name}_grad")

    @property
    def argnums(self) -> Any:
        nums = self.module.ARGNUMS
        return nums[0] if len(nums) == 1 else nums

    def arguments(self) -> tuple[Any, ...]:
        return self.module.arguments(np.random.default_rng(7))

    def written(self) -> str:
        return "\n".join(inspect.getsource(f) for f in self.module.WRITTEN)


LISTINGS = {n: Listing(n, importlib.import_module(f"tests.golden.{n}")) for n in NAMES}


def generated(listing: Listing) -> str:
    """The text of the gradient for the listing's arguments."""
    return grad(listing.primal, argnums=listing.argnums).source_for(*listing.arguments())


def stored(name: str) -> Path:
    return Path(__file__).with_name(f"{name}.txt")


def code_lines(text: str) -> list[str]:
    """The lines that are neither blank, comment, import nor docstring."""
    lines = []
    inside = False
    for line in map(str.strip, text.splitlines()):
        quotes = line.count('"""')
        if quotes or inside:
            inside ^= quotes == 1
        elif line and not line.startswith(("#", "import ", "from ")):
            lines.append(line)
    return lines
