"""What is known of a function while it is untangled."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from srcad.analysis.outside import CalleeOutside, is_own_result
from srcad.analysis.sharing import CalleeShares, Link, links
from srcad.ir.names import Names
from srcad.ir.nodes import Call, Expr, Function, Var
from srcad.ir.places import occurrences
from srcad.ir.walk import statements
from srcad.types.lattice import Array, Type
from srcad.types.operands import expression_type

__all__ = ["Known", "reached", "targets"]


class Known:
    """The types of the variables, to which new ones may come, and what callees share."""

    def __init__(
        self,
        fn: Function,
        types: dict[Var, Type],
        shares: CalleeShares,
        outside: CalleeOutside,
    ) -> None:
        self.types = types
        self.shares = shares
        self.outside = outside
        taken = {v.name for v in occurrences(fn.body)}
        taken |= {p.var.name for p in fn.params} | {c.name for c in fn.captures}
        self.names = Names(taken)

    def another(self, var: Var) -> Var:
        """A new variable for a value of ``var``."""
        new = self.names.fresh(var)
        if var in self.types:
            self.types[new] = self.types[var]
        return new

    def another_for(self, var: Var, call: Call) -> Var:
        """A new variable for the value of ``var`` that ``call`` makes."""
        new = self.another(var)
        made = expression_type(call, self.types)
        if isinstance(made, Array):
            self.types[new] = made
        return new

    def is_array(self, var: Var) -> bool:
        return isinstance(self.types.get(var), Array)

    def is_new(self, value: Expr) -> bool:
        """Whether ``value`` is a call whose result nobody else holds."""
        if not isinstance(value, Call):
            return False
        return is_own_result(value, self.types, self.shares, self.outside)

    def links(self, fn: Function) -> list[Link]:
        """Which variables of ``fn`` may share memory, and by which statement."""
        found = (links(s, self.types, self.shares) for s in statements(fn))
        return [link for of_stmt in found for link in of_stmt]


def reached(var: Var, after: Mapping[Var, AbstractSet[Var]]) -> set[Var]:
    """``var``, and what may share its memory by what is made of it."""
    found, pending = {var}, [var]
    while pending:
        for target in after.get(pending.pop(), ()):
            if target not in found:
                found.add(target)
                pending.append(target)
    return found


def targets(found: list[Link]) -> dict[Var, set[Var]]:
    """By variable, those that are made of it and may share its memory."""
    after: dict[Var, set[Var]] = {}
    for link in found:
        after.setdefault(link.origin, set()).add(link.target)
    return after
