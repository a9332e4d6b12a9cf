"""Loops as the reverse transform needs them.

A loop over an array whose rows are active or mutated runs over an index; what it runs over is not
bound inside it; its target is read nowhere else; a loop that may end early counts its turns; a loop
over what can be run over only once keeps the items in a list.
"""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import replace

from srcad.ir.nodes import (
    Assign,
    Block,
    Call,
    Const,
    Do,
    Expr,
    For,
    List,
    Ref,
    Star,
    Stmt,
    Tuple,
    Unpack,
    Var,
    While,
)
from srcad.ir.places import occurrences
from srcad.ir.rebuild import map_expr
from srcad.ir.refs import ADD, APPEND, GETITEM, INVERT, LEN, MIN, RANGE
from srcad.ir.walk import bound, may_break, mention_counts, statements, variables
from srcad.transform.leaving import leaving_branch
from srcad.transform.prepared import Preparation
from srcad.transform.untold import untold
from srcad.types.containers import element_type
from srcad.types.iterators import runs_once
from srcad.types.lattice import INT, UNKNOWN, ListOf
from srcad.types.operands import operand_type

__all__ = ["counted", "prepare_for"]


def prepare_for(prep: Preparation, stmt: For, rewrite: Callable[[Block], Block]) -> Block:
    """``stmt`` as the reverse transform needs it; ``rewrite`` prepares a block."""
    users = stmt
    stmt = _own_target(prep, stmt)
    target = stmt.target
    assert isinstance(target, Var)
    base_vars = set(variables(stmt.iter))
    mutated = bool(base_vars & prep.storage.buffers)
    is_active = target in prep.active and bool(base_vars & prep.active)
    if runs_once(stmt.iter, prep.types, frozenset(prep.active)):
        return _kept(prep, stmt, target, rewrite, by_index=is_active or mutated)
    if is_active or mutated:
        return _indexed(prep, stmt, target, rewrite, users)
    before, iterable = _isolated_iter(prep, stmt)
    new = replace(stmt, iter=iterable, body=rewrite(stmt.body))
    return (*before, *counted(prep, new, users))


def _own_target(prep: Preparation, stmt: For) -> For:
    """``stmt`` with a target that is read nowhere else: the backward loop reverses it."""
    target = stmt.target
    assert isinstance(target, Var)
    here = mention_counts((stmt,)).get(target, 0)
    bound_inside = any(target in bound(s) for s in statements(stmt.body))
    if prep.mentions.get(target, 0) == here and not bound_inside:
        return stmt
    new = prep.another(target)
    return replace(stmt, target=new, body=(Assign(target, new, stmt.origin), *stmt.body))


def _isolated_iter(prep: Preparation, stmt: For) -> tuple[Block, Expr]:
    inner = {v for s in statements(stmt.body) for v in bound(s)} | set(bound(stmt))
    before: list[Stmt] = []
    iterable = _isolated(prep, stmt.iter, inner, before)
    return tuple(before), iterable


def _isolated(prep: Preparation, expr: Expr, inner: Set[Var], before: list[Stmt]) -> Expr:
    if isinstance(expr, Var):
        if expr not in inner:
            return expr
        copy = prep.another(expr)
        before.append(Assign(copy, expr))
        return copy
    new = map_expr(expr, lambda part: _isolated(prep, part, inner, before))
    if isinstance(new, (Tuple, List)) and any(isinstance(i, Star) for i in new.items):
        return _named(prep, new, before)  # how long it is can only be asked
    return new


def _indexed(
    prep: Preparation, stmt: For, target: Var, rewrite: Callable[[Block], Block], users: For
) -> Block:
    """A loop over the index in place of the items."""
    before, iterable = _isolated_iter(prep, stmt)
    index = prep.fresh("i", INT)
    length = _length(prep, iterable, before_ := [])
    iterable = _displays_named(prep, iterable, before_)
    head: list[Stmt] = []
    element = _element(prep, iterable, index, head, stmt)
    body = _bound_to(prep, element, target, head, stmt)
    made = rewrite(tuple(head))
    loop = replace(
        stmt,
        target=index,
        iter=Call(RANGE, (length,)),
        body=(*made, *rewrite(body)),
    )
    return (*before, *before_, *counted(prep, loop, users))


