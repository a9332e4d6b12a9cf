"""The way from normal IR to the nested form that is printed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from srcad.analysis.memory import Memory, memory_of
from srcad.emit.adjoints import in_adjoints
from srcad.emit.coalesce import coalesce
from srcad.emit.indices import written_out
from srcad.emit.literals import literals_first
from srcad.emit.renest import renest
from srcad.emit.reuse import reuse
from srcad.emit.row_products import row_products
from srcad.ir.nodes import Function, Var
from srcad.types.lattice import Array, Type

__all__ = ["nested_form"]


def nested_form(
    fn: Function,
    types: Mapping[Var, Type],
    users: frozenset[str],
    called: Mapping[Var, Var],
    *,
    reuses: bool,
    memory: Memory | None = None,
) -> Function:
    """``fn`` with expressions in expressions, as one would write it by hand.

    Parameters
    ----------
    fn : Function
        Normal IR.
    types : Mapping
        The types of its variables.
    users : frozenset of str
        The names that the user gave, which stay.
    called : Mapping
        What variables are called elsewhere; that name they are to have here as well.
    reuses : bool
        Whether arrays may be written over, and sums be written for NumPy alone.
    memory : Memory, optional
        What shares memory in ``fn``, where that is known already.
    """
    has_arrays = any(isinstance(t, Array) and t.ndim for t in types.values())
    memory = (memory or memory_of(fn, types)) if has_arrays else None
    nested = written_out(renest(fn, types, memory), types)
    nested = in_adjoints(nested, partial(literals_first, types=types))
    if reuses:
        nested = reuse(nested, fn, types, memory)
        nested = in_adjoints(nested, partial(row_products, types=types))
    return coalesce(nested, types, keep=users, called=called)
