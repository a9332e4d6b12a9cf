"""Random programs in normal IR, and running them, for the tests of the passes of `srcad.emit`."""

from __future__ import annotations

import operator
import random
from collections.abc import Callable

import numpy as np

from srcad.emit.text import render
from srcad.ir.nodes import (
    Assign,
    AugAssign,
    Block,
    Call,
    Const,
    Do,
    Expr,
    For,
    Function,
    If,
    Param,
    Ref,
    Return,
    Slice,
    Source,
    Stmt,
    Store,
    Tuple,
    Unpack,
    Var,
    While,
)
from srcad.types.lattice import FLOAT, Array, ListOf, Type

SOURCE = Source("f.py", 1, "f")
VECTOR = Array(np.dtype(np.float64), (4,))
NOTHING = Const(None)


def op(name: str, *args: Expr) -> Call:
    """A call of the operator function ``name``."""
    return Call(Ref(f"operator.{name}", getattr(operator, name)), args)


def method(name: str, *args: Expr) -> Call:
    """A call of a list's method ``name``."""
    return Call(Ref(f"list.{name}", getattr(list, name)), args, spell=f".{name}")


def function(*body: Stmt, params: tuple[Var, ...] = ()) -> Function:
    """A function called ``f``."""
    return Function("f", tuple(Param(p) for p in params), body, SOURCE)


def note(log: list[object]) -> Callable[[object], object]:
    """A function that srcad knows nothing of: it writes down what it sees and changes it."""

    def touch(x: object) -> object:
        log.append(np.array(x, copy=True))
        if isinstance(x, np.ndarray):
            x[0] = x[0] * 0.5 + 1.0
            return x[::-1]
        return x

    return touch


def touch(x: object) -> object:
    """Stands for `note`'s function in the IR; the run binds the name to a fresh one."""
    raise AssertionError("bound when run")


def outcome(fn: Function) -> list[np.ndarray]:
    """What a run of ``fn`` shows: its result, what it wrote down, what became of its arguments."""
    log: list[object] = []
    namespace: dict[str, object] = {"np": np, "touch": note(log), "operator": operator}
    text = render(fn).text
    exec(compile(text, "<random program>", "exec"), namespace)
    u = np.array([0.5, -1.25, 2.0, 0.75])
    s = [float(k) for k in range(40)]
    with np.errstate(all="ignore"):
        result = namespace["f"](1.5, -0.5, u, u[::-1], s)  # type: ignore[operator] - made by exec
    return [np.array(x) for x in (*result, *log, u, s)]