def _displays_named(prep: Preparation, iterable: Expr, before: list[Stmt]) -> Expr:
    """``iterable`` with the tuples and lists that are written out in it made once, ``before``."""
    match iterable:
        case Call(Ref(_, fn), args) if fn is zip or fn is enumerate or fn is reversed:
            named = tuple(_displays_named(prep, a, before) for a in args)
            return replace(iterable, args=named)
        case Tuple() | List():
            return _named(prep, iterable, before)
        case _:
            return iterable


def _bound_to(prep: Preparation, element: Expr, target: Var, head: list[Stmt], stmt: For) -> Block:
    """The body of ``stmt`` after ``head``, to which goes what binds the target to ``element``."""
    first = stmt.body[0] if stmt.body else None
    if isinstance(element, Call):
        head.append(Assign(target, element, stmt.origin))
    elif (
        isinstance(first, Unpack)
        and first.value == target
        and isinstance(element, Tuple)
        and len(element.items) == len(first.targets)
        and target not in occurrences(stmt.body[1:])
    ):
        for name, item in zip(first.targets, element.items, strict=True):
            if name is not None:
                value = item if isinstance(item, Call) else _flat(prep, item, head, stmt)
                head.append(Assign(name, value, stmt.origin))
        return stmt.body[1:]
    else:
        head.append(Assign(target, _flat(prep, element, head, stmt), stmt.origin))
    return stmt.body


# --- what can be run over only once --------------------------------------------------------------


def _kept(
    prep: Preparation,
    stmt: For,
    target: Var,
    rewrite: Callable[[Block], Block],
    *,
    by_index: bool,
) -> Block:
    """A loop that puts each item into a list first, over which its reverse runs.

    ``by_index``: of what is active or mutated the index takes the place of the item.
    """
    before, iterable = _isolated_iter(prep, stmt)
    item, body, head = target, stmt.body, list[Stmt]()
    lengths: list[Stmt] = []
    if by_index:
        item = prep.fresh("item", UNKNOWN)
        element, iterable = _run_along(prep, iterable, item, head, lengths, stmt)
        body = _bound_to(prep, element, target, head, stmt)
    t = prep.types.get(item, UNKNOWN)
    items = prep.fresh("items", ListOf(t))
    keep = Do(Call(APPEND, (items, item), spell=".append"))
    loop = replace(
        stmt, target=item, iter=iterable, body=(keep, *rewrite(tuple(head)), *rewrite(body))
    )
    prep.items[id(loop)] = items
    return (*before, *lengths, Assign(items, List(())), loop)


def _run_along(
    prep: Preparation,
    iterable: Expr,
    item: Var,
    head: list[Stmt],
    lengths: list[Stmt],
    stmt: For,
) -> tuple[Expr, Expr]:
    """The element that ``iterable`` gives, made of ``item``, and what to run over to get that."""
    if (error := untold(iterable, prep.fn.source, stmt.origin)) is not None:
        raise error
    match iterable:
        case Call(Ref(_, fn), args) if fn is zip:
            parts = tuple(prep.fresh("i", UNKNOWN) for _ in args)
            head.append(Unpack(parts, item, stmt.origin))
            found = [
                _run_along(prep, a, p, head, lengths, stmt)
                for a, p in zip(args, parts, strict=True)
            ]
            run = replace(iterable, args=tuple(r for _, r in found))
            return Tuple(tuple(e for e, _ in found)), run
        case Call(Ref(_, fn), (over, *rest)) if fn is enumerate:
            count, part = prep.fresh("i", INT), prep.fresh("i", UNKNOWN)
            head.append(Unpack((count, part), item, stmt.origin))
            element, run = _run_along(prep, over, part, head, lengths, stmt)
            return Tuple((count, element)), replace(iterable, args=(run, *rest))
        case _ if prep.is_active(iterable) or set(variables(iterable)) & prep.storage.buffers:
            prep.types[item] = INT
            element = _element(prep, iterable, item, head, stmt)
            return element, Call(RANGE, (_length(prep, iterable, lengths),))
        case _:
            return item, iterable


