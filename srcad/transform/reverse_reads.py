"""What the reverse of each statement reads, taken off the terms of its operations."""

from __future__ import annotations

from srcad.analysis.indices import part_type
from srcad.analysis.reads import NOTHING, Reads
from srcad.analysis.writes import accumulates_at
from srcad.ir.nodes import (
    Assign,
    AugAssign,
    Block,
    Call,
    Do,
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
    While,
)
from srcad.ir.refs import LIST_APPEND, POP
from srcad.ir.walk import bound, statements, used, variables
from srcad.transform.prepared import Prepared
from srcad.transform.terms import G, reads_of, reduced_to
from srcad.types.operands import operand_type

__all__ = ["adjoint_reads", "control_reads", "reads_of_reverse"]


def adjoint_reads(prepared: Prepared) -> dict[int, Reads]:
    """By statement, what its reverse reads, taken off the terms."""
    return {
        id(s): found for s in statements(prepared.fn) if (found := reads_of_reverse(s, prepared))
    }


def control_reads(prepared: Prepared) -> dict[int, Reads]:
    """What the reverse of each branch and loop reads, if there is anything to do inside."""
    found: dict[int, Reads] = {}
    for stmt in statements(prepared.fn):
        match stmt:
            case If(test) if id(stmt) not in prepared.leaving:
                found[id(stmt)] = Reads(frozenset(variables(test)))
            case For(_, iterable):
                found[id(stmt)] = Reads(frozenset(_run_over(stmt, iterable, prepared)))
            case _:
                pass
        if (trips := prepared.trips.get(id(stmt))) is not None:
            found[id(stmt)] = found.get(id(stmt), NOTHING) | Reads(frozenset({trips}))
    return found


def reads_of_reverse(stmt: Stmt, prepared: Prepared) -> Reads:
    """What the reverse of ``stmt`` reads."""
    found = _term_reads(stmt, prepared)
    storage = prepared.storage
    if storage.views and not isinstance(stmt, (If, For, While)):
        for var in used(stmt):
            if var in storage.views and var in prepared.active:
                found |= Reads(storage.place_reads(var))
    match stmt:
        case Store(Var() as obj, index) | AugAssign(Var() as obj, index) if obj in storage.buffers:
            # Its contents may have to be restored.
            at = frozenset[Var]() if index is None else frozenset(variables(index))
            found |= Reads(at, frozenset({obj}))
        case _:
            pass
    return found


def _term_reads(stmt: Stmt, prepared: Prepared) -> Reads:
    active = prepared.active

    def any_active(expr: Expr) -> bool:
        return any(v in active for v in variables(expr))

    def read(*exprs: Expr) -> Reads:
        return Reads(frozenset(v for e in exprs for v in variables(e)))

    match stmt:
        case Assign() if id(stmt) in prepared.terms:
            out = NOTHING
            for term in prepared.terms[id(stmt)]:
                if any_active(term.operand):
                    out |= term.reads
            return out
        case Assign(target, (Tuple(items) | List(items)) as made) if any_active(target):
            # `[*xs, *ys]` is taken apart by the length of `xs`.
            stars = [item for item in items if isinstance(item, Star)]
            return read(*stars[:-1]) if any_active(made) else NOTHING
        case Unpack() if id(stmt) in prepared.calls:
            # What the callee saved may be any of its operands, its result, an item or a view of
            # one.
            given = frozenset((*used(stmt), *bound(stmt)))
            given = given.union(*(prepared.parts.get(v, ()) for v in bound(stmt)))
            held = frozenset(filter(prepared.storage.is_buffer, given))
            return read(prepared.calls[id(stmt)].saved) | Reads(memory=held)
        case Store(Var() as obj, index, value) | AugAssign(Var() as obj, index, _, value) if (
            obj in active and any_active(value)
        ):
            return _likes(stmt, obj, index, value, prepared)
        case Do(Call(args=(_, index, value))) if (hit := accumulates_at(stmt)) and hit[1] in active:
            at = read(index)
            return at | _likes(stmt, hit[1], index, value, prepared) if any_active(value) else at
        case If(test, then, orelse) if _has_effect((*then, *orelse), prepared):
            return NOTHING if id(stmt) in prepared.leaving else read(test)
        case For(_, iterable, body) if _has_effect(body, prepared):
            run = _run_over(stmt, iterable, prepared)
            if id(stmt) in prepared.trips:
                return read(*run, prepared.trips[id(stmt)])
            return read(*run)
        case While(_, _, body) if _has_effect(body, prepared):
            return read(prepared.trips[id(stmt)])
        case _:
            return NOTHING


def _run_over(loop: For, iterable: Expr, prepared: Prepared) -> tuple[Var, ...]:
    """The variables that tell the reverse of ``loop`` what to run over."""
    items = prepared.items.get(id(loop))
    return variables(iterable) if items is None else (items,)


def _likes(stmt: Stmt, obj: Var, index: Expr | None, value: Expr, prepared: Prepared) -> Reads:
    """What is read to sum a cotangent of the shape of ``obj[index]`` down to that of ``value``."""
    if id(stmt) in prepared.fitting:
        return NOTHING
    types = prepared.types_at(stmt)
    part = part_type(obj, index, types)
    return reads_of(reduced_to(G, value, operand_type(value, types), part))


def _has_effect(block: Block, prepared: Prepared) -> bool:
    """Whether the reverse of ``block`` does anything.

    It does if ``block`` binds or mutates something active, or changes how long a list is.
    """
    for stmt in statements(block):
        if any(v in prepared.active for v in bound(stmt)):
            return True
        match stmt:
            case Store(Var() as obj) | AugAssign(Var() as obj) if obj in prepared.active:
                return True
            case Store() | AugAssign():
                return True
            case Do(Call(Ref(_, fn), (Var(), *_))) if fn is LIST_APPEND:
                return True
            case Assign(_, Call(fn)) if fn == POP:
                return True
            case Do() if accumulates_at(stmt):
                return True
            case _:
                pass
    return False
