"""How often variables are read, by what is read itself."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cached_property

from srcad.analysis.effects import is_pure
from srcad.ir.nodes import Assign, Call, For, Function, Stmt, Var, While
from srcad.ir.walk import bound, statements, used

__all__ = ["ReadCounts"]


class ReadCounts:
    """How often the variables of a function are read, counted when that is first asked."""

    def __init__(self, fn: Function) -> None:
        self._fn = fn
        self._made: set[Var] = set()

    def once(self, var: Var) -> bool:
        """Whether ``var`` is read once."""
        return self._counts[var] == 1 or var in self._made

    def few(self, var: Var) -> bool:
        """Whether ``var`` is read twice at most."""
        return self._counts[var] <= 2

    def made(self, var: Var) -> None:
        """Take ``var``, which a rewrite makes, for one that is read once."""
        self._made.add(var)

    @cached_property
    def _counts(self) -> Counter[Var]:
        return _reads_that_count(self._fn)


def _reads_that_count(fn: Function) -> Counter[Var]:
    """How often each variable is read, by statements whose own results are read.

    What a loop reads of what is made before it, it may read many times: that counts as twice.
    """
    stmts = statements(fn)
    reads = Counter([v for s in stmts for v in used(s)])
    made: defaultdict[Var, list[Stmt]] = defaultdict(list)
    for stmt in stmts:
        for var in bound(stmt):
            made[var].append(stmt)
        if isinstance(stmt, (For, While)):
            inside = statements((stmt,))
            again = inside[1:] if isinstance(stmt, For) else inside
            of_its_own = {v for s in inside for v in bound(s)}
            reads.update({v for s in again for v in used(s)} - of_its_own)
    unread = [v for v in made if not reads[v]]
    while unread:
        for stmt in made.pop(unread.pop(), ()):
            if not isinstance(stmt, Assign):
                continue
            if not isinstance(stmt.value, Call) or is_pure(stmt.value):
                for var in used(stmt):
                    reads[var] -= 1
                unread.extend(v for v in dict.fromkeys(used(stmt)) if not reads[v] and v in made)
    return reads
