"""Operands that have arithmetic of their own, beside those that are differentiated.

A rule tells what its function does to numbers and to arrays of numbers. Of a masked array, a
matrix, or an object with operators of its own it says nothing.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from typing import Any, Final

from srcad.errors import UnknownFunctionError
from srcad.ir.nodes import AugAssign, Block, Call, Do, Expr, For, Function, Ref, Stmt, Unpack, Var
from srcad.ir.rebuild import map_blocks, same_or_new
from srcad.ir.refs import CHECK_PLAIN
from srcad.ir.walk import call_of, expressions, parts, subexpressions, variables
from srcad.rules.binding import bind
from srcad.rules.table import BindError, rule_for
from srcad.runtime import add_trees, copied_tree
from srcad.runtime.operands import foreign_operand, is_plain
from srcad.types.lattice import UNKNOWN, Record, Static, Type, Unknown

__all__ = ["with_plain_operands"]

_OF_TREES: Final[frozenset[object]] = frozenset({add_trees, copied_tree})
"""What acts on the parts of what it is given."""
_ORDER: Final = frozenset({operator.lt, operator.le, operator.gt, operator.ge})
_INDEXED: Final = operator.getitem


def with_plain_operands(fn: Function, types: Mapping[Var, Type], varied: Set[Var]) -> Function:
    """``fn``, in which operands that only the running program knows are checked.

    Parameters
    ----------
    fn
        Typed normal IR.
    varied
        The variables that depend on what is differentiated.

    Raises
    ------
    UnknownFunctionError
        Where an operand beside them is known to have arithmetic of its own.
    """
    found = _Operands(fn, types, varied)
    body = found.block(fn.body)
    return fn if body is fn.body else replace(fn, body=body)


@dataclass(frozen=True, slots=True)
class _Operands:
    fn: Function
    types: Mapping[Var, Type]
    varied: Set[Var]

    def block(self, block: Block) -> Block:
        out: list[Stmt] = []
        for stmt in block:
            out.extend(
                Do(Call(CHECK_PLAIN, (v,), origin=stmt.origin), stmt.origin)
                for v in dict.fromkeys(self._open(stmt))
            )
            out.append(map_blocks(stmt, self.block))
        return same_or_new(block, out)

    def _open(self, stmt: Stmt) -> Iterator[Var]:
        """The operands of ``stmt`` that are to be checked when it runs."""
        match stmt:
            case For(iter=Var() as taken) | Unpack(value=Var() as taken) if taken in self.varied:
                self._check_items(taken, stmt)
            case AugAssign(Var() as obj, _, op, value) if self._is_varied((obj, value)):
                yield from self._checked((obj, value), op, stmt)
            case _:
                pass
        call = call_of(stmt)  # in which no other is
        parts = (call,) if call else (e for x in expressions(stmt) for e in subexpressions(x))
        for part in parts:
            if isinstance(part, Call) and isinstance(part.fn, Ref):
                yield from self._checked(self._operands(part), part.fn, stmt)

    def _operands(self, call: Call) -> tuple[Expr, ...]:
        """What the rule of ``call`` takes for numbers, if one of them is varied."""
        assert isinstance(call.fn, Ref)
        fn = call.fn.value
        rule = rule_for(fn)
        every = (*call.args, *(v for _, v in call.kwargs))
        if rule is None or fn in _OF_TREES or not self._is_varied(every):
            return ()
        if fn in _ORDER:
            return call.args
        try:
            bound = bind(rule, call.args, call.kwargs)
        except BindError:
            return ()
        return tuple(bound[p] for p in rule.differentiable if p in bound)

    def _is_varied(self, exprs: Iterable[Expr]) -> bool:
        return any(v in self.varied for e in exprs for v in variables(e))

    def _checked(self, operands: tuple[Expr, ...], fn: Ref, stmt: Stmt) -> Iterator[Var]:
        for operand in operands:
            for part in _held(operand):
                if isinstance(part, Ref) and not is_plain(part.value):
                    raise self._refusal(part.value, part.path, stmt)
                if not isinstance(part, Var):
                    continue
                match self.types.get(part, UNKNOWN):
                    case Static(value) if not is_plain(value):
                        raise self._refusal(value, part.base, stmt)
                    case Record(cls) if not (issubclass(cls, tuple) and fn.value is _INDEXED):
                        raise self._refusal(cls, part.base, stmt)
                    case Unknown() if part not in self.varied:
                        yield part
                    case _:
                        pass

    def _check_items(self, taken: Var, stmt: Stmt) -> None:
        match self.types.get(taken):
            case Record(cls) if not issubclass(cls, tuple):
                raise self._refusal(cls, taken.base, stmt)
            case _:
                pass

    def _refusal(self, operand: Any, name: str, stmt: Stmt) -> UnknownFunctionError:
        made = foreign_operand(operand, f"`{name}`", source=self.fn.source, origin=stmt.origin)
        assert isinstance(made, UnknownFunctionError)
        return made


def _held(operand: Expr) -> Iterator[Expr]:
    """``operand`` and what it holds; calls inside it are asked about by themselves."""
    if not isinstance(operand, Call):
        yield operand
        for part in parts(operand):
            yield from _held(part)