class Programs:
    """Builds a program from a seed: numbers ``a b``, arrays ``u v`` on one memory, a list ``s``."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.types: dict[Var, Type] = {}
        self.count = 0
        self.fresh: list[Var] = []

    def build(self) -> Function:
        params = tuple(map(Var, ("a", "b", "u", "v", "s")))
        kinds: tuple[Type, ...] = (FLOAT, FLOAT, VECTOR, VECTOR, ListOf(FLOAT))
        self.types.update(zip(params, kinds, strict=True))
        body = self.block(list(params), self.random.randint(3, 14), 2)
        # The temporaries that nothing has read: what they hold must not get lost either.
        result = Return(Tuple((*params[:4], *self.fresh)))
        return function(*body, result, params=params)

    def block(self, scope: list[Var], size: int, depth: int) -> tuple[Stmt, ...]:
        scope, self.fresh = list(scope), []
        out: list[Stmt] = []
        for _ in range(size):
            out += self.statement(scope, depth)
        return tuple(out)

    def inner(self, scope: list[Var], size: int, depth: int) -> tuple[Stmt, ...]:
        outer = self.fresh
        body = self.block(scope, size, depth)
        for var in self.fresh:
            if self.types[var] == FLOAT:
                body += (Do(method("append", Var("s"), var)),)
        self.fresh = outer
        return body

    def temp(self, scope: list[Var], kind: Type) -> Var:
        self.count += 1
        var = Var("t", self.count, True)
        self.types[var] = kind
        scope.append(var)
        self.fresh.append(var)
        return var

    def pick(self, scope: list[Var], kind: Type) -> Var:
        fresh = [v for v in self.fresh if self.types[v] == kind and v in scope]
        if fresh and self.random.random() < 0.75:
            var = self.random.choice(fresh)
            self.fresh.remove(var)
            # Used once: nothing else may read it, or it could not be put back.
            scope.remove(var)
            return var
        settled = [v for v in scope if self.types[v] == kind and v not in self.fresh]
        return self.random.choice(settled)

    def hidden(self, base: str = "t") -> Var:
        """A new number that the program does not read unless told to."""
        self.count += 1
        var = Var(base, self.count)
        self.types[var] = FLOAT
        return var

    def value(self, scope: list[Var], kind: Type) -> Call:
        r = self.random.random()
        if kind == FLOAT:
            if r < 0.25:
                return op("getitem", self.pick(scope, VECTOR), Const(self.random.randrange(4)))
            if r < 0.35:
                return method("pop", Var("s"))
            if r < 0.45:
                return Call(Ref("touch", touch), (self.pick(scope, FLOAT),))
            if r < 0.55:
                return Call(Ref("np.sum", np.sum), (self.pick(scope, VECTOR),), spell=".sum")
            name = self.random.choice(["add", "sub", "mul"])
            return op(name, self.pick(scope, FLOAT), self.pick(scope, FLOAT))
        if r < 0.15:
            step = Const(self.random.choice([1, -1]))
            return op("getitem", self.pick(scope, VECTOR), Slice(NOTHING, NOTHING, step))
        if r < 0.3:
            return Call(Ref("touch", touch), (self.pick(scope, VECTOR),))
        if r < 0.4:
            return Call(Ref("np.tanh", np.tanh), (self.pick(scope, VECTOR),))
        name = self.random.choice(["add", "sub", "mul"])
        other = self.random.choice([FLOAT, VECTOR])
        return op(name, self.pick(scope, VECTOR), self.pick(scope, other))

    def test(self, scope: list[Var]) -> Call:
        return op(self.random.choice(["lt", "gt"]), self.pick(scope, FLOAT), Const(0.25))

    def statement(self, scope: list[Var], depth: int) -> Block:
        r = self.random.random()
        kind = self.random.choice([FLOAT, VECTOR])
        if r < 0.5:
            value = self.value(scope, kind)
            return (Assign(self.temp(scope, kind), value),)
        if r < 0.6:
            name = self.random.choice("ab") if kind == FLOAT else self.random.choice("uv")
            return (Assign(Var(name), self.value(scope, kind)),)
        if r < 0.66:
            index = Const(self.random.randrange(4))
            value = self.pick(scope, FLOAT)
            return (Store(self.pick(scope, VECTOR), index, value),)
        if r < 0.74:
            index = self.random.choice([None, Const(1), Slice(Const(1), Const(3), NOTHING)])
            add = Ref("operator.add", operator.add)
            value = self.pick(scope, FLOAT)
            return (AugAssign(self.pick(scope, VECTOR), index, add, value),)
        if r < 0.8:
            return (Do(method("append", Var("s"), self.pick(scope, FLOAT))),)
        if depth == 0:
            return ()
        return self.compound(scope, depth)

    def compound(self, scope: list[Var], depth: int) -> Block:
        r = self.random.random()
        if r < 0.25:
            test = self.hidden()
            assign = Assign(test, self.test(scope))
            then = self.inner(scope, 2, depth - 1)
            orelse = self.inner(scope, self.random.randrange(3), depth - 1)
            return (assign, If(test, then, orelse))
        if r < 0.5:
            return self.choice(scope)
        if r < 0.75:
            target = self.hidden()
            pair = (self.hidden("p"), self.hidden("q"))
            copies = Call(Ref("list", list), (Call(Ref("zip", zip), (Var("u"), Var("v"))),))
            rows = self.hidden()
            body = self.inner([*scope, *pair], 3, depth - 1)
            return (Assign(rows, copies), For(target, rows, (Unpack(pair, target), *body)))
        first, test, k = self.hidden(), self.hidden(), self.hidden("k")
        header = (Assign(first, op("add", k, Const(0))), Assign(test, op("lt", first, Const(2))))
        body = self.inner(scope, 2, depth - 1)
        step = Assign(k, op("add", k, Const(1)))
        return (Assign(k, Const(0)), While(header, test, (step, *body)))

    def choice(self, scope: list[Var]) -> Block:
        """What ``and``, ``or`` and conditional expressions look like in normal form."""
        kind = self.random.choice(["and", "or", "if"])
        test, result, part = self.hidden(), self.hidden(), self.hidden()
        head = Assign(test, self.test(scope))
        first = Assign(result, self.value(scope, FLOAT))
        outer, self.fresh = self.fresh, []
        other = (
            Assign(part, self.value(scope, FLOAT)),
            Assign(result, op("mul", part, self.pick(scope, FLOAT))),
        )
        self.fresh = outer
        scope.append(result)
        self.fresh.append(result)
        if kind == "if":
            return (head, If(test, (first,), other))
        return (first, If(result, *((other, ()) if kind == "and" else ((), other))))


def same(a: list[np.ndarray], b: list[np.ndarray]) -> bool:
    """Whether two outcomes agree to the last bit."""
    return len(a) == len(b) and all(
        np.array_equal(x, y, equal_nan=True) for x, y in zip(a, b, strict=True)
    )


__all__ = ["Programs", "function", "method", "op", "outcome", "same"]
