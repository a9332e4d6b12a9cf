"""Give a function one exit, and its loops one.

Accepts surface IR. Guarantees: no ``Continue``; no ``orelse`` on a loop; the only ``Return`` is the
last statement of the function; a ``Break`` is the last statement of a loop body, or of a branch of
an ``If`` that is itself last.

The rest of a block that follows an `If` goes into the branch that does not leave, as in

    if c:                 if c:
        return a              result = a
    b = f(x)        to    else:
    return b                  b = f(x)
                              result = b
                          return result

Only where that is impossible, since the rest may be reached from both branches, a flag says
afterwards whether to run it.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from srcad.ir.nodes import (
    Assign,
    Block,
    Break,
    Call,
    Const,
    Continue,
    Expr,
    For,
    Function,
    If,
    Origin,
    Raise,
    Ref,
    Return,
    Stmt,
    Var,
    While,
)
from srcad.ir.refs import NOT
from srcad.ir.walk import bound, statements, variables
from srcad.passes.naming import names_of

__all__ = ["single_exit"]

_STORED = Var("")
"""The value of a ``return`` whose result is in its variable and whose flag is up already."""

_Exit = Return | Break | Continue
_FLAGS: dict[type[_Exit], str] = {Return: "done", Break: "stopped", Continue: "skipped"}


def single_exit(fn: Function) -> Function:
    """``fn`` with one exit. A function that has only that comes back as it is."""
    if _is_done(fn.body[:-1]) and isinstance(fn.body[-1], Return):
        return fn
    body = fn.body
    if isinstance(body[-1], Return) and not _falls(body[:-1]):
        body = body[:-1]
    run = _SingleExit(fn, body)
    return replace(fn, body=run.function(body))


def _is_done(block: Block) -> bool:
    for stmt in statements(block):
        match stmt:
            case Return() | Continue() | Break():
                return False
            case For(orelse=orelse) | While(orelse=orelse) if orelse:
                return False
            case _:
                pass
    return True


# --- what a block does ---------------------------------------------------------------------------


def _falls(block: Iterable[Stmt]) -> bool:
    """Whether control may reach the end of ``block``."""
    return all(map(_stmt_falls, block))


def _stmt_falls(stmt: Stmt) -> bool:
    match stmt:
        case Return() | Break() | Continue() | Raise():
            return False
        case If(_, then, orelse):
            return _falls(then) or _falls(orelse)
        case While(body=body) if _forever(stmt):
            return any(e is Break for e in _exits(body))
        case For(orelse=orelse, body=body) | While(orelse=orelse, body=body) if orelse:
            return _falls(orelse) or any(e is Break for e in _exits(body))
        case _:
            return True


def _forever(stmt: Stmt) -> bool:
    return (
        isinstance(stmt, While)
        and isinstance(stmt.test, Const)
        and bool(stmt.test.value)
        and not stmt.header
    )


def _exits(block: Iterable[Stmt]) -> set[type[_Exit]]:
    """How ``block`` may be left other than at its end; the breaks of inner loops are their own."""
    found: set[type[_Exit]] = set()
    for stmt in block:
        match stmt:
            case Return() | Break() | Continue():
                found.add(type(stmt))
            case For(orelse=orelse) | While(orelse=orelse):
                found |= _exits(stmt.body) & {Return}
                found |= _exits(orelse)
            case If(_, then, orelse):
                found |= _exits(then) | _exits(orelse)
            case _:
                pass
    return found


def _map_tails(block: Block, f: Callable[[_Exit], Sequence[Stmt]]) -> Block:
    """``block`` with each exit in tail position replaced."""
    if not block:
        return block
    *init, last = block
    match last:
        case Return() | Break() | Continue():
            return (*init, *f(last))
        case If(_, then, orelse):
            return (*init, *_if(last, _map_tails(then, f), _map_tails(orelse, f)))
        case _:
            return block


def _if(stmt: If, then: Block, orelse: Block) -> Sequence[Stmt]:
    if not then and not orelse and isinstance(stmt.test, Var):
        return ()
    if not then and orelse and stmt.then:
        return (replace(stmt, test=_negated(stmt.test), then=orelse, orelse=()),)
    return (replace(stmt, then=then, orelse=orelse),)


def _negated(test: Expr) -> Expr:
    match test:
        case Call(Ref(value=fn), args) if fn is operator.not_:
            return args[0]
        case _:
            # `not a < b` is not `a >= b` where one is NaN.
            return Call(NOT, (test,), origin=test.origin if isinstance(test, Call) else None)


# --- the rewrite ---------------------------------------------------------------------------------


class _SingleExit:
    def __init__(self, fn: Function, body: Block) -> None:
        self._names = names_of(fn)
        self._params = {p.var for p in fn.params}
        self._bound = Counter(v for s in statements(fn) for v in bound(s))
        returned = [s.value for s in statements(body) if isinstance(s, Return)]
        first = returned[0] if returned else None
        same = isinstance(first, Var) and all(value == first for value in returned)
        self._same = same
        self._result = first if same and isinstance(first, Var) else None
        self._done: Var | None = None
        self._depth = 0

    @property
    def result(self) -> Var:
        """The variable that holds the result: the user's own if every ``return`` returns it."""
        if self._result is None:
            self._result = self._names.fresh("result")
        return self._result

    def function(self, body: Block) -> Block:
        out = self.seq(body)
        if out and isinstance(out[-1], Return) and Return not in _exits(out[:-1]):
            return out
        if Return not in _exits(out):
            return (*out, Return(Const(None)))
        return (*_map_tails(out, self._keep), Return(self.result))

    def _keep(self, exit_: _Exit) -> Sequence[Stmt]:
        """Store the result of a ``return``; another exit stays as it is."""
        if not isinstance(exit_, Return):
            return (exit_,)
        if exit_.value in (self.result, _STORED):
            return ()
        return (Assign(self.result, exit_.value, exit_.origin),)

    def seq(self, block: Block) -> Block:
        """``block`` with its exits in tail position, and what follows an exit left out."""
        out: list[Stmt] = []
        for i, stmt in enumerate(block):
            rest = block[i + 1 :]
            match stmt:
                case Return() | Break() | Continue() | Raise():
                    return (*out, stmt)
                case If(_, then, orelse) if _exits((stmt,)) or not (
                    _falls(then) and _falls(orelse)
                ):
                    return (*out, *self._branch(stmt, rest))
                case If(_, then, orelse):
                    out.append(replace(stmt, then=self.seq(then), orelse=self.seq(orelse)))
                case For() | While():
                    before, loop, after = self._loop(stmt, rest)
                    out += (*before, loop)
                    if after:
                        return (*out, *self.seq((*after, *rest)))
                case _:
                    out.append(stmt)
        return tuple(out)

    def _branch(self, stmt: If, rest: Block) -> Sequence[Stmt]:
        then_falls, else_falls = _falls(stmt.then), _falls(stmt.orelse)
        if not rest or not (then_falls or else_falls):
            return _if(stmt, self.seq(stmt.then), self.seq(stmt.orelse))
        if not then_falls:
            if not _exits(stmt.then):
                # An `if ...: raise` is a check: what follows it stays where it is.
                check = replace(stmt, then=self.seq(stmt.then), orelse=self.seq(stmt.orelse))
                if not _exits(stmt.orelse):
                    return (check, *self.seq(rest))
            return _if(stmt, self.seq(stmt.then), self.seq((*stmt.orelse, *rest)))
        if not else_falls:
            if not _exits((stmt,)):
                kept = replace(stmt, then=self.seq(stmt.then), orelse=self.seq(stmt.orelse))
                return (kept, *self.seq(rest))
            return _if(stmt, self.seq((*stmt.then, *rest)), self.seq(stmt.orelse))
        if _is_short(rest):
            return _if(stmt, self.seq((*stmt.then, *rest)), self.seq((*stmt.orelse, *rest)))
        return self._flagged(stmt, rest)

    def _flagged(self, stmt: If, rest: Block) -> Sequence[Stmt]:
        """Run ``rest`` only if ``stmt`` was not left."""
        exits = _exits((stmt,))
        init, flags = self._open(Return in exits)
        for kind in (Break, Continue):
            if kind in exits:
                flags[kind] = self._names.fresh(_FLAGS[kind])
                init.append(Assign(flags[kind], Const(False)))

        def leave(exit_: _Exit) -> Sequence[Stmt]:
            flag = (Assign(flags[type(exit_)], Const(True), _bare(exit_)),)
            if isinstance(exit_, Return):
                return (*self._keep(exit_), *(flag if exit_.value != _STORED else ()))
            return flag

        then = _map_tails(self.seq(stmt.then), leave)
        orelse = _map_tails(self.seq(stmt.orelse), leave)
        self._close(flags)
        after = self.seq(rest)
        for kind, flag in reversed(flags.items()):
            exit_ = Return(_STORED) if kind is Return else Break() if kind is Break else Continue()
            after = (If(flag, (exit_,), after),)
        return (*init, replace(stmt, then=then, orelse=orelse), *after)

    def _open(self, returns: bool) -> tuple[list[Stmt], dict[type[_Exit], Var]]:
        """The flag for a ``return``, and what initialises it: once is enough, since it ends all."""
        if not returns:
            return [], {}
        if self._done is None:
            self._done = self._names.fresh(_FLAGS[Return])
        self._depth += 1
        init: list[Stmt] = [Assign(self._done, Const(False))] if self._depth == 1 else []
        return init, {Return: self._done}

    def _close(self, flags: dict[type[_Exit], Var]) -> None:
        self._depth -= Return in flags

    # --- loops -----------------------------------------------------------------------------------

    def _loop(self, stmt: For | While, rest: Block) -> tuple[Block, Stmt, Block]:
        """What goes before the loop, the loop, and what takes the place of what follows it."""
        exits = _exits(stmt.body)
        breaks, returns = Break in exits, Return in exits
        before: list[Stmt] = []
        after: Block = ()
        flags: dict[type[_Exit], Var] = {}
        if stmt.orelse and breaks and not _forever(stmt):
            flags[Break] = self._names.fresh(_FLAGS[Break])
            before.append(Assign(flags[Break], Const(False)))
            after = (If(Call(NOT, (flags[Break],)), stmt.orelse),)
        elif not _forever(stmt):
            after = stmt.orelse
        forever = _forever(stmt) and not breaks
        flagged = False
        if returns:
            following = (*after, *rest)
            if forever:
                after = (Return(self.result),)
            elif self._is_assumed(following):
                # Assume that the loop runs out; only a `return` in it says otherwise.
                assert isinstance(following[0], Return)
                before += self._keep(following[0])
                after = (Return(self.result),)
            else:
                init, done = self._open(True)
                before += init
                flags |= done
                flagged = self._depth == 1
                after = (If(done[Return], (Return(_STORED),)), *after)
        inner = self.seq(stmt.body)
        # What leaves the loop at once may as well be computed behind it.
        late = self._only_return(inner, stmt) if forever or flagged else None
        match after:
            case (If() as left, *others) if late is not None:
                after = (replace(left, then=(late,)), *others)
            case _ if late is not None:
                after = (late,)
            case _:
                pass

        def leave(exit_: _Exit) -> Sequence[Stmt]:
            if isinstance(exit_, Continue):
                return ()
            flag = flags.get(type(exit_))
            if flag is None or (isinstance(exit_, Return) and exit_.value == _STORED):
                made = ()
            else:
                made = (Assign(flag, Const(True), _bare(exit_)),)
            if isinstance(exit_, Return):
                kept = () if exit_ is late else self._keep(exit_)
                return (*kept, *made, Break(_bare(exit_)))
            return (*made, exit_)

        body = _map_tails(inner, leave)
        self._close(flags)
        return tuple(before), replace(stmt, body=body, orelse=()), after

    def _only_return(self, body: Block, loop: For | While) -> Return | None:
        """The only ``return`` of a loop body, if its value may as well be found behind the loop.

        What is the loop's own, its target or a variable of each turn, would have to outlive it.
        """
        found: list[_Exit] = []

        def note(exit_: _Exit) -> Sequence[Stmt]:
            found.append(exit_)
            return (exit_,)

        _map_tails(body, note)
        match [e for e in found if isinstance(e, Return)]:
            case [Return(value) as only] if value != _STORED:
                inside = Counter(v for s in statements(loop.body) for v in bound(s))
                carried = (
                    v in self._params or self._bound[v] > inside[v] for v in variables(value)
                )
                own = set(bound(loop)) & set(variables(value))
                return only if all(carried) and not own else None
            case _:
                return None

    def _is_assumed(self, rest: Block) -> bool:
        match rest:
            case (Return(Const() | Ref()),):
                return True
            case (Return(value),):
                return self._same and value == self.result
            case _:
                return False


def _bare(stmt: _Exit) -> Origin | None:
    origin = stmt.origin
    return None if origin is None else replace(origin, comment="", above=())


def _is_short(rest: Block) -> bool:
    """Whether ``rest`` is an exit that may as well stand in two places."""
    if len(rest) != 1:
        return False
    match rest[0]:
        case Break() | Continue() | Return(Const() | Ref()):
            return True
        case _:
            return False
