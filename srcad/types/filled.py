"""Dicts that a loop fills item by item: while it is written out, their types follow the flow.

Elsewhere the type of a variable is the join of all that is ever bound to it, and webs are apart, so
that little is lost. But a dict that a loop fills is one web as long as the loop is one, and has
other keys after each turn.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Final

from srcad.ir.nodes import For, Function, Stmt, Var, While
from srcad.ir.places import definitions, exposed
from srcad.ir.refs import OR, WITH_ITEM, refers_to
from srcad.ir.walk import assigned_call, bound, mention_counts, statements
from srcad.types.lattice import Type, join

__all__ = ["Filled"]

_FILLING: Final[frozenset[object]] = frozenset({WITH_ITEM.value, OR.value})


class Filled:
    """The variables whose types follow the flow, and the rules for where it meets.

    Each is made by one statement, which every path to the others passes.
    """

    def __init__(self, fn: Function) -> None:
        self._body = fn.body
        self._variables = {v for s in statements(fn) if (v := _filled_by(s)) is not None}
        if self._variables:
            defs = definitions(fn.body)
            params = {p.var for p in fn.params}
            self._variables = {
                v
                for v in self._variables - params
                if sum(_filled_by(s) is not v for s in defs[v]) == 1
            }

    @cached_property
    def everywhere(self) -> dict[Var, int]:
        """How often each variable is mentioned in the function."""
        return dict(mention_counts(self._body))

    def __contains__(self, var: Var) -> bool:
        return var in self._variables

    def renamed(self, names: Mapping[Var, Var]) -> None:
        """In a turn that is written out some variables have names of their own."""
        self._variables |= {new for old, new in names.items() if old in self._variables}
        self.everywhere.update((new, self.everywhere[old]) for old, new in names.items())

    def repeated(self, loop: For | While) -> None:
        """``loop`` stays a loop: what it carries from turn to turn, or out, has one type again."""
        if not self._variables:
            return
        inside = mention_counts((loop,))
        body = loop.body if isinstance(loop, For) else (*loop.header, *loop.body)
        carried = exposed(body)
        self._variables -= {
            v
            for s in statements(body)
            for v in bound(s)
            if v in carried or inside[v] != self.everywhere.get(v)
        }

    def held(self, types: Mapping[Var, Type]) -> dict[Var, Type | None]:
        """The types that they have here."""
        return {v: types.get(v) for v in self._variables}

    def met(
        self, one: Mapping[Var, Type | None], other: Mapping[Var, Type | None]
    ) -> Iterable[tuple[Var, Type]]:
        """The types where two branches meet."""
        for var in self._variables:
            a, b = one.get(var), other.get(var)
            if (t := b if a is None else a if b is None else join(a, b)) is not None:
                yield var, t


def _filled_by(stmt: Stmt) -> Var | None:
    made = assigned_call(stmt)
    if made is None or not refers_to(made[1].fn, _FILLING):
        return None
    return made[0] if made[1].args[:1] == made[:1] else None
