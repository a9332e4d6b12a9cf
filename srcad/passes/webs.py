"""Give each web of a variable a name of its own.

A *web* is a set of definitions of one variable that share a use: the unit that needs one name. In
``x = 2 * x; y = x`` the parameter ``x`` and the new ``x`` are two webs; in ``s = 0; for v in xs: s
= s + v`` both definitions of ``s`` are one. After this pass a value that is read later was never
overwritten in straight-line code, so that only loops and branches have anything to record.

Accepts and returns normal IR. `emit.coalesce` undoes the renaming where the lives of two webs do
not overlap, so that the user's names come back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from srcad.ir.names import Names
from srcad.ir.nodes import (
    Assign,
    Block,
    Break,
    Expr,
    For,
    Function,
    If,
    Raise,
    Return,
    Stmt,
    Tuple,
    Unpack,
    Var,
    While,
)
from srcad.ir.walk import bound, map_expr, map_stmt, statements, used

__all__ = ["separate_webs"]

Reaching = dict[Var, frozenset[int]]
"""For each variable the definitions that may have given it its present value."""


def separate_webs(fn: Function) -> tuple[Function, dict[Var, Var]]:
    """Rename webs apart; the second result maps each new variable to the one it was."""
    webs = _Webs(fn)
    old_of = {new: old for (old, _), new in webs.names.items()}
    body = webs.renamed_block(fn.body, webs.entry)[0]
    params = tuple(replace(p, var=webs.name(p.var, webs.entry[p.var])) for p in fn.params)
    return replace(fn, params=params, body=body), old_of


class _Webs:
    """Numbers the definitions in textual order, joins those that share a use, names the classes."""

    def __init__(self, fn: Function) -> None:
        self._ids: dict[tuple[int, Var], int] = {}
        self._parent: list[int] = []
        self.entry: Reaching = {}
        for param in fn.params:
            self.entry[param.var] = frozenset([self._define(0, param.var)])
        self._flow(fn.body, dict(self.entry), [])
        taken = {v.name for _, v in self._ids} | {
            v.name for s in statements(fn.body) for v in used(s)
        }
        self.names: dict[tuple[Var, int], Var] = {}
        fresh = Names(taken)
        seen: set[Var] = set()
        for (_, var), number in self._ids.items():
            key = (var, self._find(number))
            if key not in self.names:
                self.names[key] = fresh.fresh(var.base) if var in seen else var
                seen.add(var)

    def _define(self, site: int, var: Var) -> int:
        key = (site, var)
        if key not in self._ids:
            self._ids[key] = len(self._parent)
            self._parent.append(len(self._parent))
        return self._ids[key]

    def _find(self, a: int) -> int:
        while self._parent[a] != a:
            self._parent[a] = self._parent[self._parent[a]]
            a = self._parent[a]
        return a

    def _union(self, defs: frozenset[int]) -> None:
        first, *rest = defs
        root = self._find(first)
        for other in rest:
            a, b = self._find(root), self._find(other)
            root = min(a, b)
            self._parent[max(a, b)] = root

    def name(self, var: Var, defs: frozenset[int] | None) -> Var:
        if not defs:
            return var
        return self.names[var, self._find(min(defs))]

    # The same walk serves twice: first to join definitions, then to rename by them. `visit` is
    # called with each statement and what reaches it.

    def _flow(self, block: Block, reach: Reaching, breaks: list[Reaching]) -> Reaching | None:
        def join(stmt: Stmt, here: Reaching) -> None:
            for var in used(stmt):
                if defs := here.get(var):
                    self._union(defs)

        return self._walk(block, reach, breaks, join)

    def _walk(
        self,
        block: Block,
        reach: Reaching,
        breaks: list[Reaching],
        visit: Callable[[Stmt, Reaching], None],
    ) -> Reaching | None:
        """The definitions that reach the end of ``block``; ``None`` if nothing reaches it."""
        here: Reaching | None = dict(reach)
        for stmt in block:
            if here is None:
                break
            match stmt:
                case If(_, then, orelse):
                    visit(stmt, here)
                    here = _merge(
                        self._walk(then, here, breaks, visit),
                        self._walk(orelse, here, breaks, visit),
                    )
                case For(_, _, body):
                    visit(stmt, here)
                    here = self._loop(stmt, (), body, here, visit)
                case While(header, _, body):
                    here = self._loop(stmt, header, body, here, visit)
                case Break():
                    breaks.append(here)
                    here = None
                case Raise() | Return():
                    visit(stmt, here)
                    here = None
                case _:
                    visit(stmt, here)
                    for var in bound(stmt):
                        here[var] = frozenset([self._define(id(stmt), var)])
        return here

    def _loop(
        self,
        stmt: For | While,
        header: Block,
        body: Block,
        reach: Reaching,
        visit: Callable[[Stmt, Reaching], None],
    ) -> Reaching:
        head = dict(reach)
        while True:
            breaks: list[Reaching] = []
            inner = self._walk(header, head, [], visit)
            assert inner is not None
            exit_ = dict(inner)
            if isinstance(stmt, While):
                visit(stmt, inner)
            for var in bound(stmt):
                inner[var] = frozenset([self._define(id(stmt), var)])
            end = self._walk(body, inner, breaks, visit)
            if isinstance(stmt, For):
                exit_ = _merge(exit_, end) or exit_
            grown = _merge(head, end) or head
            if grown == head:
                for broken in breaks:
                    exit_ = _merge(exit_, broken) or exit_
                return exit_
            head = grown

    # --- renaming

    def renamed_block(self, block: Block, reach: Reaching) -> tuple[Block, None]:
        uses: dict[tuple[int, Var], Var] = {}

        def note(stmt: Stmt, here: Reaching) -> None:
            for var in used(stmt):
                uses[id(stmt), var] = self.name(var, here.get(var))

        self._walk(block, reach, [], note)
        return self._rename(block, uses), None

    def _rename(self, block: Block, uses: dict[tuple[int, Var], Var]) -> Block:
        out: list[Stmt] = []
        for stmt in block:

            def read(expr: Expr, site: int = id(stmt)) -> Expr:
                if isinstance(expr, Var):
                    return uses.get((site, expr), expr)
                return map_expr(expr, read)

            new = map_stmt(stmt, read, lambda inner: self._rename(inner, uses))
            match new:
                case Assign(target, _) | For(target, _):
                    new = replace(new, target=self._target(target, id(stmt)))
                case Unpack(targets, _):
                    new = replace(
                        new,
                        targets=tuple(
                            None if t is None else self._defined(t, id(stmt)) for t in targets
                        ),
                    )
                case _:
                    pass
            out.append(new)
        return tuple(out)

    def _defined(self, var: Var, site: int) -> Var:
        number = self._ids.get((site, var))
        return var if number is None else self.names[var, self._find(number)]

    def _target(self, target: Var | Tuple, site: int) -> Var | Tuple:
        if isinstance(target, Var):
            return self._defined(target, site)
        return Tuple(tuple(self._target(t, site) for t in target.items))  # pyright: ignore[reportArgumentType]  # a target holds targets only


def _merge(a: Reaching | None, b: Reaching | None) -> Reaching | None:
    if a is None or b is None:
        return dict(b) if a is None and b is not None else a
    out = dict(a)
    for var, defs in b.items():
        out[var] = out.get(var, frozenset()) | defs
    return out
