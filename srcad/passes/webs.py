"""Give each web of a variable a name of its own.

A *web* is a set of definitions of one variable that share a use: the unit that needs one name. In
``x = 2 * x; y = x`` the parameter ``x`` and the new ``x`` are two webs; in ``s = 0; for v in xs: s
= s + v`` both definitions of ``s`` are one. After this pass a value that is read later was never
overwritten in straight-line code, so that only loops and branches have anything to record.

Accepts and returns normal IR. `emit.coalesce` undoes the renaming where the lives of two webs do
not overlap, so that the user's names come back.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import chain

from srcad.ir.names import Names
from srcad.ir.nodes import (
    Assign,
    AugAssign,
    Block,
    Break,
    Do,
    For,
    Function,
    If,
    Raise,
    Return,
    Stmt,
    Store,
    Tuple,
    Unpack,
    Var,
    While,
)
from srcad.ir.rebuild import changed, map_block, map_stmt, substituted
from srcad.ir.walk import bound, mentioned, statements, used

__all__ = ["separate_webs"]

Reaching = dict[Var, frozenset[int]]
"""For each variable the definitions that may have given it its present value."""


def separate_webs(fn: Function) -> tuple[Function, dict[Var, Var]]:
    """Rename webs apart; the second result maps each new variable to the one it was."""
    webs = _Webs(fn)
    old_of = {v: v for v in webs.bound_once}
    old_of.update((new, old) for (old, _), new in webs.names.items())
    params = fn.params
    if webs.names:
        params = tuple(replace(p, var=webs.defined(p.var, 0)) for p in params)
    return replace(fn, params=params, body=webs.renamed(fn.body)), old_of


class _Webs:
    """Numbers the definitions in textual order, joins those that share a use, names the classes.

    Most variables are bound by one statement only, so there is nothing to tell apart: they are
    left out of all this.
    """

    def __init__(self, fn: Function) -> None:
        self._ids: dict[tuple[int, Var], int] = {}
        self._parent: list[int] = []
        # For each use one of the definitions that reach it: all of them are of one web.
        self._uses: dict[tuple[int, Var], int] = {}
        self.names: dict[tuple[Var, int], Var] = {}
        stmts = statements(fn)
        params = [p.var for p in fn.params]
        counts = Counter(chain(params, chain.from_iterable(map(bound, stmts))))
        self.bound_once = [v for v, count in counts.items() if count == 1]
        self._several = counts.keys() - self.bound_once
        self._split: set[Var] = set()
        if not self._several:
            return
        self._walk(fn.body, {v: self._define(0, v) for v in params if v in self._several}, [])
        fresh = Names(v.name for v in {*counts, *chain.from_iterable(map(used, stmts))})
        seen: set[Var] = set()
        for (_, var), number in self._ids.items():
            key = (var, self._find(number))
            if key not in self.names:
                self.names[key] = fresh.fresh(var) if var in seen else var
                seen.add(var)
        self._split = {var for (var, _), new in self.names.items() if new is not var}

    def _define(self, site: int, var: Var) -> frozenset[int]:
        number = self._ids.setdefault((site, var), len(self._parent))
        if number == len(self._parent):
            self._parent.append(number)
        return frozenset([number])

    def _find(self, a: int) -> int:
        while self._parent[a] != a:
            self._parent[a] = self._parent[self._parent[a]]
            a = self._parent[a]
        return a

    def _use(self, stmt: Stmt, here: Reaching) -> None:
        for var in used(stmt):
            if defs := here.get(var):
                first, *rest = defs
                self._uses[id(stmt), var] = first
                for other in rest:
                    a, b = self._find(first), self._find(other)
                    self._parent[max(a, b)] = min(a, b)
                if rest:
                    here[var] = frozenset([first])  # the others are of its web, and need no more

    def _bind(self, stmt: Stmt, here: Reaching) -> None:
        for var in bound(stmt):
            if var in self._several:
                here[var] = self._define(id(stmt), var)

    def _walk(self, block: Block, reach: Reaching, breaks: list[Reaching]) -> Reaching | None:
        """The definitions that reach the end of ``block``; ``None`` if nothing reaches it."""
        here = dict(reach)
        for stmt in block:
            match stmt:
                case Assign() | AugAssign() | Store() | Do() | Unpack():
                    self._use(stmt, here)
                    self._bind(stmt, here)
                case If(_, then, orelse):
                    self._use(stmt, here)
                    merged = _merge(
                        self._walk(then, here, breaks), self._walk(orelse, here, breaks)
                    )
                    if merged is None:
                        return None
                    here = merged
                case For(_, _, body):
                    self._use(stmt, here)
                    here = self._loop(stmt, (), body, here)
                case While(header, _, body):
                    here = self._loop(stmt, header, body, here)
                case Break():
                    breaks.append(here)
                    return None
                case Raise() | Return():
                    self._use(stmt, here)
                    return None
                case _:
                    pass
        return here

    def _loop(self, stmt: For | While, header: Block, body: Block, reach: Reaching) -> Reaching:
        head = reach
        while True:
            breaks: list[Reaching] = []
            inner = self._walk(header, head, [])
            assert inner is not None
            exit_ = dict(inner)
            if isinstance(stmt, While):
                self._use(stmt, inner)
            self._bind(stmt, inner)
            end = self._walk(body, inner, breaks)
            if isinstance(stmt, For):
                exit_ = _merge(exit_, end) or exit_
            grown = _merge(head, end) or head
            if grown == head:
                for broken in breaks:
                    exit_ = _merge(exit_, broken) or exit_
                return exit_
            head = grown

    # --- renaming

    def renamed(self, block: Block) -> Block:
        """``block`` with each web's own name."""
        return map_block(block, self._renamed)

    def _renamed(self, stmt: Stmt) -> Stmt:
        if self._split.isdisjoint(mentioned(stmt)):
            return stmt
        site = id(stmt)
        webs = {var: self._uses.get((site, var)) for var in used(stmt)}
        own = {var: self.names[var, self._find(n)] for var, n in webs.items() if n is not None}
        new = map_stmt(stmt, lambda e: substituted(e, own), self.renamed)
        match new:
            case Assign(target, _) | For(target, _):
                return changed(new, target=self._target(target, site))
            case Unpack(targets, _):
                names = tuple([None if t is None else self.defined(t, site) for t in targets])
                return new if names == targets else replace(new, targets=names)
            case _:
                return new

    def defined(self, var: Var, site: int) -> Var:
        """The name of the web of the definition of ``var`` at ``site``."""
        number = self._ids.get((site, var))
        return var if number is None else self.names[var, self._find(number)]

    def _target(self, target: Var | Tuple, site: int) -> Var | Tuple:
        if isinstance(target, Var):
            return self.defined(target, site)
        return Tuple(tuple(self._target(t, site) for t in target.items))  # pyright: ignore[reportArgumentType]  # a target holds targets only


def _merge(a: Reaching | None, b: Reaching | None) -> Reaching | None:
    if a is None or b is None:
        return a if b is None else b
    out = dict(a)
    for var, defs in b.items():
        if var not in out:
            out[var] = defs
        elif out[var] is not defs:
            out[var] |= defs
    return out
