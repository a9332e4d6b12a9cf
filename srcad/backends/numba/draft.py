"""What the rewrites for Numba share: fresh variables, and short ways to write IR."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from srcad.ir.names import Names
from srcad.ir.nodes import Assign, Call, Const, Expr, Function, Ref, Var
from srcad.ir.refs import ADD, SUB
from srcad.ir.walk import bound, statements, used
from srcad.types.lattice import INT, Scalar, Type
from srcad.types.operands import operand_type

__all__ = ["Draft", "call", "plus"]


class Draft:
    """The names and types of a function that is being rewritten."""

    def __init__(self, fn: Function, types: Mapping[Var, Type]) -> None:
        self.types: dict[Var, Type] = dict(types)
        self._names = Names(p.var.name for p in fn.params)
        for stmt in statements(fn):
            self._names.reserve(v.name for v in bound(stmt))
            self._names.reserve(v.name for v in used(stmt))

    def fresh(self, base: str, t: Type = INT) -> Var:
        """A new variable of type ``t``."""
        var = self._names.fresh(base)
        self.types[var] = t
        return var

    def type_of(self, operand: Expr) -> Type:
        """The type of an operand."""
        return operand_type(operand, self.types)

    def is_number(self, operand: Expr) -> bool:
        """Whether ``operand`` surely is one number."""
        return isinstance(self.type_of(operand), Scalar)

    def temp(self, value: Call, out: list[Any], t: Type = INT) -> Var:
        """``value`` in a new temporary, defined at the end of ``out``."""
        var = self.fresh("t", t)
        out.append(Assign(var, value))
        return var

    def sum(self, a: Expr, b: Expr, out: list[Any]) -> Expr:
        """``a + b`` of integers, added up at once where both are known."""
        match a, b:
            case Const(int(x)), Const(int(y)):
                return Const(x + y)
            case (x, Const(0)) | (Const(0), x):
                return x
            case x, Const(int(y)) if y < 0:
                return self.temp(Call(SUB, (x, Const(-y))), out)
            case _:
                return self.temp(Call(ADD, (a, b)), out)


def call(fn: Callable[..., object], path: str, *args: Expr, spell: str = "") -> Call:
    """A call of ``fn``, which ``path`` reaches."""
    return Call(Ref(path, fn), args, spell=spell)


def plus(var: Var, by: int) -> Assign:
    """``var += by`` of an integer."""
    fn = ADD if by > 0 else SUB
    return Assign(var, Call(fn, (var, Const(abs(by)))))
