"""Values for variables that are recorded or handed over before they have one. Nothing reads them.

Zeros like a part of one may be made, and thrown away; so they have the parts that the variable has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from srcad.ir.names import Names
from srcad.ir.nodes import Block, Const, Dict, Expr, List, Tuple, Var
from srcad.ir.refs import NONE
from srcad.transform.build import Builder
from srcad.transform.helpers import record
from srcad.types.lattice import UNKNOWN, DictOf, FixedList, ListOf, Record, Scalar, TupleOf, Type

__all__ = ["placeholders"]


def placeholders(variables: Iterable[Var], types: Mapping[Var, Type], names: Names) -> Block:
    """The statements that bind ``variables``."""
    build = Builder(names)
    for v in sorted(variables, key=lambda v: v.name):
        build.assign(v, _placeholder(types.get(v, UNKNOWN), build))
    return build.block()


def _placeholder(t: Type, build: Builder) -> Expr:
    def of(items: Iterable[Type]) -> tuple[Expr, ...]:
        return tuple(build.operand(_placeholder(item, build)) for item in items)

    match t:
        case Scalar():
            return Const({"b": False, "i": 0, "u": 0}.get(t.dtype.kind, 0.0))
        case TupleOf(items) if not _are_numbers(items):
            return Tuple(of(items))
        case ListOf():
            return List(())
        case FixedList(items) if not _are_numbers(items):
            return List(of(items))
        case DictOf(items):
            return Dict(tuple(Const(key) for key, _ in items), of(t for _, t in items))
        case Record(cls, fields) if not _are_numbers(t for _, t in fields):
            values = of(t for _, t in fields)
            return record(cls, tuple((k, v) for (k, _), v in zip(fields, values, strict=True)))
        case _:
            return NONE


def _are_numbers(types: Iterable[Type]) -> bool:
    """Whether no zero is made like these: that of a number is a literal."""
    return all(isinstance(t, Scalar) for t in types)
