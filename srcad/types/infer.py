"""Type inference and resolution in one abstract run over normal IR.

`specialise` runs a function on types in place of values. On the way it resolves what only types
can: a method or attribute of an array becomes the NumPy function it stands for, ``x += y`` on a
number becomes ``x = x + y``, a branch on a known test goes, a call through a variable becomes a
call of the function. Loops are run until their types stop growing. What cannot be told is
`Unknown`, which is always right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from srcad.ir.lookups import Lookup
from srcad.ir.nodes import (
    Assign,
    Attr,
    AugAssign,
    Block,
    Call,
    Const,
    Do,
    Expr,
    For,
    Function,
    If,
    List,
    Origin,
    Raise,
    Ref,
    Return,
    Star,
    Stmt,
    Store,
    Tuple,
    Unpack,
    Var,
    While,
)
from srcad.ir.rebuild import changed, map_expr, same_or_new
from srcad.ir.refs import ADD_AT, APPEND, ITERATORS, NONE, POP, refers_to
from srcad.ir.walk import may_break
from srcad.kinds import among
from srcad.types.calls import call_type
from srcad.types.constants import known_truth
from srcad.types.containers import element_type, item_count
from srcad.types.expand import display_items, expanded, plain_tuple
from srcad.types.lattice import (
    INT,
    UNKNOWN,
    DictOf,
    FixedList,
    Record,
    TupleOf,
    Type,
    join,
)
from srcad.types.methods import resolve_attribute
from srcad.types.of_value import type_of
from srcad.types.resolve import resolve_call
from srcad.types.run import CalleeLists, CalleeTypes, Run
from srcad.types.turned_rows import over_columns, turned_rows
from srcad.types.turns import turns_of, unrolled
from srcad.types.updates import check_store, updated

__all__ = ["Typed", "specialise"]

_STATEMENTS: Final = frozenset({ADD_AT.value, APPEND.value})
"""What changes its argument and returns `None`."""

_COUNTED: Final = frozenset({Var, List, Tuple})
"""What has a type of its own, by which the items are counted."""

_MAX_ROUNDS: Final = 30


@dataclass(frozen=True, slots=True)
class Typed:
    """A resolved function, the type of each of its variables, and that of its result.

    ``result`` is ``None`` for a function that never returns as far as is known. ``lookups`` are
    the attributes of live objects on which all this rests. ``is_unrolled``: a loop that fills a
    dict was written out, so that webs may be apart that were one; ``rebinds``: they may be since
    ``t *= 2`` of a tuple binds it anew.
    """

    fn: Function
    types: Mapping[Var, Type]
    result: Type | None
    lookups: tuple[Lookup, ...] = ()
    is_unrolled: bool = False
    rebinds: bool = False


def specialise(
    fn: Function,
    arguments: tuple[Type, ...],
    callee: CalleeTypes,
    lists: CalleeLists,
    *,
    generated: bool = False,
) -> Typed:
    """Infer the types of ``fn`` for arguments of the given types, and resolve what they decide.

    Parameters
    ----------
    fn
        Normal IR with webs apart.
    arguments
        One type per parameter.
    callee
        Finds the result types of the Python functions it calls.
    lists
        Finds what becomes of the lists that they change.
    generated
        Whether srcad wrote ``fn``: it may assign to items of lists, which are its own.

    Raises
    ------
    SrcadError
        At the user's line, for what has no meaning for these types.
    """
    run = Inference(fn, callee, lists, generated)
    for param, t in zip(fn.params, arguments, strict=True):
        run.types[param.var] = t
    body = run.block(fn.body)
    return Typed(
        replace(fn, body=body),
        dict(run.types),
        run.result,
        tuple(run.lookups.values()),
        run.is_unrolled,
        run.rebinds,
    )


class Inference(Run):
    """The run, statement by statement. A loop is run until its types stop growing."""

    # --- statements

    def block(self, block: Block) -> Block:
        out: list[Stmt] = []
        for stmt in block:
            out.extend(self.stmt(stmt))
        return same_or_new(block, out)

    def stmt(self, stmt: Stmt) -> list[Stmt]:
        match stmt:
            case Assign() if isinstance(stmt.target, Var):
                return self._assign(stmt, stmt.target, stmt.value, stmt.origin)
            case Unpack(targets, value, _):
                before: list[Stmt] = []
                value = self.operand(value, before, stmt.origin)
                t = self.value_type(value)
                if t is not None:
                    self._unpack(targets, t, stmt)
                return [*before, stmt if value is stmt.value else changed(stmt, value=value)]
            case AugAssign():
                return updated(self, stmt)
            case Store(obj, index, value, origin):
                before = []
                stored = changed(
                    stmt,
                    index=self.operand(index, before, origin),
                    value=self.operand(value, before, origin),
                )
                if isinstance(obj, Var) and (t := self.type(obj)) is not None:
                    check_store(self, t, stmt)
                return [*before, stored]
            case Do(call, origin):
                before = []
                done = self.operand(call, before, origin)
                if isinstance(done, Call) and done.fn == POP:
                    # The item is given up, but its adjoint is not.
                    item = self.part(Var("t"), Const(f"popped {done.args[0]}"), "t")
                    self.bind(item, self.value_type(done))
                    return [*before, Assign(item, done, origin)]
                return [*before, changed(stmt, call=done)] if isinstance(done, Call) else before
            case Raise():
                return [stmt]
            case Return(value):
                t = self.type(value)
                if t is not None:
                    self.result = t if self.result is None else join(self.result, t)
                return [stmt]
            case If(test, then, orelse):
                before = []
                test = self.operand(test, before, stmt.origin)
                t = self.type(test)
                truth = None if t is None else known_truth(t)
                if truth is not None:
                    return [*before, *self.block(then if truth else orelse)]
                then, orelse = self._branches(then, orelse)
                return [*before, changed(stmt, test=test, then=then, orelse=orelse)]
            case For(Var() as target, iterable, body, _):
                if (branch := over_columns(self, stmt, target)) is not None:
                    return self.stmt(branch)
                before = []
                iterable = self.iterable(iterable, before, stmt.origin)
                turns = turns_of(self, target, iterable, body)
                if turns == ():
                    return before
                if turns is not None and not may_break(body):
                    return [*before, *unrolled(self, stmt, target, turns)]
                self.filled.repeated(stmt)
                element = self.element(iterable)
                return [
                    *before,
                    self._until_stable(lambda: self._for(stmt, target, iterable, element, body)),
                ]
            case While():
                self.filled.repeated(stmt)
                return [self._until_stable(lambda: self._while(stmt))]
            case _:
                return [stmt]

    def _branches(self, then: Block, orelse: Block) -> tuple[Block, Block]:
        before = self.filled.held(self.types)
        then = self.block(then)
        after = self.filled.held(self.types)
        self.types.update((v, t) for v, t in before.items() if t is not None)
        orelse = self.block(orelse)
        self.types.update(self.filled.met(after, self.filled.held(self.types)))
        return then, orelse

    def _until_stable(self, run: Callable[[], Stmt]) -> Stmt:
        """What ``run`` returns when no type has changed after it was asked for."""
        for _ in range(_MAX_ROUNDS):
            before = self.outdated
            stmt = run()
            if self.outdated == before:
                return stmt
        raise self.fail("the types in this loop do not settle", getattr(run(), "origin", None))

    def _for(
        self, stmt: For, target: Var, iterable: Expr, element: Type | None, body: Block
    ) -> Stmt:
        self.bind(target, element)
        return changed(stmt, iter=iterable, body=self.block(body))

    def _while(self, stmt: While) -> Stmt:
        header = self.block(stmt.header)
        before: list[Stmt] = []
        test = self.operand(stmt.test, before, stmt.origin)
        header = same_or_new(stmt.header, (*header, *before))
        return changed(stmt, header=header, test=test, body=self.block(stmt.body))

    def _assign(self, stmt: Assign, target: Var, value: Expr, origin: Origin | None) -> list[Stmt]:
        before: list[Stmt] = []
        value = self.operand(value, before, origin, target)
        if isinstance(value, Call) and refers_to(value.fn, _STATEMENTS):
            # ``y = xs.append(v)``: who looks for changes looks at statements.
            before.append(Do(value, origin))
            value = NONE
        self.bind(target, self.value_type(value))
        return [*before, stmt if value is stmt.value else Assign(target, value, origin)]

    def value_type(self, value: Expr) -> Type | None:
        """The type of an operand or a resolved call."""
        if isinstance(value, Call):
            return call_type(self, value)
        return self.type(value)

    def _unpack(self, targets: tuple[Var | None, ...], t: Type, stmt: Unpack) -> None:
        match t:
            case TupleOf(items) | FixedList(items):
                known: tuple[Type, ...] | None = items
            case Record(cls, fields) if issubclass(cls, tuple):
                known = tuple(x for _, x in fields)
            case DictOf(items):
                known = tuple(type_of(key) for key, _ in items)
            case _:
                known = None
        if known is not None and len(known) != len(targets):
            raise self.fail(
                f"{len(known)} values cannot be unpacked into {len(targets)} names",
                stmt.origin,
                instead="give as many names as there are values",
            )
        for i, target in enumerate(targets):
            if target is not None:
                self.bind(target, element_type(t) if known is None else known[i])

    # --- iterables

    def iterable(self, expr: Expr, before: list[Stmt], origin: Origin | None) -> Expr:
        fn = expr.fn.value if isinstance(expr, Call) and isinstance(expr.fn, Ref) else None
        if isinstance(expr, Call) and fn is zip and ("strict", Const(True)) in expr.kwargs:
            counts = {item_count(self.type(arg)) for arg in expr.args if type(arg) in _COUNTED}
            if len(counts - {None}) > 1:
                raise self.fail(
                    "a strict `zip` runs over lists of unequal length",
                    origin,
                    why="Python raises a ValueError at the end of the shorter one",
                    instead="give lists of one length, or leave `strict=True` out",
                )
        if among(fn, ITERATORS):
            if isinstance(expr, Call) and any(isinstance(a, Star) for a in expr.args):
                args = expanded(self, expr.args, before, origin)
                columns = turned_rows(self, expr, args, before) if fn is zip else None
                if columns is not None:
                    return columns
                expr = replace(expr, args=args)
            return map_expr(
                expr, lambda e: e if isinstance(e, Ref) else self.iterable(e, before, origin)
            )
        return plain_tuple(self, self.operand(expr, before, origin), before)

    def element(self, iterable: Expr) -> Type | None:
        match iterable:
            case Call(Ref(_, fn), args) if fn is range:
                return INT
            case Call(Ref(), args) if any(isinstance(a, Star) for a in args):
                return UNKNOWN
            case Call(Ref(_, fn), args) if fn is zip:
                inner = [self.element(a) for a in args]
                return None if None in inner else TupleOf(tuple(x for x in inner if x is not None))
            case Call(Ref(_, fn), args) if fn is enumerate:
                inner_one = self.element(args[0])
                return None if inner_one is None else TupleOf((INT, inner_one))
            case Call(Ref(_, fn), args) if fn is reversed:
                return self.element(args[0])
            case _:
                t = self.type(iterable)
                return None if t is None else element_type(t)

    # --- expressions

    def operand(
        self, expr: Expr, before: list[Stmt], origin: Origin | None, target: Var | None = None
    ) -> Expr:
        """``expr`` resolved to an operand or one call; what it needs first goes to ``before``."""
        if isinstance(expr, (Var, Const, Ref)):
            return expr
        match expr:
            case Call():
                return resolve_call(self, expr, before, origin, target)
            case Attr(value, name):
                return resolve_attribute(self, value, name, origin)
            case Tuple(items) | List(items) if any(isinstance(i, Star) for i in items):
                return type(expr)(display_items(self, items, before, origin))
            case _:
                return map_expr(expr, lambda e: self.operand(e, before, origin))