def _flat(prep: Preparation, element: Expr, head: list[Stmt], stmt: For) -> Expr:
    """``element`` with its calls in variables of their own."""
    match element:
        case Tuple(items):
            return Tuple(tuple(_flat(prep, i, head, stmt) for i in items))
        case Call(_, (base, _)):
            var = prep.fresh("t", element_type(operand_type(base, prep.types)))
            if prep.is_active(base):
                prep.active.add(var)
            head.append(Assign(var, element, stmt.origin))
            return var
        case _:
            return element


def _element(prep: Preparation, iterable: Expr, index: Var, head: list[Stmt], stmt: For) -> Expr:
    """The element at ``index``: a call, an operand, or a `Tuple` of both."""
    if (error := untold(iterable, prep.fn.source, stmt.origin)) is not None:
        raise error
    match iterable:
        case Call(Ref(_, fn), args) if fn is zip:
            return Tuple(tuple(_element(prep, a, index, head, stmt) for a in args))
        case Call(Ref(_, fn), args, kwargs) if fn is enumerate:
            run, *rest = args
            start = rest[0] if rest else dict(kwargs).get("start")
            count: Expr = index
            if start is not None:
                count = prep.fresh("i", INT)
                head.append(Assign(count, Call(ADD, (index, start)), stmt.origin))
            return Tuple((count, _element(prep, run, index, head, stmt)))
        case Call(Ref(_, fn), args) if fn is reversed:
            from_end = prep.fresh("i", INT)
            head.append(Assign(from_end, Call(INVERT, (index,)), stmt.origin))
            return _element(prep, args[0], from_end, head, stmt)
        case Call(Ref(_, fn)) if fn is range:
            item = prep.fresh("i", INT)
            head.append(Assign(item, Call(GETITEM, (_named(prep, iterable, head), index))))
            return item
        case _:
            return Call(GETITEM, (_named(prep, iterable, head), index), origin=stmt.origin)


def _named(prep: Preparation, expr: Expr, head: list[Stmt]) -> Expr:
    if isinstance(expr, (Var, Ref)):
        return expr
    var = prep.fresh("xs", operand_type(expr, prep.types))
    if prep.is_active(expr):
        prep.active.add(var)
    head.append(Assign(var, expr))
    return var


def _length(prep: Preparation, iterable: Expr, before: list[Stmt]) -> Expr:
    match iterable:
        case Call(Ref(_, fn), args) if fn is zip:
            lengths = tuple(_length(prep, a, before) for a in args)
            if len(lengths) == 1:
                return lengths[0]
            return _int(prep, Call(MIN, lengths), before)
        case Call(Ref(_, fn), args) if fn is enumerate or fn is reversed:
            return _length(prep, args[0], before)
        case Tuple(items) | List(items):
            return Const(len(items))
        case Call():
            named = prep.fresh("steps", UNKNOWN)
            before.append(Assign(named, iterable))
            return _int(prep, Call(LEN, (named,)), before)
        case _:
            return _int(prep, Call(LEN, (iterable,)), before)


def _int(prep: Preparation, call: Call, before: list[Stmt]) -> Var:
    var = prep.fresh("n", INT)
    before.append(Assign(var, call))
    return var


def counted(prep: Preparation, loop: For | While, users: For | While) -> Block:
    """``loop`` with a counter of its turns, if their number is not known beforehand.

    ``users`` is the loop as it stands in the function.
    """
    if isinstance(loop, For) and not may_break(loop.body):
        return (loop,)
    count = prep.fresh("turns", INT)
    step = Assign(count, Call(ADD, (count, Const(1))))
    leaving = leaving_branch(prep, loop, users)
    if leaving is None:
        made = replace(loop, body=(step, *loop.body))
    else:
        going_on = replace(leaving, orelse=(step, *leaving.orelse))
        prep.leaving.add(id(going_on))
        made = replace(loop, body=(*loop.body[:-1], going_on))
    prep.trips[id(made)] = count
    return (Assign(count, Const(0)), made)
