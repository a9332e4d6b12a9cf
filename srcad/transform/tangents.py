"""The tangents of a program's variables, and the code that follows each statement."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable

from srcad.analysis.activity import Activity
from srcad.analysis.analysed import Analysed
from srcad.analysis.effects import makes_new
from srcad.analysis.storage import Storage
from srcad.ir.nodes import Call, Const, Dict, Expr, Function, List, Ref, Star, Stmt, Tuple, Var
from srcad.ir.refs import ARRAY, COPY, GETITEM, NONE, ZEROS_LIKE
from srcad.ir.walk import variables
from srcad.transform.build import Builder, line_only, names_beside
from srcad.transform.helpers import BROADCAST_LIKE, COPIED_TREE, ZERO_OF
from srcad.transform.terms import as_number
from srcad.types.lattice import UNKNOWN, Array, Scalar, Static, TupleOf, Type, Unknown
from srcad.types.operands import expression_type, operand_type

__all__ = ["TangentOfCall", "Tangents"]

TangentOfCall = Callable[[Ref, tuple[Type, ...], tuple[int, ...]], Ref]
"""Makes ``f_jvp(*args, *tangents) -> (y, y_dot)`` of a Python function."""


class Tangents:
    """The tangent of each variable, and the block that is being written."""

    def __init__(self, analysed: Analysed, activity: Activity, of_call: TangentOfCall) -> None:
        self.fn: Function = analysed.fn
        self.types: dict[Var, Type] = dict(analysed.types)
        self.storage: Storage = analysed.storage
        self.active = activity.active
        self.of_call = of_call
        self.names = names_beside(self.fn)
        self.build = Builder(self.names)
        self._dots: dict[Var, Var] = {}
        self._dot_types: dict[Var, Type] = {}
        self._passing: set[Var] = set()
        self._literal: set[Expr] = set()

    def dot(self, var: Var) -> Var:
        """The variable that holds the tangent of ``var``."""
        found = self._dots.get(var)
        if found is None:
            found = self._dots[var] = self.names.fresh(f"{var.base}_dot")
            self._dot_types[found] = self.types.get(var, UNKNOWN)
        return found

    def is_active(self, expr: Expr) -> bool:
        """Whether an active variable is in ``expr``."""
        return any(v in self.active for v in variables(expr))

    def zero(self, expr: Expr, of: Expr | None = None) -> Expr:
        """A zero tangent for ``expr``, which holds the value ``of`` here."""
        known = operand_type(expr, self.types)
        if known == UNKNOWN and of is not None:
            known = expression_type(of, self.types)
        match known:
            case Scalar():
                return Const(0.0)
            case Array():
                return Call(ZEROS_LIKE, (expr,))
            case Static():
                return NONE
            case _:
                return Call(ZERO_OF, (expr,))

    def operand(self, expr: Expr) -> Expr:
        """The tangent of an operand, as an operand; zeros are made where they are needed."""
        match expr:
            case Var() if expr in self.active:
                return self.dot(expr)
            case Tuple(items):
                return Tuple(tuple(self.operand(i) for i in items))
            case List(items):
                return List(tuple(self.operand(i) for i in items))
            case Dict(keys, values):
                return Dict(keys, tuple(self.operand(v) for v in values))
            case Star(value):
                return Star(self.operand(value))
            case _:
                return self.build.operand(self.zero(expr))

    def add_active(self, var: Var, dot: Var | None = None) -> None:
        """Let ``var``, which is read at once, have a tangent: ``dot`` if given."""
        self.types[var] = UNKNOWN
        self._passing.add(var)
        self.active = self.active | {var}
        if dot is not None:
            self._dots[var] = dot

    def part(self, item: Var, at: int, into: Builder) -> Var:
        """``item[at]`` in a variable of its own, which is bound in ``into``."""
        t = self.types.get(item, UNKNOWN)
        var = into.temp(Call(GETITEM, (item, Const(at))))
        self.types[var] = t.items[at] if isinstance(t, TupleOf) else UNKNOWN
        return var

    # --- writing

    def follow(self, stmt: Stmt) -> None:
        """Write ``stmt`` itself; what follows belongs to the same line."""
        self.build.add(stmt)
        self.build.origin = line_only(self.build.origin)

    def bind(self, target: Var, value: Expr, of: Call | None = None) -> None:
        """Let the tangent of ``target``, which is the result ``of`` a call, be ``value``."""
        if self.must_be_made_array(target):
            value = Call(ARRAY, (value,))
        elif self.storage.buffers and self._may_alias(target, value):
            value = Call(COPY, (value,), spell=".copy")
        elif self.storage.buffers and of is not None and self._may_be_alias(target, value, of):
            value = Call(COPIED_TREE, (value,))
        elif isinstance(self.types.get(target), Scalar):
            value = as_number(value, ChainMap(self._dot_types, self.types))
        self._assign(target, value)

    def start_at_zero(self, param: Var) -> None:
        """Let the tangent of a parameter be zero at first."""
        self._assign(param, self.zero(param))

    def _assign(self, target: Var, value: Expr) -> None:
        if self.is_literal(value):
            self._literal.add(self.dot(target))
        self.build.assign(self.dot(target), value)

    def is_literal(self, dot: Expr) -> bool:
        """Whether a tangent may be a number that is written out, as a zero is."""
        return dot in self._literal or (isinstance(dot, Const) and dot != NONE)

    def must_be_made_array(self, target: Var) -> bool:
        """Whether ``target`` is an array without axes that is written to: its tangent must be one
        too, but arithmetic on such arrays gives numbers."""
        if target not in self.storage.buffers or target in self.storage.views:
            return False
        t = self.types.get(target)
        return isinstance(t, Array) and t.shape == ()

    def _may_alias(self, target: Var, value: Expr) -> bool:
        """Whether the tangent of ``target``, no view, would share memory with another's."""
        if target in self.storage.views or not isinstance(self.types.get(target), Array):
            return False
        return not makes_new(value, {})

    def _may_be_alias(self, target: Var, value: Expr, of: Call) -> bool:
        """Whether the tangent of a new object, ``np.squeeze(y) + 0.5``, may be another's.

        That is asked of objects of unknown type. Where the object itself is another's, the plan of
        the memory has seen to it.
        """
        if target in self._passing or not isinstance(self.types.get(target, UNKNOWN), Unknown):
            return False
        match value:
            case Call(fn, (inner, _)) if fn == BROADCAST_LIKE:
                value = inner
            case _:
                pass
        return makes_new(of, self.types) and not makes_new(value, {})
