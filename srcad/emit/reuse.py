"""Compute into arrays that nobody reads any more, as one does by hand where arrays are large."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, Final

import numpy as np

from srcad.analysis.effects import is_pure
from srcad.analysis.liveness import Liveness, liveness
from srcad.analysis.memory import Memory
from srcad.analysis.owned import Owned, is_float_array, owned_by
from srcad.ir.naming import MADE, is_users, same_name, standing
from srcad.ir.nodes import (
    Assign,
    AugAssign,
    Block,
    Call,
    Do,
    Expr,
    Function,
    Origin,
    Ref,
    Return,
    Stmt,
    Tuple,
    Unpack,
    Var,
)
from srcad.ir.rebuild import map_stmt, renamed
from srcad.ir.refs import ADD, COPY, DIV, MUL, NEG, SUB
from srcad.ir.walk import blocks, bound, statements, subexpressions, variables
from srcad.types.lattice import Array, Type, same_shape
from srcad.types.operands import expression_type

__all__ = ["reuse"]

_IN_PLACE: Final[Mapping[object, tuple[Ref, np.ufunc]]] = {
    ADD.value: (ADD, np.add),
    SUB.value: (SUB, np.subtract),
    MUL.value: (MUL, np.multiply),
    DIV.value: (DIV, np.divide),
}
_COMMUTATIVE: Final[frozenset[object]] = frozenset({ADD.value, MUL.value})
# Its type is only partly known.
_MATMUL: Final = vars(operator)["matmul"]
_CONTRACTIONS: Final[frozenset[object]] = frozenset(
    {_MATMUL, np.matmul, np.dot, np.inner, np.outer, np.einsum, np.tensordot, np.linalg.solve}
)
_NAMELESS: Final = frozenset({"t", "t_bar", "t_dot"})
_STEPS: Final = 4


def reuse(
    nested: Function, fn: Function, types: Mapping[Var, Type], memory: Memory | None = None
) -> Function:
    """Let arrays that are read for the last time hold what is computed from them.

    ``y = v * w`` becomes ``v *= w``, or ``y = np.multiply(v, w, out=v)`` where both names mean
    something, if the function made the array ``v`` itself and neither it nor a view of it is read
    again. ``y = np.exp(a - b)`` becomes ``y = a - b`` and ``np.exp(y, out=y)``: Python frees
    ``a - b`` only after the result is there, and two large arrays cost more than the arithmetic.
    ``y_bar = x_bar.copy()`` goes where nobody reads the array under another name any more.

    Parameters
    ----------
    nested : Function
        What `renest` made of ``fn``.
    fn : Function
        The function in normal IR, which tells what may share memory.
    types : Mapping
        The types of the variables. Only results that surely have the shape and dtype of the array
        that is to hold them go there.
    memory : Memory
        What may share memory in ``fn``, where that is known already.

    Returns
    -------
    Function
        The same computation with fewer arrays.
    """
    if not any(isinstance(t, Array) and t.ndim for t in types.values()):
        return nested
    run = _Reuse(nested, owned_by(fn, types, memory), types)
    body = run.block(nested.body)
    return replace(nested, body=renamed(body, run.names) if run.names else body)


# --- what is written where -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Step:
    """``x = op(x, other)``, or ``op(other, x)`` if ``swapped``; ``op(x)`` without ``other``."""

    op: object
    other: Expr | None = None
    swapped: bool = False

    def of(self, x: Var, into: Var, origin: Origin | None) -> Stmt:
        """The statement that computes this from ``x`` into the array of ``x``, named ``into``."""
        call = self._call(x)
        return Do(call, origin) if into == x else Assign(into, call, origin)

    @property
    def is_update(self) -> bool:
        """Whether Python has ``x op= other`` for this."""
        plain = self.other is not None and not (self.swapped and self.op not in _COMMUTATIVE)
        return plain and self.op in _IN_PLACE

    def in_place(self, x: Var, origin: Origin | None) -> Stmt:
        """``x op= other``, where Python has that, or a call with ``out=x``."""
        if self.is_update and self.other is not None:
            return AugAssign(x, None, _IN_PLACE[self.op][0], self.other, origin)
        return Do(self._call(x), origin)

    def _call(self, x: Var) -> Call:
        ufunc = _ufunc(self.op)
        operands: tuple[Expr, ...] = (x,)
        if self.other is not None:
            swapped = self.swapped and self.op not in _COMMUTATIVE
            operands = (self.other, x) if swapped else (x, self.other)
        return Call(Ref(f"np.{ufunc.__name__}", ufunc), operands, (("out", x),))


def _ufunc(op: object) -> np.ufunc:
    if op is NEG.value:
        return np.negative
    return op if isinstance(op, np.ufunc) else _IN_PLACE[op][1]


@dataclass(frozen=True, slots=True)
class _Chain:
    """A value as a first array and the steps that make it that value in place."""

    first: Expr
    steps: tuple[_Step, ...] = ()

    @property
    def is_begun(self) -> bool:
        """Whether an array is there already that the next step can be done in."""
        return bool(self.steps) or isinstance(self.first, Var)

    @property
    def overwrites_users(self) -> bool:
        """Whether a variable of the user's takes what is but a part of an expression."""
        return bool(self.steps) and isinstance(self.first, Var) and is_users(self.first)

    def then(self, *args: Any) -> _Chain:
        return _Chain(self.first, (*self.steps, _Step(*args)))


