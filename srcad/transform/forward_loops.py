"""Forward mode: a loop over items and their tangents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from srcad.ir.nodes import Assign, Block, Call, Const, Expr, For, Stmt, Tuple, Unpack, Var
from srcad.ir.refs import ENUMERATE, REVERSED, ZIP
from srcad.transform.build import Builder
from srcad.transform.tangents import Tangents

__all__ = ["loop_with_tangents"]


def loop_with_tangents(tangents: Tangents, stmt: For, inner: Callable[[Block], Block]) -> None:
    """Write ``stmt`` as a loop over items and their tangents; ``inner`` writes a block."""
    target = stmt.target
    assert isinstance(target, Var)
    if target not in tangents.active or not tangents.is_active(stmt.iter):
        zero: tuple[Stmt, ...] = ()
        if target in tangents.active:
            zero = (Assign(tangents.dot(target), tangents.build.operand(tangents.zero(target))),)
        tangents.build.add(replace(stmt, body=(*zero, *inner(stmt.body))))
        return
    found: list[tuple[Expr, Var]] = []
    zeros = tangents.build.nested()
    element = _element(tangents, stmt.iter, target, found, zeros, is_target=True)
    dot = tangents.dot(target)
    pair = tangents.names.fresh("t")
    joined = Call(ZIP, (stmt.iter, *(iterable for iterable, _ in found)))
    head: list[Stmt] = [Unpack((target, *(v for _, v in found)), pair, stmt.origin)]
    head += zeros.block()
    if element != dot:
        head.append(Assign(dot, element))
    tangents.build.add(replace(stmt, target=pair, iter=joined, body=(*head, *inner(stmt.body))))


def _element(
    tangents: Tangents,
    iterable: Expr,
    item: Var,
    found: list[tuple[Expr, Var]],
    zeros: Builder,
    *,
    is_target: bool = False,
    flipped: bool = False,
) -> Expr:
    """The tangent of ``item``, which ``iterable`` gives.

    New variables, one for each active iterable, go to ``found``, and the statements that make zero
    tangents for the others to ``zeros``. ``is_target``: ``item`` is the loop's own target.
    """

    def inside(part: Expr, at: int) -> Expr:
        var = tangents.part(item, at, zeros)
        return _element(tangents, part, var, found, zeros, flipped=flipped)

    match iterable:
        case Call(fn, args) if fn == ZIP:
            return Tuple(tuple(inside(a, i) for i, a in enumerate(args)))
        case Call(fn, args) if fn == ENUMERATE:
            return Tuple((Const(0), inside(args[0], 1)))
        case Call(fn, args) if fn == REVERSED:
            return _element(
                tangents, args[0], item, found, zeros, is_target=is_target, flipped=not flipped
            )
        case _ if tangents.is_active(iterable):
            var = tangents.dot(item) if is_target else tangents.names.fresh("item_dot")
            dots = tangents.operand(iterable)
            found.append((Call(REVERSED, (dots,)) if flipped else dots, var))
            return var
        case _:
            return zeros.operand(tangents.zero(item))
