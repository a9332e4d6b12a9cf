"""What each variable's value is known to be, at each point of a forward walk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from srcad.analysis.effects import is_mutable, is_pure
from srcad.analysis.memory import Memory
from srcad.ir.naming import prefers
from srcad.ir.nodes import (
    Assign,
    Block,
    Call,
    Const,
    Dict,
    Expr,
    For,
    If,
    Ref,
    Stmt,
    Tuple,
    Unpack,
    Var,
    While,
)
from srcad.ir.rebuild import changed, same_or_new
from srcad.ir.refs import GETITEM
from srcad.ir.walk import inside, subexpressions, variables
from srcad.optimise.copies import rebound
from srcad.types.lattice import ListOf, Record, TupleOf, Type

__all__ = ["NO_FACTS", "Available", "Merges", "Visit"]

NO_FACTS: Mapping[Var, Call] = MappingProxyType({})
_NO_RECORDS: Mapping[Var, Sequence[tuple[Var, Call]]] = MappingProxyType({})

Visit = Callable[[Stmt], Block]
"""Rewrites what a statement itself reads; the blocks inside it are walked afterwards."""


@dataclass(frozen=True, slots=True)
class _Snapshot:
    value: dict[Var, Expr]
    holder: dict[Expr, Var]
    same: dict[Var, Var]


class Available:
    """The facts ``v == expression`` that hold now: evaluating the expression anew would give ``v``.

    A fact ends when ``v`` or an operand is bound anew, or when memory of one of them is changed.
    ``holder`` finds the variable that holds the value of a given expression. Some facts are
    ``given`` of parameters, some of what is taken from records, when the last of it is there.
    """

    def __init__(
        self,
        memory: Memory,
        types: Mapping[Var, Type],
        given: Mapping[Var, Call] = NO_FACTS,
        recorded: Mapping[Var, Sequence[tuple[Var, Call]]] = _NO_RECORDS,
    ) -> None:
        self.memory = memory
        self._recorded = recorded
        self.types = types
        self.value: dict[Var, Expr] = {}
        self.holder: dict[Expr, Var] = {}
        self.same: dict[Var, Var] = {}
        self._in_turn: set[Var] = set()
        # Whose fact mentions a variable, or once did.
        self._users: defaultdict[Var, set[Var]] = defaultdict(set)
        self._globals_change = not memory.outside.isdisjoint(memory.mutated)
        for var, value in given.items():
            self._learn(var, value)
        self._in_turn.clear()

    def walk(self, block: Block, visit: Visit) -> Block:
        """Rewrite every statement of ``block``, inside out of sight of later statements."""
        done: list[Stmt] = []
        for old in block:
            new = visit(old)
            if type(old) is If and not (len(new) == 1 and new[0] is old):
                done.extend(self.walk(new, visit))  # the branch that is taken
            else:
                for stmt in new:
                    done.append(self._step(stmt, visit))
        return same_or_new(block, done)

    def _step(self, stmt: Stmt, visit: Visit) -> Stmt:
        match stmt:
            case Assign():
                self._forget(stmt)
                if isinstance(stmt.target, Var):
                    self._learn(stmt.target, stmt.value)
                    for var, value in self._recorded.get(stmt.target, ()):
                        self._learn(var, value)
                        self._in_turn.discard(var)
                return stmt
            case If(_, then, orelse):
                before = self._save()
                then = self._apart(then, visit, before)
                orelse = self._apart(orelse, visit, before)
                self._forget_inside(stmt)
                return changed(stmt, then=then, orelse=orelse)
            case For(target, _, body, orelse):
                self._rebind(variables(target))
                self._forget_inside(stmt)
                before = self._save()
                outer, self._in_turn = self._in_turn, set()
                body = self._apart(body, visit, before)
                self._in_turn = outer
                orelse = self._apart(orelse, visit, before)
                return changed(stmt, body=body, orelse=orelse)
            case While(header, _, body, orelse):
                self._forget_inside(stmt)
                before = self._save()
                outer, self._in_turn = self._in_turn, set()
                header = self.walk(header, visit)
                body = self.walk(body, visit)
                self._restore(before)
                self._in_turn = outer
                orelse = self._apart(orelse, visit, before)
                return changed(stmt, header=header, body=body, orelse=orelse)
            case _:
                self._forget(stmt)
                if isinstance(stmt, Unpack) and isinstance(stmt.value, Var):
                    self._learn_items(stmt.targets, stmt.value)
                return stmt

    def _apart(self, block: Block, visit: Visit, before: _Snapshot) -> Block:
        """``block`` rewritten, after which nothing is known but what was before."""
        if not block:
            return block
        block = self.walk(block, visit)
        self._restore(before)
        return block

    def made_in_turn(self, var: Var) -> Call | None:
        """The call that makes ``var``, as often as the present point is reached."""
        value = self.value.get(var) if var in self._in_turn else None
        return value if isinstance(value, Call) else None

    # --- facts -----------------------------------------------------------------------------------

    def _learn(self, target: Var, value: Expr) -> None:
        match value:
            case Call() | Const() | Tuple():
                if isinstance(value, Call) and not is_pure(value):
                    return
                operands = variables(value)  # what is pure is no call of a variable
                if target in operands or (self._globals_change and _reads_global(value)):
                    return
                self._know(target, value, operands)
                self.holder.setdefault(value, target)
            case Var():
                # A list may be grown under its new name, which is then the only one.
                is_list = isinstance(self.types.get(value), ListOf)
                if prefers(value, target) and value != target and not is_list:
                    self.same[target] = self.same.get(value, value)
                    self._users[self.same[target]].add(target)
                if (made := self.value.get(value)) is not None:
                    self._learn(target, made)
            case Dict() if target not in (operands := variables(value)):
                self._know(target, value, operands)  # no other is the same object
            case _:
                pass

    def _learn_items(self, targets: tuple[Var | None, ...], whole: Var) -> None:
        """What is unpacked from a tuple, which holds the same objects for ever."""
        t = self.types.get(whole)
        if isinstance(t, TupleOf) or (isinstance(t, Record) and issubclass(t.cls, tuple)):
            for i, target in enumerate(targets):
                if target is not None:
                    self._learn(target, Call(GETITEM, (whole, Const(i))))

    def _know(self, target: Var, value: Expr, operands: Iterable[Var]) -> None:
        self.value[target] = value
        self._in_turn.add(target)
        for var in operands:
            self._users[var].add(target)

    def _drop(self, target: Var) -> None:
        value = self.value.pop(target, None)
        if value is not None and self.holder.get(value) == target:
            del self.holder[value]

    def _rebind(self, targets: Iterable[Var]) -> None:
        for var in targets:
            if var in self.value:
                self._drop(var)
            self.same.pop(var, None)
            for user in self._users.get(var, ()):
                if self._mentions(user, var):
                    self._drop(user)
                if self.same.get(user) == var:
                    del self.same[user]

    def _change(self, objects: Iterable[int]) -> None:
        for obj in objects:
            for var in self.memory.holders(obj):
                if not isinstance(self.value.get(var), Tuple):
                    self._drop(var)
                for user in self._users.get(var, ()):
                    # A tuple still holds the same objects, however they change.
                    if self._mentions(user, var) and not isinstance(self.value[user], Tuple):
                        self._drop(user)

    def _mentions(self, user: Var, var: Var) -> bool:
        """Whether the fact about ``user`` is one about ``var``, too."""
        value = self.value.get(user)
        return value is not None and var in variables(value)

    def _forget(self, stmt: Stmt) -> None:
        if self.value or self.same:
            self._rebind(rebound(stmt, self.types))
            if objects := self.memory.touched(stmt):
                self._change(objects)

    def _forget_inside(self, stmt: Stmt) -> None:
        if self.value or self.same:
            stmts = inside(stmt)
            self._rebind({v for s in stmts for v in rebound(s, self.types)})
            self._change({o for s in stmts for o in self.memory.touched(s)})

    def _save(self) -> _Snapshot:
        return _Snapshot(dict(self.value), dict(self.holder), dict(self.same))

    def _restore(self, before: _Snapshot) -> None:
        self.value = dict(before.value)
        self.holder = dict(before.holder)
        self.same = dict(before.same)


def _reads_global(value: Expr) -> bool:
    return any(isinstance(e, Ref) and is_mutable(e.value) for e in subexpressions(value))


class Merges:
    """Which equal values may be made one object without anybody noticing.

    Not if either is ever changed in place, and not if both outlive the call: what a derivative
    returns shares no memory with its arguments or among itself that it did not share before. What
    the forward half hands over to the backward one nobody else sees.
    """

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._inward = memory.inward
        self._with: dict[int, frozenset[int]] = {}

    def _objects(self, var: Var) -> frozenset[int]:
        objects = self._memory.objects(var)
        return objects.union(*(self._with[o] for o in objects if o in self._with))

    def allow(self, a: Var, b: Var) -> bool:
        """Whether ``a`` and ``b`` may be one object; if so, they are from now on."""
        of_a, of_b = self._objects(a), self._objects(b)
        # A number may be computed of an array without axes, which changes later.
        both = of_a | of_b
        if not both.isdisjoint(self._memory.mutated):
            return False
        lasting = self._memory.escaping | self._memory.outside
        seen = not of_a.isdisjoint(lasting) and not of_b.isdisjoint(lasting)
        if seen and not both <= self._inward:
            return False
        for obj in both:
            self._with[obj] = both
        return True
