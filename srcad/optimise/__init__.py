"""Rewrites that make generated code read and run as if written by hand.

Each pass takes a function in normal IR and the types of its variables, and returns a function in
normal IR that computes the same; each can be left out without changing an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from srcad.analysis.memory import Memory, memory_of
from srcad.ir.nodes import Call, Function, Var
from srcad.optimise.available import NO_FACTS
from srcad.optimise.cleared import stored_sums
from srcad.optimise.common import common_subexpressions
from srcad.optimise.copies import propagate_copies
from srcad.optimise.cuts import cut_by_slices
from srcad.optimise.dead import dead_code
from srcad.optimise.fold import fold_typed
from srcad.optimise.handed_on import handed_on
from srcad.optimise.inplace import in_place
from srcad.optimise.items import joined_items
from srcad.optimise.neighbours import neighbours
from srcad.optimise.originals import read_originals
from srcad.optimise.parts import updated_parts
from srcad.optimise.records import one_record
from srcad.optimise.shapes import shapes
from srcad.optimise.stores import dead_stores
from srcad.optimise.values import updates_as_values
from srcad.optimise.visited_once import cells_visited_once
from srcad.optimise.whole import handed_on_whole
from srcad.optimise.whole_first import wholes_first
from srcad.types.lattice import Type

__all__ = ["NAMES", "PASSES", "Pass", "optimise", "optimise_typed"]

Types = Mapping[Var, Type]
Pass = Callable[[Function, Types, Memory], tuple[Function, Types]]


def _untyped(run: Callable[[Function, Types], Function]) -> Pass:
    return lambda fn, types, _: (run(fn, types), types)


def _informed(run: Callable[[Function, Types, Memory], Function]) -> Pass:
    return lambda fn, types, memory: (run(fn, types, memory), types)


PASSES: Final[tuple[tuple[str, Pass], ...]] = (
    ("copies", _untyped(propagate_copies)),
    ("dead", _informed(dead_code)),
    ("values", updates_as_values),
    ("cuts", cut_by_slices),
    ("shapes", _untyped(shapes)),
    ("fold", fold_typed),
    ("common", _informed(common_subexpressions)),
    ("handed_on", _informed(handed_on)),
    ("handed_on", _untyped(handed_on_whole)),
    ("copies", _untyped(propagate_copies)),
    ("records", _untyped(one_record)),
    ("stores", _informed(dead_stores)),
    ("stores", _informed(cells_visited_once)),
    ("dead", _informed(dead_code)),
    ("items", _informed(wholes_first)),
    ("items", joined_items),
    ("items", stored_sums),
    ("neighbours", _informed(neighbours)),
    ("originals", _informed(read_originals)),
    ("inplace", _informed(updated_parts)),
    ("inplace", _informed(in_place)),
)
"""The passes in order; a name may occur twice."""

NAMES: Final[tuple[str, ...]] = (*dict.fromkeys(name for name, _ in PASSES), "reuse")
"""What can be left out: the passes, and what `srcad.emit.reuse` does to the printed form."""

WRITING: Final = frozenset({"inplace", "reuse"})
"""What makes a text write into arrays: left out of texts that are differentiated again."""

_KEEP_MEMORY: Final = frozenset({"copies", "dead", "stores", "items", "neighbours"})
"""These drop or join statements, or exchange names of one object: its memory is as it was."""


def optimise(
    fn: Function, types: Mapping[Var, Type], without: frozenset[str] = frozenset()
) -> Function:
    """Run all passes but those named in ``without``.

    Parameters
    ----------
    fn
        A function in normal IR.
    types
        What is known of its variables; one that is not in it is unknown.
    without
        Names of passes to leave out.

    Raises
    ------
    ValueError
        If ``without`` names a pass that there is not.

    Examples
    --------
    >>> import operator
    >>> from srcad.ir.nodes import Assign, Call, Param, Ref, Return, Source
    >>> x, t, y = Var("x"), Var("t", 0, True), Var("y")
    >>> body = (Assign(t, Call(Ref("operator.neg", operator.neg), (x,))), Assign(y, t), Return(y))
    >>> fn = Function("f", (Param(x),), body, Source("f.py", 1, "f"))
    >>> [stmt.target.name for stmt in optimise(fn, {}).body[:-1]]
    ['y']
    """
    return optimise_typed(fn, types, without)[0]


def optimise_typed(
    fn: Function,
    types: Mapping[Var, Type],
    without: frozenset[str] = frozenset(),
    given: Mapping[Var, Call] = NO_FACTS,
) -> tuple[Function, Mapping[Var, Type]]:
    """`optimise`, and ``types`` with those of the temporaries that the passes make.

    Some parameters may be ``given`` as values of calls on others.
    """
    if unknown := without - frozenset(NAMES):
        raise ValueError(f"no such pass: {', '.join(sorted(unknown))}")
    memory = memory_of(fn, types)
    for name, run in PASSES:
        if name in without:
            continue
        before = fn
        if run is fold_typed:
            fn, types = fold_typed(fn, types, memory, given)
        else:
            fn, types = run(fn, types, memory)
        if name == "shapes":
            memory = memory.anew(fn, types)  # of the views that it drops, the old knows too much
        elif fn is not before and name not in _KEEP_MEMORY:
            memory = memory.followed(fn, types)
    return fn, types
