"""How a derivative is made."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Final

from srcad.calls.selection import Argnums, check_argnums
from srcad.errors import ArgumentError

__all__ = ["BACKENDS", "Options"]

BACKENDS: Final = ("numpy", "numba")


@dataclass(frozen=True, slots=True)
class Options:
    """How a derivative is made: the arguments of `srcad.grad` other than the function."""

    argnums: Argnums = 0
    has_aux: bool = False
    backend: str = "numpy"
    optimise: bool | frozenset[str] = True

    def checked(self, verb: str) -> Options:
        """These options, if they make sense.

        Raises
        ------
        ArgumentError
        """
        if self.backend not in BACKENDS:
            raise ArgumentError(
                f"{verb}: there is no backend {self.backend!r}", instead="'numpy' or 'numba'"
            )
        if isinstance(self.optimise, frozenset):
            passes = frozenset(importlib.import_module("srcad.optimise").NAMES)
            if unknown := sorted(map(str, self.optimise - passes)):
                raise ArgumentError(
                    f"{verb}: there is no optimisation pass {unknown[0]!r} to leave out",
                    instead=f"one of {', '.join(map(repr, sorted(passes)))}",
                )
        return Options(
            check_argnums(self.argnums, verb), bool(self.has_aux), self.backend, self.optimise
        )
