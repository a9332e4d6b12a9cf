"""Which arrays a function made itself, and may write to when nobody reads them any more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from srcad.analysis.effects import ARITHMETIC, calls_in, has_memory, is_fresh, operands_of
from srcad.analysis.memory import Memory, memory_of
from srcad.analysis.own_items import leaves_of
from srcad.ir.nodes import (
    Assign,
    Call,
    Const,
    Dict,
    For,
    Function,
    List,
    Ref,
    Return,
    Tuple,
    Unpack,
    Var,
)
from srcad.ir.walk import assigned_call, bound, mention_counts, statements, variables
from srcad.notes import notes_of
from srcad.rules.table import has_own_rule, has_users_rule
from srcad.types.lattice import UNKNOWN, Array, Scalar, Type

__all__ = [
    "Owned",
    "held_objects",
    "is_float_array",
    "is_new",
    "owned_by",
    "owns_containers",
    "owns_tangent",
]


@dataclass(frozen=True, slots=True)
class Owned:
    """The variables that only ever hold arrays which the function itself made.

    Parameters
    ----------
    memory
        What may share memory with what.
    made
        These variables. Views of their arrays are not among them.
    held
        The objects that others than variables may hold; see `held_objects`.
    """

    memory: Memory
    made: frozenset[Var]
    held: frozenset[int]

    def sharing(self, var: Var) -> frozenset[Var] | None:
        """The variables that may share the array of ``var``; ``None`` if it is not the function's.

        Where none of them is read any more, nobody can tell that the array is written to.
        """
        if var not in self.made:
            return None
        objects = self.memory.objects(var)
        if not objects or not objects.isdisjoint(self.memory.outside | self.held):
            return None
        return frozenset(v for obj in objects for v in self.memory.holders(obj))


def owned_by(fn: Function, types: Mapping[Var, Type], memory: Memory | None = None) -> Owned:
    """The arrays that ``fn``, in normal IR, owns; ``memory`` is that of ``fn``, where known.

    Examples
    --------
    >>> from srcad.ir.nodes import Param, Return, Source
    >>> x, y, z = Var("x"), Var("y"), Var("z")
    >>> body = (
    ...     Assign(y, Call(Ref("np.exp", np.exp), (x,))),
    ...     Assign(z, Call(Ref("np.transpose", np.transpose), (y,))),
    ...     Return(z),
    ... )
    >>> fn = Function("f", (Param(x),), body, Source("f.py", 1, "f"))
    >>> matrix = Array(np.dtype(float), (2, 2))
    >>> owned = owned_by(fn, dict.fromkeys((x, y, z), matrix))
    >>> sorted(v.name for v in owned.sharing(y))
    ['y', 'z']
    >>> owned.sharing(x) is None, owned.sharing(z) is None
    (True, True)
    """
    lent = {p.var for p in fn.params}
    named: list[tuple[Var, Var]] = []
    for stmt in statements(fn):
        if (one := assigned_call(stmt)) is not None:
            var, call = one
            if not (is_float_array(types.get(var, UNKNOWN)) and is_new(call, types)):
                lent.add(var)
            continue
        match stmt:
            case Assign(Var() as second, Var() as first):
                named.append((second, first))
            case Unpack(targets, Call() as call) if is_new(call, types):
                lent.update(v for v in targets if v and not is_float_array(types.get(v, UNKNOWN)))
            case _:
                lent.update(bound(stmt))
    while more := {second for second, first in named if first in lent and second not in lent}:
        lent |= more
    made = frozenset(v for v, t in types.items() if v not in lent and is_float_array(t))
    memory = memory or memory_of(fn, types)
    return Owned(memory, made, held_objects(fn, memory))


def owns_tangent(fn: Function, types: Mapping[Var, Type]) -> bool:
    """Whether ``fn`` returns a value and a tangent, of which nobody else holds any array."""
    last = fn.body[-1]
    if not (isinstance(last, Return) and isinstance(last.value, Tuple)):
        return False
    value, dot = last.value.items
    owned = owned_by(fn, types)
    seen = frozenset[int]().union(*map(owned.memory.objects, variables(value)))
    for _, leaf in leaves_of(fn, dot)[0]:
        if not isinstance(leaf, (Var, Const)):
            return False
        if isinstance(leaf, Var) and has_memory(types.get(leaf, UNKNOWN)):
            objects = owned.memory.objects(leaf)
            if owned.sharing(leaf) is None or not seen.isdisjoint(objects):
                return False
            seen |= objects
    return True


def owns_containers(fn: Function, types: Mapping[Var, Type]) -> bool:
    """Whether ``fn`` makes each container that it returns where it returns it.

    Or another function made it for this one; see `Notes`.
    """
    last = fn.body[-1]
    if not isinstance(last, Return):
        return False
    # By variable, what makes it; what is mentioned twice is bound once and returned once.
    once = {v for v, n in mention_counts(fn.body).items() if n == 2}
    made = {
        v: stmt.value
        for stmt in fn.body
        if isinstance(stmt, Assign | Unpack)
        for v in bound(stmt)
        if v in once
    }

    todo = [last.value]
    while todo:
        match todo.pop():
            case Const():
                pass
            case Var() as var if isinstance(types.get(var, UNKNOWN), (Array, Scalar)):
                pass
            case Var() as var if var in made:
                todo.append(made[var])
            case Tuple(items) | List(items) | Dict(_, items):
                todo += items
            case Call(Ref(_, callee)) as call if isinstance(callee, type):
                todo += (*call.args, *[v for _, v in call.kwargs])
            case Call(Ref(_, callee)) if notes_of(callee).own_containers:
                pass
            case _:
                return False
    return True


def held_objects(fn: Function, memory: Memory) -> frozenset[int]:
    """The objects that loops run over, and those that a function of the user's was given.

    A loop reads what it runs over until it ends, whatever its body reads. A function that has a
    rule of the user's may hand out again what it was given.
    """
    held: set[int] = set()
    for stmt in statements(fn):
        if isinstance(stmt, For):
            held.update(*map(memory.objects, variables(stmt.iter)))
        for call in calls_in(stmt):
            if isinstance(call.fn, Ref) and has_users_rule(call.fn.value):
                held.update(*map(memory.objects, operands_of(call)))
    return frozenset(held)


def is_float_array(t: Type) -> bool:
    """Whether a value of this type surely is an array of floats, and no number.

    Examples
    --------
    >>> is_float_array(Array(np.dtype(float), (3,))), is_float_array(Array(np.dtype(float), ()))
    (True, False)
    """
    return isinstance(t, Array) and t.ndim > 0 and t.dtype.kind in "fc"


def is_new(call: Call, types: Mapping[Var, Type]) -> bool:
    """Whether the result is an array that nobody but NumPy has had in hand.

    What a function of the user's returns it may have kept, whatever its rule says; a generated one
    has kept nothing of what is noted to be fresh.
    """
    fn = call.fn.value if isinstance(call.fn, Ref) else None
    known = isinstance(fn, np.ufunc) or fn in ARITHMETIC or has_own_rule(fn) or notes_of(fn).fresh
    return known and is_fresh(call, types)
