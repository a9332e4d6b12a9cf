"""Loops over `itertools.product`, `combinations` and `pairwise`, as loops inside loops.

These tell which ints or items there are, so that what is read there is known, and items of what is
differentiated have a derivative.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Final

from srcad.frontend.evaluation import Evaluation
from srcad.ir.nodes import (
    Assign,
    Attr,
    Block,
    Call,
    Const,
    Do,
    Expr,
    For,
    List,
    Origin,
    Ref,
    Star,
    Stmt,
    Target,
    Tuple,
    Var,
)
from srcad.ir.refs import ADD, GETITEM, ITERATORS, LEN, LIST, RANGE, SUB, refers_to
from srcad.ir.walk import may_bind, may_break, statements

__all__ = ["for_loop"]

_ONE: Final = Const(1)
_MOST_LOOPS: Final = 4


def for_loop(
    lowering: Evaluation,
    target: Target,
    iterable: Expr,
    body: Block,
    orelse: Block,
    origin: Origin | None,
) -> tuple[Stmt, ...]:
    """The loop of ``target`` over ``iterable``.

    One that is left by a `break`, or has an `else`, would need to leave several: it stays one loop.
    """
    fn = iterable.fn.value if isinstance(iterable, Call) and isinstance(iterable.fn, Ref) else None
    if isinstance(iterable, Call) and not (orelse or lowering.names is None or may_break(body)):
        loops = _Loops(lowering, target, body, origin)
        if any(isinstance(a, Star) for a in iterable.args):
            pass
        elif fn is itertools.product:
            runs = _factors(iterable)
            if 1 < len(runs) <= _MOST_LOOPS:
                return loops.product(runs)
        elif fn is itertools.combinations and not iterable.kwargs:
            match iterable.args:
                case (run, Const(int(n))) if 1 < n <= _MOST_LOOPS:
                    return loops.combinations(run, n)
                case _:
                    pass
        elif fn is itertools.pairwise and len(iterable.args) == 1:
            return loops.neighbours(iterable.args[0])
    return (For(target, iterable, body, orelse, origin),)


def _factors(call: Call) -> tuple[Expr, ...]:
    match call.kwargs:
        case ():
            return call.args
        case (("repeat", Const(int(n))),) if len(call.args) == 1 and n <= _MOST_LOOPS:
            return call.args * n
        case _:
            return ()


class _Loops:
    """Loops around ``body``, which is given ``target``."""

    def __init__(
        self, lowering: Evaluation, target: Target, body: Block, origin: Origin | None
    ) -> None:
        assert lowering.names is not None
        self._lowering, self._names = lowering, lowering.names
        self._target, self._body, self._origin = target, body, origin
        self._rebound = {v for stmt in statements(body) for v in may_bind(stmt)}
        self._first: list[Stmt] = []

    def product(self, runs: Sequence[Expr]) -> tuple[Stmt, ...]:
        held: dict[Expr, Expr] = {}
        for run in runs:
            if run not in held:
                held[run] = self._held(run)
        # An outer variable must not change where the loops inside it have no turn.
        full = all(map(_has_items, runs[1:]))
        own = self._own_names(len(runs))
        names = own if own and full else self._fresh(len(runs))
        if own and not full:
            names = (*names[:-1], own[-1])
        return self._nested(names, [held[run] for run in runs], Tuple(names))

    def combinations(self, run: Expr, n: int) -> tuple[Stmt, ...]:
        match run:
            case Call(Ref(_, fn), (end,), ()) if fn is range:
                items, count = None, self._saved(end)
            case _:
                items = self._listed(run)
                count = self._temp(Call(LEN, (items,)))
        own = self._own_names(n) if items is None else None
        places = own or self._fresh(n, "i")
        runs: list[Expr] = []
        for k in range(n):
            left = n - 1 - k
            end = self._less(count, left)
            start = () if k == 0 else (Call(ADD, (places[k - 1], _ONE)),)
            runs.append(Call(RANGE, (*start, end)))
        return self._nested(places, runs, self._items(items, places))

    def neighbours(self, run: Expr) -> tuple[Stmt, ...]:
        items = self._listed(run)
        (i,) = self._fresh(1, "i")
        end = self._less(self._temp(Call(LEN, (items,))), 1)
        pair = Tuple(
            (
                Call(GETITEM, (items, i), origin=self._origin),
                Call(GETITEM, (items, Call(ADD, (i, _ONE))), origin=self._origin),
            )
        )
        return self._nested((i,), [Call(RANGE, (end,))], pair)

    def _nested(self, names: Sequence[Var], runs: Sequence[Expr], given: Tuple) -> tuple[Stmt, ...]:
        head = () if given == self._target else (Assign(self._target, given, self._origin),)
        made: Block = (*head, *self._body)
        for name, run in zip(reversed(names), reversed(runs), strict=True):
            made = (For(name, run, made, (), self._origin),)
        return (*self._first, *made)

    def _own_names(self, n: int) -> tuple[Var, ...] | None:
        """The variables of the target, where each is one that only the loops bind."""
        if not isinstance(self._target, Tuple):
            return None
        names = tuple(v for v in self._target.items if isinstance(v, Var))
        alone = len(names) == len(self._target.items) == len(set(names)) == n
        return names if alone and self._rebound.isdisjoint(names) else None

    def _fresh(self, n: int, like: str = "t") -> tuple[Var, ...]:
        if isinstance(self._target, Tuple) and len(self._target.items) == n and like == "t":
            likes = [v if isinstance(v, Var) else "t" for v in self._target.items]
            return tuple(map(self._names.fresh, likes))
        return tuple(self._names.fresh(like) for _ in range(n))

    def _items(self, items: Expr | None, places: Sequence[Var]) -> Tuple:
        if items is None:
            return Tuple(tuple(places))
        return Tuple(tuple(Call(GETITEM, (items, i), origin=self._origin) for i in places))

    def _less(self, count: Expr, n: int) -> Expr:
        if isinstance(count, Const) and isinstance(count.value, int):
            return Const(count.value - n)
        return Call(SUB, (count, Const(n))) if n else count

    # --- what is evaluated once, before the loops

    def _held(self, run: Expr) -> Expr:
        match run:
            case Call(Ref(_, fn), bounds, ()) if fn is range:
                return Call(RANGE, tuple(map(self._saved, bounds)))
            case Tuple(items) | List(items) if all(isinstance(i, Const) for i in items):
                return run
            case _:
                return self._listed(run)

    def _saved(self, expr: Expr) -> Expr:
        return self._lowering.saved(expr, self._first, self._rebound)

    def _listed(self, run: Expr) -> Expr:
        if not (isinstance(run, Call) and refers_to(run.fn, ITERATORS)):
            return self._temp(Call(LIST, (run,), origin=self._origin))
        items, item = self._temp(List(())), self._names.fresh("item")
        append = Do(Call(Attr(items, "append"), (item,), origin=run.origin), self._origin)
        self._first.append(For(item, run, (append,), (), self._origin))
        return items

    def _temp(self, value: Expr) -> Var:
        temp = self._lowering.temp()
        self._first.append(Assign(temp, value, self._origin))
        return temp


def _has_items(run: Expr) -> bool:
    match run:
        case Call(Ref(_, fn), args, ()) if fn is range:
            ends = [a.value for a in args if isinstance(a, Const) and isinstance(a.value, int)]
            return len(ends) == len(args) and ends[2:] != [0] and len(range(*ends)) > 0
        case Tuple(items) | List(items):
            return bool(items) and not any(isinstance(i, Star) for i in items)
        case _:
            return False
