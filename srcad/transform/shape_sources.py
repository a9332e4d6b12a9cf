"""Of several arrays of one shape, which to ask for it: one that is read anyway.

The derivative of ``np.sum(t)`` wants the shape of ``t``. After ``t = v * v``, whose own derivative
reads ``v``, it asks ``v``: then nobody reads ``t``, and no loop has to keep it for its shape. Nor
is anything asked that is as long as an int says, if it is not read: that shape is ``(n,)``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import reduce
from typing import Final

import numpy as np

from srcad.ir.naming import is_temporary
from srcad.ir.nodes import Assign, Block, Call, Const, Expr, Function, Ref, Tuple, Unpack, Var
from srcad.ir.rebuild import map_expr
from srcad.ir.refs import MUL, refers_to
from srcad.ir.walk import blocks, bound, statements
from srcad.rules.table import rule_for
from srcad.transform.terms import Term
from srcad.types.lattice import Array, Dim, Scalar, Static, Sym, Type
from srcad.types.layouts import is_count
from srcad.types.operands import operand_type

__all__ = ["ask_operands"]

_SHAPE: Final = Ref("np.shape", np.shape)
_ASKING: Final[frozenset[object]] = frozenset({np.shape, np.size})


def ask_operands(
    fn: Function, types: Mapping[Var, Type], terms: Mapping[int, tuple[Term, ...]]
) -> dict[int, tuple[Term, ...]]:
    """``terms``, with shapes asked of what the derivatives read.

    Parameters
    ----------
    fn
        A function as `srcad.transform.prepare` leaves it.
    types
        The types of its variables.
    terms
        The terms of each statement that has some, by the statement's identity.
    """
    search = _Search(fn, types, dict(terms))
    search.block(fn.body, {}, {p.var for p in fn.params})
    return search.told()


class _Search:
    def __init__(
        self, fn: Function, types: Mapping[Var, Type], terms: dict[int, tuple[Term, ...]]
    ) -> None:
        self.types = types
        self.terms = terms
        self._fn = fn
        self._made = Counter(v for s in statements(fn) for v in bound(s))
        self._made.update(p.var for p in fn.params)

    def block(self, block: Block, sources: dict[Var, Var], made: set[Var]) -> None:
        """Walk ``block``, before which the variables ``made`` are there.

        What is learned inside a branch or a loop holds in the rest of it only: there alone the
        result and its operand are surely of one turn.
        """
        for stmt in block:
            found = self.terms.get(id(stmt))
            if found is not None and sources:
                self.terms[id(stmt)] = tuple(
                    [_with_value(t, _asked(t.value, sources)) for t in found]
                )
            if found is not None and isinstance(stmt, Assign) and isinstance(stmt.target, Var):
                source = self._source(stmt.target, stmt.value, found, sources, made)
                if source is not None:
                    sources[stmt.target] = source
            made.update(bound(stmt))
            for inner in blocks(stmt):
                self.block(inner, dict(sources), set(made))

    def told(self) -> dict[int, tuple[Term, ...]]:
        """The terms, with the shapes of what is not read told by ints that are extents."""
        params = [p.var for p in self._fn.params]
        # What the body itself makes, and no branch or loop in it, is there in the backward sweep.
        plain = [s for s in self._fn.body if isinstance(s, Assign | Unpack)]
        local = [v for s in plain for v in bound(s) if not is_temporary(v)]
        counts: dict[Dim, Var] = {}
        for var in (*params, *local):
            known = self._count(var)
            if known is not None and self._made[var] == 1:
                counts.setdefault(known, var)
        if not counts:
            return self.terms
        read = {v for terms in self.terms.values() for t in terms for v in t.reads.contents}
        read.update(params)

        def extent(dim: Dim) -> Expr | None:
            return Const(dim) if isinstance(dim, int) else counts.get(dim)

        def shape(x: Expr) -> tuple[Expr, ...] | None:
            t = self.types.get(x) if isinstance(x, Var) and x not in read else None
            if not isinstance(t, Array) or all(isinstance(d, int) for d in t.shape):
                return None
            told = tuple(map(extent, t.shape))
            return None if None in told else tuple(e for e in told if e is not None)

        return {
            at: tuple([_with_value(t, _told(t.value, shape)) for t in terms])
            for at, terms in self.terms.items()
        }

    def _count(self, var: Var) -> Sym | None:
        """The extent that the Python int ``var`` is, if it is one."""
        match self.types.get(var):
            case Scalar(weak=True, known=Sym() as known) if is_count(known):
                return known
            case _:
                return None

    def _source(
        self,
        target: Var,
        value: Expr,
        terms: tuple[Term, ...],
        sources: Mapping[Var, Var],
        made: set[Var],
    ) -> Var | None:
        if not (isinstance(value, Call) and isinstance(value.fn, Ref)):
            return None
        rule = rule_for(value.fn.value)
        if rule is None or rule.kind != "elementwise" or self._made[target] != 1:
            return None
        arrays = {
            a for a in value.args if not isinstance(operand_type(a, self.types), (Scalar, Static))
        }
        if len(arrays) != 1:
            return None
        (array,) = arrays
        if not (isinstance(array, Var) and isinstance(self.types.get(array), Array)):
            return None
        if array not in made or self._made[array] != 1:
            return None
        if (earlier := sources.get(array)) is not None:
            return earlier
        read = {v for t in terms for v in t.reads.names}
        return array if array in read and target not in read else None


def _told(expr: Expr, shape: Callable[[Expr], tuple[Expr, ...] | None]) -> Expr:
    """``expr`` in which the ``shape`` that is known of an operand is written out."""
    if not isinstance(expr, Call):
        return expr
    fn, args = expr.fn, expr.args
    asks = refers_to(fn, _ASKING) and len(args) == 1 and not expr.kwargs
    if asks and (told := shape(args[0])) is not None:
        return Tuple(told) if fn == _SHAPE else reduce(_times, told)
    return map_expr(expr, lambda part: _told(part, shape))


def _with_value(term: Term, value: Expr) -> Term:
    return term if value is term.value else replace(term, value=value)


def _times(a: Expr, b: Expr) -> Expr:
    return Call(MUL, (a, b))


def _asked(expr: Expr, sources: Mapping[Var, Var]) -> Expr:
    match expr:
        case Call(Ref(_, fn), (Var() as x, *rest)) if fn in _ASKING and x in sources:
            return replace(expr, args=(sources[x], *rest))
        case Call():
            return map_expr(expr, lambda part: _asked(part, sources))
        case _:
            return expr
