"""What an abstract run has found so far, and what the rooms of `srcad.types` ask of each other.

`srcad.types.infer` is the run itself; those that it asks about a call, a method or a loop see it
as this.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from types import FunctionType

from srcad.errors import TypeInferenceError
from srcad.ir.lookups import Lookup
from srcad.ir.names import Names
from srcad.ir.nodes import Block, Const, Expr, Function, Origin, Ref, Stmt, Var
from srcad.ir.places import occurrences
from srcad.ir.walk import variables
from srcad.types.filled import Filled
from srcad.types.lattice import Type, join
from srcad.types.naturals import natural_variables
from srcad.types.of_value import type_of
from srcad.types.operands import operand_type

__all__ = ["CalleeLists", "CalleeTypes", "Run"]

CalleeTypes = Callable[[FunctionType, tuple[Type, ...]], Type | None]
"""The type that a Python function returns; ``None`` while that is open (recursion)."""
CalleeLists = Callable[[FunctionType, tuple[Type, ...]], Mapping[int, Type]]
"""By place, the types of the lists that a Python function is given, once it has changed them."""


class Run:
    """One abstract run. ``None`` for a type means: nothing has reached this yet."""

    def __init__(
        self, fn: Function, callee: CalleeTypes, lists: CalleeLists, generated: bool
    ) -> None:
        self.fn = fn
        self.callee = callee
        self.lists = lists
        self.generated = generated
        self.types: dict[Var, Type] = {}
        self.result: Type | None = None
        self._asked: set[Var] = set()
        self.outdated = 0
        self._names: Names | None = None
        self._parts: dict[tuple[Expr, Expr], Var] = {}
        self._asking: dict[int, Expr | Stmt] = {}
        self._refs: dict[int, Type] = {}
        # By the function's and the operands' identity, what operations on numbers give.
        self.operations: dict[tuple[int, ...], tuple[Type, Ref, tuple[Type, ...]]] = {}
        self._constants: dict[tuple[Expr, ...], object] = {}
        self.lookups: dict[tuple[int, str, bool], Lookup] = {}
        self.filled = Filled(fn)
        self.is_unrolled = False
        self.rebinds = False

    @cached_property
    def naturals(self) -> frozenset[Var]:
        """The variables that hold no ints below zero."""
        return natural_variables(self.fn)

    def look_up(self, owner: object, name: str, *, baked: bool) -> object:
        """``owner.name``, or ``None``; that it was read is remembered.

        ``baked``: the value itself goes into the text, not only its type.
        """
        self.lookups[id(owner), name, baked] = Lookup(owner, name, baked)
        return getattr(owner, name, None)

    # --- types of operands

    def type(self, expr: Expr) -> Type | None:
        """The type of an operand so far; ``None`` if nothing has reached it."""
        if isinstance(expr, Var):
            self._asked.add(expr)
            return self.types.get(expr)
        if isinstance(expr, Ref):
            found = self._refs.get(id(expr.value))
            if found is None:
                found = self._refs[id(expr.value)] = type_of(expr.value)
            return found
        if isinstance(expr, Const):
            return type_of(expr.value)
        read = variables(expr)
        self._asked.update(read)
        if not all(map(self.types.__contains__, read)):
            return None
        return operand_type(expr, self.types)

    def all(self, exprs: tuple[Expr, ...]) -> tuple[Type, ...] | None:
        """The types of ``exprs``; ``None`` if nothing has reached one of them."""
        found: list[Type] = []
        for expr in exprs:
            t = self.type(expr)
            if t is None:
                return None
            found.append(t)
        return tuple(found)

    def part(self, container: Var | Ref, key: Const, like: str | Var) -> Var:
        """The variable for ``container[key]``, the same one each time it is asked for."""
        found = self._parts.get((container, key))
        if found is None:
            if self._names is None:
                taken = {v.name for v in occurrences(self.fn.body)}
                self._names = Names(taken | {p.var.name for p in self.fn.params})
            found = self._parts[container, key] = self._names.fresh(like)
        return found

    def beside(self, call: Expr | Stmt, what: str, like: str | Var) -> Var:
        """The variable for ``what`` of that which ``call`` needs first, the same one each time."""
        self._asking[id(call)] = call  # kept, so that no other gets its identity
        return self.part(Var("t"), Const(f"{id(call)} {what}"), like)

    def constant(self, made_of: tuple[Expr, ...], make: Callable[[], object]) -> object:
        """The object that ``make`` makes, the same one each time it is asked for."""
        if made_of not in self._constants:
            self._constants[made_of] = make()
        return self._constants[made_of]

    def bind(self, var: Var, t: Type | None) -> None:
        if t is None:
            return
        if var in self.filled:
            self.types[var] = t
            return
        old = self.types.get(var)
        new = t if old is None else join(old, t)
        self.types[var] = new
        if new != old:
            # Who asks later is told the new type at once.
            self.outdated += var in self._asked

    def fail(
        self, message: str, origin: Origin | None, why: str = "", instead: str = ""
    ) -> Exception:
        return TypeInferenceError(
            message, source=self.fn.source, origin=origin, why=why, instead=instead
        )

    # --- what the run itself does

    def operand(
        self, expr: Expr, before: list[Stmt], origin: Origin | None, target: Var | None = None
    ) -> Expr:
        """``expr`` resolved to an operand or one call; what it needs first goes to ``before``."""
        raise NotImplementedError  # `Inference` does this; here is what it knows

    def value_type(self, value: Expr) -> Type | None:
        """The type of an operand or a resolved call."""
        raise NotImplementedError  # likewise

    def block(self, block: Block) -> Block:
        """``block`` resolved."""
        raise NotImplementedError  # likewise

    def stmt(self, stmt: Stmt) -> list[Stmt]:
        """What ``stmt`` becomes."""
        raise NotImplementedError  # likewise
