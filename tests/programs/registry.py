"""How a program enters the corpus."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

__all__ = ["Program", "all_programs", "program"]

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Program:
    """A function and how to test it.

    ``args`` makes the arguments from a random generator. ``order`` is how often it may be
    differentiated. ``analytic``: the function takes complex numbers, so the complex step applies.
    ``expect`` computes the gradients from the arguments by a formula. ``rtol`` is the agreement
    asked of a derivative; ``amplify`` is by how much rounding grows inside the program.
    ``reference`` is the method of `tests.differences` to use.
    """

    name: str
    fn: Callable[..., Any]
    args: Callable[[np.random.Generator], tuple[Any, ...]]
    argnums: tuple[int, ...] = (0,)
    order: int = 2
    analytic: bool = False
    tags: tuple[str, ...] = ()
    expect: Callable[..., tuple[Any, ...]] | None = None
    rtol: float = 1e-9
    amplify: float = 1.0
    reference: str = "auto"

    def rng(self) -> np.random.Generator:
        """A generator that depends on the name only."""
        return np.random.default_rng(zlib.crc32(self.name.encode()))


_programs: dict[str, Program] = {}


def program(
    args: Callable[[np.random.Generator], tuple[Any, ...]],
    *,
    name: str | None = None,
    **options: Any,
) -> Callable[[F], F]:
    """Enter the decorated function, which stays itself, into the corpus."""

    def enter(fn: F) -> F:
        key = name or fn.__name__
        if key in _programs:
            raise ValueError(f"two programs are named {key}")
        _programs[key] = Program(key, fn, args, **options)
        return fn

    return enter


def all_programs() -> tuple[Program, ...]:
    """Every program, in the order of the files and lines."""
    from tests.programs import (  # noqa: F401  (importing them enters their programs)
        arrays,
        branches,
        by_hand,
        calls,
        cells,
        counts,
        dicts,
        dtypes,
        evaluation,
        everyday,
        exchanges,
        exits,
        extents,
        found,
        graphs,
        grown_lists,
        handed_out,
        hostile,
        inplace,
        ints_in_lists,
        items,
        iteration,
        joins,
        keywords,
        labels,
        laboratory,
        linalg,
        lists,
        loops,
        motion,
        moved_items,
        neighbours,
        nested_functions,
        networks,
        no_axes,
        numbers,
        orders,
        parameters,
        places,
        plain_functions,
        practice,
        pytrees,
        random_numbers,
        recurrences,
        rows,
        scientific,
        shifted_turns,
        shifts,
        signatures,
        simulations,
        special,
        spectral,
        standards,
        statements,
        statistics,
        steady,
        straight_line,
        textbooks,
        tuples,
        unbound,
        views,
        while_loops,
        windows,
    )

    return tuple(_programs.values())
