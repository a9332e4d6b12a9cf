"""What Numba cannot compile, or compiles badly, rewritten before the function is printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from srcad.backends.numba.buffers import drop_zeros, lift_buffers
from srcad.backends.numba.draft import Draft
from srcad.backends.numba.dtypes import name_dtypes
from srcad.backends.numba.ellipses import slice_wholes
from srcad.backends.numba.kinks import compare_at_kinks
from srcad.backends.numba.overlaps import copy_overlapping
from srcad.backends.numba.ranges import count_down
from srcad.backends.numba.reciprocals import share_reciprocals
from srcad.backends.numba.recorded import reuse_recorded
from srcad.backends.numba.records import store_in_arrays
from srcad.backends.numba.repeated import name_repeated
from srcad.backends.numba.spellings import spell_for_numba
from srcad.backends.numba.turns import join_turns
from srcad.backends.numba.vectors import loop_over_items
from srcad.ir.nodes import Function, Var
from srcad.types.lattice import Type

__all__ = ["lower_for_numba"]


def lower_for_numba(
    fn: Function, types: Mapping[Var, Type], users: frozenset[str]
) -> tuple[Function, Mapping[Var, Type]]:
    """Rewrite ``fn`` so that Numba compiles it, and to fast code.

    Parameters
    ----------
    fn : Function
        A function in normal IR.
    types : Mapping
        The types of its variables, where they are known.
    users : frozenset of str
        The names that the user gave: lists of these names stay lists.

    Returns
    -------
    fn : Function
        The same computation.
    types : Mapping
        ``types`` with those of the variables that were added.

    Examples
    --------
    >>> from srcad.emit.text import render
    >>> from srcad.ir.nodes import Call, Const, For, Param, Ref, Return, Source
    >>> i, n = Var("i"), Var("n")
    >>> backwards = Call(Ref("reversed", reversed), (Call(Ref("range", range), (n,)),))
    >>> body = (For(i, backwards, (), ()), Return(Const(0)))
    >>> fn, _ = lower_for_numba(
    ...     Function("f", (Param(n),), body, Source("f.py", 1, "f")), {}, frozenset()
    ... )
    >>> fn.body[1].iter.args
    (Var(base='t', n=0), Const(value=-1), Const(value=-1))
    """
    fn = replace(fn, context=None)  # what Numba compiles never warns
    fn = name_repeated(name_dtypes(fn))
    draft = Draft(fn, types)
    fn = slice_wholes(fn, draft)
    fn = spell_for_numba(fn, draft)
    fn = compare_at_kinks(fn, draft)
    fn = reuse_recorded(fn, draft)
    fn = join_turns(fn, draft)
    fn = store_in_arrays(fn, draft, users)
    fn = count_down(fn, draft)
    fn = loop_over_items(fn, draft)
    fn = drop_zeros(fn, draft)
    fn = lift_buffers(fn, draft)
    fn = copy_overlapping(fn, draft)
    fn = share_reciprocals(fn, draft)
    return fn, draft.types
