"""Writing normal IR: a block under construction, and the flattening of expressions into it."""

from __future__ import annotations

from collections.abc import Mapping

from srcad.analysis.storage import Storage
from srcad.ir.names import Names
from srcad.ir.nodes import (
    Assign,
    Block,
    Call,
    Expr,
    Function,
    Origin,
    Ref,
    Star,
    Stmt,
    Tuple,
    Var,
)
from srcad.ir.places import occurrences
from srcad.ir.rebuild import map_expr
from srcad.ir.refs import COPY
from srcad.ir.walk import ATOMIC
from srcad.transform.helpers import COPIED_TREE, STRIDED_LIKE
from srcad.types.lattice import UNKNOWN, Array, Type, Unknown

__all__ = ["Builder", "copied_params", "line_only", "names_beside", "own_copy", "substitute"]


def names_beside(fn: Function) -> Names:
    """Fresh names that are none of those in ``fn``."""
    taken = {v.name for v in occurrences(fn.body)} | {p.var.name for p in fn.params}
    return Names(taken | {c.name for c in fn.captures} | {fn.name, "np", "math"})


def copied_params(fn: Function, types: Mapping[Var, Type], storage: Storage) -> tuple[Var, ...]:
    """The parameters that must be copied first, so that the caller's arrays stay as they are."""
    mutated = storage.mutated_params
    # Of a name that also stands for arrays of another kind, no type is known.
    return tuple(
        p.var
        for p in fn.params
        if p.var in mutated and isinstance(types.get(p.var, UNKNOWN), (Array, Unknown))
    )


def line_only(origin: Origin | None) -> Origin | None:
    """``origin`` for what follows on the same line, whose comment has been printed."""
    return None if origin is None else origin.bare


def own_copy(array: Var, storage: Storage, t: Type, *, like: Var | None = None) -> Call:
    """A copy of an argument of type ``t`` that the function mutates, or of its tangent.

    That of a tangent is laid out as the argument itself, ``like``.
    """
    if not isinstance(t, Array):
        return Call(COPIED_TREE, (array,))
    if storage.guarded:
        # A copy is laid out anew; where views depend on the layout, it must stay.
        return Call(STRIDED_LIKE, (array, like or array))
    return Call(COPY, (array,), spell=".copy")


def substitute(expr: Expr, values: Mapping[Var, Expr]) -> Expr:
    """``expr`` with variables replaced, and what a `Star` of a tuple unpacks written out."""
    if isinstance(expr, Var):
        return values.get(expr, expr)
    if type(expr) in ATOMIC:
        return expr
    match expr:
        case Call(fn=fn, kwargs=kwargs):
            flat: list[Expr] = []
            for arg in expr.args:
                new = substitute(arg, values)
                if isinstance(new, Star) and isinstance(new.value, Tuple):
                    flat.extend(new.value.items)
                else:
                    flat.append(new)
            named = kwargs and tuple([(k, substitute(v, values)) for k, v in kwargs])
            made = substitute(fn, values)
            return Call(made, tuple(flat), named, expr.spell, expr.origin)
        case _:
            return map_expr(expr, lambda e: substitute(e, values))


class Builder:
    """A block being written. Every statement gets the present `origin`."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.out: list[Stmt] = []
        self.origin: Origin | None = None

    def nested(self) -> Builder:
        """An empty builder for an inner block."""
        inner = Builder(self.names)
        inner.origin = self.origin
        return inner

    def block(self) -> Block:
        return tuple(self.out)

    def add(self, stmt: Stmt) -> None:
        self.out.append(stmt)

    def assign(self, target: Var, value: Expr) -> None:
        """``target = value``, flattening ``value`` into one operation and what it needs first."""
        self.add(Assign(target, self.operation(value), self.origin))

    def temp(self, value: Expr, base: str = "t") -> Var:
        """A new variable that holds ``value``."""
        operation = self.operation(value)
        var = self.names.fresh(base)
        self.add(Assign(var, operation, self.origin))
        return var

    def operation(self, expr: Expr) -> Expr:
        """``expr`` as one call of operands, or an operand."""
        if isinstance(expr, Call):
            return map_expr(expr, self.operand)
        return self.operand(expr)

    def operand(self, expr: Expr) -> Expr:
        """``expr`` as an operand; what has to be computed goes into a new variable."""
        if isinstance(expr, Call):
            return self.temp(expr)
        if isinstance(expr, Ref):
            return expr
        return map_expr(expr, self.operand)
