"""The turns of a loop that is written out: over a dict, over functions or what chooses them, over
unlike items, or over what the keys of a dict are made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, TypeGuard

from srcad.ir.nodes import (
    Assign,
    AugAssign,
    Block,
    Call,
    Const,
    Expr,
    For,
    If,
    List,
    Ref,
    Star,
    Stmt,
    Store,
    Tuple,
    Unpack,
    Var,
)
from srcad.ir.places import exposed
from srcad.ir.rebuild import copied, renamed, substituted
from srcad.ir.refs import GETITEM, WITH_ITEM, ZIP
from srcad.ir.walk import bound, may_bind, mention_counts, statements, used, variables
from srcad.types.containers import constant_key
from srcad.types.lattice import (
    UNKNOWN,
    Array,
    DictOf,
    FixedList,
    ListOf,
    Scalar,
    Static,
    TupleOf,
    Type,
    join_all,
)
from srcad.types.run import Run

__all__ = ["turns_of", "unrolled"]

_MOST_TURNS: Final = 64


def turns_of(run: Run, target: Var, iterable: Expr, body: Block) -> tuple[Expr, ...] | None:
    """The element of each turn; ``None`` for a loop that stays a loop.

    A call among the elements, or inside one, reads an item of a container.
    """
    if _is_nothing(run, iterable):
        return ()
    t = run.type(iterable) if isinstance(iterable, (Var, Ref)) else None
    if isinstance(t, DictOf) and len(t.items) <= _MOST_TURNS:
        return tuple(Const(k) for k, _ in t.items)
    if (
        _runs_over_functions(run, iterable)
        or _makes_keys(run, target, body)
        or _chooses_functions(run, target, body)
        or (_holds_arrays(run, iterable) and _changes_items(target, body))
        or _holds_unlike_lists(run, iterable)
    ):
        return _elements(run, iterable)
    if _is_counted(iterable) and 0 < len(iterable.items) <= _MOST_TURNS:
        inner = run.all(iterable.items)
        joined = None if inner is None else join_all(inner)
        if joined is not None and _is_vague(joined):
            return iterable.items
    return None


def unrolled(run: Run, stmt: For, target: Var, turns: tuple[Expr, ...]) -> list[Stmt]:
    """One copy of the body for each turn, with the variables that are local to it renamed."""
    inside = mention_counts((stmt,))
    everywhere = run.filled.everywhere
    run.is_unrolled |= any(v in run.filled for v in inside)
    open_ = (exposed(stmt.body) - {target}).union(*map(variables, turns))
    local = {v for v, n in inside.items() if everywhere.get(v) == n and v not in open_}
    out: list[Stmt] = []
    turns = _as_before(run, stmt, turns, out)
    for k, turn in enumerate(turns):
        names = {v: run.part(v, Const(k), v) for v in sorted(local, key=lambda v: v.name)}
        run.filled.renamed(names)
        head: list[Stmt] = []
        element = _read(run, turn, head, stmt, k)
        body = _given(stmt, target, element)
        out.extend(run.block(copied(renamed((*head, *body), names))))
    return out


def _given(stmt: For, target: Var, element: Expr) -> Block:
    """The body of a turn, with what it is given; a tuple that is only unpacked is not made."""
    match stmt.body:
        case (Unpack(targets, value), *rest) if (
            value == target
            and isinstance(element, Tuple)
            and len(element.items) == len(targets)
            and mention_counts(stmt.body)[target] == 1
        ):
            pairs = zip(targets, element.items, strict=True)
            given = [Assign(v, item, stmt.origin) for v, item in pairs if v is not None]
            return (*given, *rest)
        case _:
            return (Assign(target, element, stmt.origin), *stmt.body)


def _as_before(run: Run, stmt: For, turns: tuple[Expr, ...], out: list[Stmt]) -> tuple[Expr, ...]:
    """``turns`` in which what the body binds anew is what it was when the loop began."""
    rebound = {
        v
        for s in statements((stmt,))
        for v in may_bind(s)
        if v in bound(s) or not isinstance(run.type(v), (Array, FixedList, ListOf))
    }
    names: dict[Var, Var] = {}
    for var in dict.fromkeys(v for turn in turns for v in variables(turn)):
        if var in rebound:
            names[var] = run.part(var, Const(f"before {stmt.target}"), var)
            run.bind(names[var], run.type(var))
            out.append(Assign(names[var], var, stmt.origin))

    return tuple([substituted(turn, names) for turn in turns])


def _read(run: Run, turn: Expr, head: list[Stmt], stmt: For, k: int) -> Expr:
    """``turn`` with the items that are read inside it in variables of their own."""
    if not isinstance(turn, Tuple):
        return turn
    items: list[Expr] = []
    for i, item in enumerate(turn.items):
        made = _read(run, item, head, stmt, k)
        if isinstance(made, Call):
            held = run.part(Var("t"), Const(f"{stmt.target} {k} {i} {made!r}"), "t")
            head.append(Assign(held, made, stmt.origin))
            made = held
        items.append(made)
    return Tuple(tuple(items))


def _is_counted(iterable: Expr) -> TypeGuard[Tuple | List]:
    """Whether ``iterable`` is written out, without a ``*xs`` of unknown length in it."""
    return isinstance(iterable, (Tuple, List)) and not any(
        isinstance(i, Star) for i in iterable.items
    )


def _is_nothing(run: Run, iterable: Expr) -> bool:
    """Whether a loop surely has no turn: over ``*args`` of which there are none, for instance."""
    match iterable:
        case Call(Ref(_, fn), args) if fn is zip or fn is enumerate or fn is reversed:
            return not args or any(_is_nothing(run, a) for a in args)  # `zip(*[])`
        case Tuple(items) | List(items):
            return not items
        case Var() | Ref():
            return run.type(iterable) == TupleOf(())
        case _:
            return False


def _runs_over_functions(run: Run, iterable: Expr) -> bool:
    match iterable:
        case Call(Ref(), args):
            return any(_runs_over_functions(run, a) for a in args)
        case Var() | Ref() | Tuple() | List():
            t = run.type(iterable)
            return isinstance(t, (TupleOf, FixedList)) and any(map(_is_function, t.items))
        case _:
            return False


def _makes_keys(run: Run, target: Var, body: Block) -> bool:
    """Whether the items of a dict that ``body`` assigns depend on the element of the turn."""
    dicts = {
        var
        for stmt in statements(body)
        if isinstance(stmt, Assign)
        and isinstance(stmt.value, Call)
        and stmt.value.fn == WITH_ITEM
        and isinstance(run.type(stmt.value.args[0]), DictOf)
        for var in variables(stmt.value.args[1])
    }
    return bool(dicts) and not dicts.isdisjoint(_made_of(target, body))


def _chooses_functions(run: Run, target: Var, body: Block) -> bool:
    """Whether a function is taken out of a dict or list by what the element of the turn decides."""
    keys = {
        var
        for stmt in statements(body)
        if isinstance(stmt, Assign)
        and isinstance(stmt.value, Call)
        and stmt.value.fn == GETITEM
        and _holds_functions(run.type(stmt.value.args[0]))
        for var in variables(stmt.value.args[1])
    }
    return bool(keys) and not keys.isdisjoint(_made_of(target, body))


def _holds_functions(t: Type | None) -> bool:
    items = tuple(x for _, x in t.items) if isinstance(t, DictOf) else getattr(t, "items", ())
    return any(map(_is_function, items))


def _made_of(target: Var, body: Block) -> set[Var]:
    """What ``body`` binds where ``target``, or what was made of it, is used or has decided."""
    made = {target}
    for stmt in statements(body):
        if made.intersection(used(stmt)):
            inside = statements((stmt,)) if isinstance(stmt, If) else (stmt,)
            made.update(v for s in inside for v in may_bind(s))
    return made


def _written_out(iterable: Expr) -> Iterator[Tuple | List]:
    """What is written out of that which a loop runs over."""
    match iterable:
        case Call(Ref(_, fn), args) if fn is zip or fn is enumerate or fn is reversed:
            for arg in args:
                yield from _written_out(arg)
        case _ if _is_counted(iterable):
            yield iterable
        case _:
            return


def _holds_arrays(run: Run, iterable: Expr) -> bool:
    """Whether what a loop runs over is written out there, with arrays in it."""
    held = [v for part in _written_out(iterable) for v in variables(part)]
    return any(isinstance(run.type(v), Array) for v in held)


def _holds_unlike_lists(run: Run, iterable: Expr) -> bool:
    """Whether it is lists of ints and other lists, of which NumPy makes unlike arrays."""
    for part in _written_out(iterable):
        types = [run.type(item) for item in part.items]
        lists = [t.item for t in types if isinstance(t, ListOf)]
        if len({item.dtype.kind if isinstance(item, Scalar) else "" for item in lists}) > 1:
            return True
    return False


def _changes_items(target: Var, body: Block) -> bool:
    """Whether ``body`` changes what ``target`` is, or holds, in place."""
    items = {target}
    for stmt in statements(body):
        match stmt:
            case Unpack(_, Var() as of) | Assign(Var(), Var() as of) if of in items:
                items.update(bound(stmt))
            case Store(Var() as obj) | AugAssign(Var() as obj) if obj in items:
                return True
            case _:
                pass
    return False


def _elements(run: Run, iterable: Expr) -> tuple[Expr, ...] | None:
    """The elements of what has a known length."""
    match iterable:
        case Call(Ref(_, fn), args, kwargs) if fn is zip:
            parts = [_elements(run, a) for a in args]
            lengths = {len(p) for p in parts if p is not None}
            strict = any(k == "strict" and v != Const(False) for k, v in kwargs)
            if not lengths or (strict and len(lengths) > 1):
                return None
            n = min(lengths)
            return _side_by_side(
                _first(run, a, n) if p is None else p[:n] for a, p in zip(args, parts, strict=True)
            )
        case Call(Ref(_, fn), (run_over, *rest), kwargs) if fn is enumerate:
            given = rest[0] if rest else dict(kwargs).get("start", Const(0))
            t, inner = run.type(given), _elements(run, run_over)
            try:
                start = constant_key(UNKNOWN if t is None else t)
            except LookupError:
                return None
            if inner is None or not isinstance(start, int):
                return None
            return tuple(Tuple((Const(start + i), e)) for i, e in enumerate(inner))
        case Call(Ref(_, fn), (run_over,)) if fn is reversed:
            inner = _elements(run, run_over)
            return None if inner is None else inner[::-1]
        case Call(Ref(_, fn), args) if fn is range:
            return _numbers(run, args)
        case Tuple(items) | List(items):
            return items if _is_counted(iterable) else None
        case Const(str() as text) if len(text) <= _MOST_TURNS:
            return tuple(map(Const, text))
        case Var() | Ref():
            t = run.type(iterable)
            if isinstance(t, Static) and isinstance(t.value, str):
                return _elements(run, Const(t.value))
            if isinstance(t, DictOf) and len(t.items) <= _MOST_TURNS:
                return tuple(Const(k) for k, _ in t.items)
            if not isinstance(t, (TupleOf, FixedList)) or len(t.items) > _MOST_TURNS:
                return None
            return tuple(Call(GETITEM, (iterable, Const(i))) for i in range(len(t.items)))
        case _:
            return None


def _first(run: Run, xs: Expr, n: int) -> tuple[Expr, ...] | None:
    """The first ``n`` elements of what is as long as what stands beside it, or longer."""
    if isinstance(xs, Call) and xs.fn == ZIP and not xs.kwargs:
        return _side_by_side(_first(run, a, n) for a in xs.args)
    t = run.type(xs) if isinstance(xs, (Var, Ref)) else None
    if not isinstance(t, (Array, ListOf)) or n > _MOST_TURNS:
        return None
    return tuple(Call(GETITEM, (xs, Const(i))) for i in range(n))


def _side_by_side(parts: Iterable[tuple[Expr, ...] | None]) -> tuple[Expr, ...] | None:
    """The tuples of what stands at one place in ``parts``, if all of these are known."""
    known: list[tuple[Expr, ...]] = []
    for part in parts:
        if part is None:
            return None
        known.append(part)
    return tuple(map(Tuple, zip(*known, strict=True)))


def _numbers(run: Run, bounds: tuple[Expr, ...]) -> tuple[Expr, ...] | None:
    """The elements of ``range(*bounds)``, where they are known."""
    known = run.all(bounds)
    numbers = () if known is None else [t.known for t in known if isinstance(t, Scalar)]
    ends = [n for n in numbers if isinstance(n, int)]
    if not ends or len(ends) != len(bounds) or ends[2:] == [0]:
        return None
    found = range(*ends)
    return tuple(map(Const, found)) if len(found) <= _MOST_TURNS else None


def _is_function(t: Type) -> bool:
    """Whether ``t`` is a function, or holds one: each is called in its own way."""
    if isinstance(t, (TupleOf, FixedList)):
        return any(map(_is_function, t.items))
    return isinstance(t, Static) and callable(t.value) and not isinstance(t.value, type)


def _is_vague(t: Type) -> bool:
    """Whether some part of ``t`` is `Unknown`."""
    if isinstance(t, (TupleOf, FixedList)):
        return any(map(_is_vague, t.items))
    return t == UNKNOWN