class _Reuse:
    def __init__(self, nested: Function, owned: Owned, types: Mapping[Var, Type]) -> None:
        self.owned = owned
        self.types = types
        self.facts: Liveness = liveness(nested)
        self.bits = self.facts.bits
        self.bindings: dict[Var, list[int]] = {}
        # What a helper returns is told apart from what is made of it.
        self.received: set[Var] = set()
        for number, stmt in enumerate(statements(nested)):
            for var in bound(stmt):
                self.bindings.setdefault(var, []).append(number)
            if isinstance(stmt, Unpack):
                self.received.update(bound(stmt))
        self.params = {p.var for p in nested.params}
        self.numbers = count()
        self.names: dict[Var, Var] = {}
        self._apart: set[tuple[Var, Var]] = set()

    def block(self, block: Block) -> Block:
        out: list[Stmt] = []
        for stmt in block:
            number = next(self.numbers)
            if blocks(stmt):
                out.append(map_stmt(stmt, lambda expr: expr, self.block))
            else:
                out.extend(self._statement(stmt, number))
        return tuple(out)

    def _statement(self, stmt: Stmt, number: int) -> Block:
        match stmt:
            case Assign(Var() as y, Call(Ref(_, fn), (Var() as x,), ())) if fn is COPY.value:
                made = self._copy(stmt, y, x, number)
            case Assign(Var() as y, Call() as call) if is_float_array(self._type(y)):
                made = self._assign(stmt, y, call, number)
            case Return(value) if (plain := self._returned(value)) != value:
                made = (replace(stmt, value=plain),)
            case Return(Call() as call):
                made = self._return(stmt, call, number)
            case _:
                made = None
        return (stmt,) if made is None else made

    # --- statements ------------------------------------------------------------------------------

    def _copy(self, stmt: Assign, y: Var, x: Var, number: int) -> Block | None:
        """Let ``y``, a copy of ``x``, be that array itself, if nobody else reads it any more."""
        alive = self.facts.after[number] & ~self.bits[y]  # what ``y`` was is gone
        if is_users(y) or is_users(x) or self._type(x) != self._type(y):
            return None  # a copy that the user makes is one to read about
        if not self._is_free(x, alive):
            return None
        if x == y:
            return ()
        if (_is_nameless(y) or same_name(y, x)) and self._may_rename(y, x, number):
            self.names[y] = self.names.get(x, x)
            return ()
        if _is_nameless(x) and self._may_take(x, y):
            self.names[x] = y
            return ()
        return (replace(stmt, value=x),)

    def _returned(self, value: Expr) -> Expr:
        """``value`` without the copies of arrays that nobody else returns."""
        mentions = Counter(e for e in subexpressions(value) if isinstance(e, Var))
        return self._without_copies(value, mentions)

    def _without_copies(self, expr: Expr, mentions: Counter[Var]) -> Expr:
        match expr:
            case Call(Ref(_, fn), (Var() as x,), ()) if fn is COPY.value:
                sharing = self.owned.sharing(x)
                lone = sharing is not None and sum(mentions[v] for v in sharing) == 1
                return x if lone and not is_users(x) else expr
            case Tuple(items):
                return Tuple(tuple([self._without_copies(item, mentions) for item in items]))
            case _:
                return expr

    def _assign(self, stmt: Assign, y: Var, call: Call, number: int) -> Block | None:
        chain = self._chain(call, self._type(y), self.facts.after[number])
        if not chain.steps and y in variables(call) and not is_users(y):
            # What ``y`` was is gone.
            over = self._chain(call, self._type(y), self.facts.after[number] & ~self.bits[y])
            if over.first == y and len(over.steps) <= 2 and all(s.is_update for s in over.steps):
                chain = over
        if not self._may_split(chain, y):
            return None
        first, steps = chain.first, chain.steps
        if first == y:
            return tuple(
                step.in_place(y, stmt.origin if i == 0 else _plain(stmt.origin))
                for i, step in enumerate(steps)
            )
        if isinstance(first, Call):
            # A comment is printed once, with the statement that begins it.
            return (
                Assign(y, first, stmt.origin),
                *(step.in_place(y, _plain(stmt.origin)) for step in steps),
            )
        assert isinstance(first, Var)
        into = y
        if (_is_nameless(y) and not is_users(first)) or same_name(y, first):
            if not self._may_rename(y, first, number):
                return None
            self.names[y] = self.names.get(first, first)
            return tuple(
                step.in_place(first, stmt.origin if i == 0 else _plain(stmt.origin))
                for i, step in enumerate(steps)
            )
        if standing(y) == MADE and is_users(first):
            return None  # what is an adjoint is not to be looked for in a value
        if _is_nameless(first) and standing(first) == MADE and self._may_take(first, y):
            self.names[first] = y
            first = y
            return tuple(
                step.in_place(y, stmt.origin if i == 0 else _plain(stmt.origin))
                for i, step in enumerate(steps)
            )
        return (
            steps[0].of(first, into, stmt.origin),
            *(step.in_place(y, _plain(stmt.origin)) for step in steps[1:]),
        )

    def _return(self, stmt: Return, call: Call, number: int) -> Block | None:
        t = self._type(call)
        if not is_float_array(t):
            return None
        chain = self._chain(call, t, self.facts.after[number])
        first = chain.first
        if not isinstance(first, Var) or not self._may_split(chain, first):
            return None
        return (
            *(
                step.in_place(first, stmt.origin if i == 0 else _plain(stmt.origin))
                for i, step in enumerate(chain.steps)
            ),
            Return(first, _plain(stmt.origin)),
        )

    def _may_split(self, chain: _Chain, y: Var) -> bool:
        """Whether the steps may follow one another as statements, the value being named ``y``."""
        first, steps = chain.first, chain.steps
        if not steps or len(steps) > _STEPS:
            return False
        others = [step.other for step in steps if step.other is not None]
        if len(steps) > 1 and not all(map(_is_calm, (first, *others))):
            return False
        changed = {y}
        if isinstance(first, Var):
            # NumPy minds overlaps within one operation, so the first may read what it writes.
            changed |= self.owned.sharing(first) or frozenset()
            others = [step.other for step in steps[1:] if step.other is not None]
        read = {v for other in others for v in variables(other)}
        if not {self._name(v) for v in changed}.isdisjoint(map(self._name, read)):
            return False
        # What is read after the first step must not get the name that this step writes to.
        self._apart.update((y, v) for v in read)
        return True

    def _name(self, var: Var) -> Var:
        return self.names.get(var, var)

    def _may_be_one_name(self, a: Var, b: Var) -> bool:
        both = {self._name(a), self._name(b)}
        return all({self._name(v), self._name(w)} != both for v, w in self._apart)

    def _may_rename(self, y: Var, x: Var, number: int) -> bool:
        """Whether ``y``, made of ``x`` at a statement, can go by the name of ``x`` from there."""
        target = self.names.get(x, x)
        group = [target, *(v for v, name in self.names.items() if name == target)]
        if y in self.params or self.bindings[y] != [number] or y in self.names:
            return False
        if not self._may_be_one_name(y, x):
            return False
        if any(v in self.params for v in group):
            return False
        alive = self.facts.after[number]
        return not any(
            alive & self.bits.get(v, 0)
            or any(self.facts.at_binding[n] & self.bits[y] for n in self.bindings.get(v, ()))
            for v in group
        )

    def _may_take(self, x: Var, y: Var) -> bool:
        """Whether ``x``, of which ``y`` is made, can go by the name of ``y`` from the beginning."""
        if {x, y} & (self.params | self.names.keys()) or x in self.names.values():
            return False
        if not self._may_be_one_name(x, y):
            return False
        made, taken = self.bindings.get(x, []), self.bindings.get(y, [])
        return len(made) == len(taken) == 1 and not self.facts.at_binding[made[0]] & self.bits[y]

    # --- values ----------------------------------------------------------------------------------

    def _chain(self, expr: Expr, t: Type, alive: int) -> _Chain:
        """How to make ``expr``, of type ``t``, with as few arrays as can be had for little text."""
        if isinstance(expr, Var) or not isinstance(expr, Call) or expr.kwargs:
            return _Chain(expr)
        fn = expr.fn.value if isinstance(expr.fn, Ref) else None
        match expr.args:
            case (x,) if fn is NEG.value or (isinstance(fn, np.ufunc) and fn.nin == fn.nout == 1):
                inner = self._part(x, t, alive)
                if inner is not None and (inner.is_begun or (fn is not NEG.value and _is_light(x))):
                    return inner.then(fn)
            case (x, y) if fn in _IN_PLACE:
                return self._binary(expr, fn, x, y, t, alive)
            case _:
                pass
        return _Chain(expr)

    def _binary(self, expr: Call, fn: object, x: Expr, y: Expr, t: Type, alive: int) -> _Chain:
        inner = self._part(x, t, alive)
        if inner is not None:
            # NumPy itself puts `temporary + array` into the temporary, unless `array` is smaller.
            smaller = isinstance(s := self._type(y), Array) and not same_shape(s, t)
            if inner.is_begun or (smaller and _is_light(x)):
                return inner.then(fn, y)
        inner = self._part(y, t, alive)
        if inner is None or not inner.is_begun or inner.overwrites_users:
            return _Chain(expr)
        return inner.then(fn, x, True)

    def _part(self, expr: Expr, t: Type, alive: int) -> _Chain | None:
        """The chain of an operand, if it has type ``t`` and its array may be written to."""
        mine = self._type(expr)
        if not (isinstance(mine, Array) and isinstance(t, Array)):
            return None
        if mine.dtype != t.dtype or not same_shape(mine, t):
            return None
        if isinstance(expr, Var):
            may_take = expr not in self.received and self._is_free(expr, alive)
            return _Chain(expr) if may_take else None
        fn = expr.fn.value if isinstance(expr, Call) and isinstance(expr.fn, Ref) else None
        if not isinstance(expr, Call) or not (isinstance(fn, np.ufunc) or fn in _IN_PLACE):
            return None
        return self._chain(expr, t, alive)

    def _is_free(self, var: Var, alive: int) -> bool:
        sharing = self.owned.sharing(var)
        return sharing is not None and not any(alive & self.bits.get(v, 0) for v in sharing)

    def _type(self, expr: Expr) -> Type:
        return expression_type(expr, self.types)


def _is_calm(expr: Expr) -> bool:
    """Whether evaluating ``expr`` changes nothing."""
    return all(is_pure(e) for e in subexpressions(expr) if isinstance(e, Call))


def _is_light(expr: Expr) -> bool:
    """Whether ``expr`` costs so little that the memory for it counts: it has no matrix product."""
    return not any(
        isinstance(e, Call) and isinstance(e.fn, Ref) and e.fn.value in _CONTRACTIONS
        for e in subexpressions(expr)
    )


def _plain(origin: Origin | None) -> Origin | None:
    return None if origin is None else replace(origin, comment="", above=())


def _is_nameless(var: Var) -> bool:
    """Whether the variable is called after no other."""
    return var.made and var.base in _NAMELESS
