"""Derivatives inside a differentiated function: calls of srcad's own functions become plain calls.

``grad(f)`` is evaluated at once, for ``f`` is known before the program runs; ``jvp(f, (x,), (v,))``
becomes a call of a generated function ``f_jvp(x, v)``, and so for the others. What is generated is
Python again, so it is differentiated like everything else.
"""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable
from dataclasses import make_dataclass
from typing import Any, ClassVar, NoReturn, cast

from srcad.errors import ArgumentError
from srcad.ir.nodes import (
    Assign,
    Call,
    Const,
    Do,
    Expr,
    List,
    Origin,
    Ref,
    Stmt,
    Tuple,
    Unpack,
    Var,
)
from srcad.ir.refs import CHECK_ALIKE, GETATTR
from srcad.notes import notes_of
from srcad.runtime.alike import not_alike
from srcad.types.alike import are_alike
from srcad.types.expand import item_of
from srcad.types.lattice import (
    FixedList,
    Record,
    Scalar,
    Static,
    TupleOf,
    Type,
    is_differentiable,
)
from srcad.types.run import Run

__all__ = ["Pullback", "inlined", "pulled"]


class Pullback:
    """What ``vjp(f, *primals)[1]`` is while a program that calls it is differentiated.

    It holds the primals; the forward sweep runs again when it is called, as some sweeps use up what
    they save.
    """

    differentiated: ClassVar[Any]
    has_aux: ClassVar[bool]
    stand_in: ClassVar[Any]
    """Makes the function that stands for a call of it."""
    __srcad_definition__: ClassVar[str]
    """The line that makes a class like this one, for a text that is to stand alone."""
    __dataclass_fields__: ClassVar[dict[str, Any]]


def inlined(
    run: Run,
    call: Call,
    ref: Ref,
    args: tuple[Expr, ...],
    kwargs: tuple[tuple[str, Expr], ...],
    before: list[Stmt],
    origin: Origin | None,
) -> Expr | None:
    """What a call of one of srcad's own functions stands for; ``None`` for a call of any other.

    Statements it needs first go to ``before``.

    Raises
    ------
    ArgumentError
        If the function to be differentiated is not known before the program runs, or an argument
        makes no sense.
    """
    known = notes_of(ref.value)
    if not known.at_once and known.stand_in is None:
        return None
    name = str(getattr(ref.value, "__name__", ref.path))
    at = _Call(run, call, name, origin)
    if any(run.type(a) is None for a in (*args, *(v for _, v in kwargs))):
        return Call(ref, args, kwargs, origin=call.origin)
    if known.at_once:
        return _derivative(at, ref, args, kwargs)
    try:
        given = inspect.signature(cast("Any", ref.value)).bind(*args, **dict(kwargs)).arguments
    except TypeError as error:
        at.refuse(f"the call does not fit `{name}`: {error}", instead="see its documentation")
    fun = at.static(given["fun"], "the function")
    has_aux = "has_aux" in given and bool(at.static(given["has_aux"], "has_aux"))
    if name == "vjp":
        return _vjp(at, fun, given.get("primals", ()), has_aux, known.stand_in, before)
    xs = at.items(given["primals"], "primals", before)
    vs = at.items(given["tangents"], "tangents", before)
    if len(xs) != len(vs):
        at.refuse(
            f"{name}: {len(xs)} primals and {len(vs)} tangents",
            instead="give one tangent for each primal",
        )
    types = at.primal_types(xs)
    for x, v, t, t_dot in zip(xs, vs, types, at.types(vs), strict=True):
        if not at.is_like(t, t_dot):
            check = Call(CHECK_ALIKE, (x, v, Const("tangent")), origin=at.origin)
            before.append(Do(check, at.origin))
    made = known.stand_in(fun, types, True) if has_aux else known.stand_in(fun, types)
    return Call(Ref(made.__name__, made), (*xs, *vs), origin=call.origin)


def pulled(
    run: Run,
    call: Call,
    pullback: Var,
    t: Record,
    args: tuple[Expr, ...],
    before: list[Stmt],
    origin: Origin | None,
) -> Expr:
    """The call of a `Pullback`: that of a function of the primals and the cotangent."""
    at = _Call(run, call, "vjp", origin)
    cls = cast("type[Pullback]", t.cls)
    if len(args) != 1 or call.kwargs:
        at.refuse("a pullback takes one cotangent", instead="pullback(y_bar)")
    y_bar = run.type(args[0])
    if y_bar is None:
        return call
    primals: list[Expr] = []
    for name, x in t.fields:
        var = run.part(pullback, Const(name), name)
        before.append(Assign(var, Call(GETATTR, (pullback, Const(name))), origin))
        run.bind(var, x)
        primals.append(var)
    types = tuple(x for _, x in t.fields)
    made = cls.stand_in(cls.differentiated, types, y_bar, cls.has_aux)
    return Call(Ref(made.__name__, made), (*primals, args[0]), origin=call.origin)


# --- the functions -------------------------------------------------------------------------------


_lock = threading.Lock()


@functools.lru_cache(maxsize=256, typed=True)
def _evaluated(fn: Callable[..., Any], args: tuple[Any, ...], kwargs: tuple[Any, ...]) -> Any:
    return fn(*args, **dict(kwargs))


def _derivative(
    at: _Call, ref: Ref, args: tuple[Expr, ...], kwargs: tuple[tuple[str, Expr], ...]
) -> Expr:
    """``grad(f)``: the object itself, the same one each time, for types compare it."""
    values = tuple(at.static(a, "an argument") for a in args)
    named = tuple((k, at.static(v, f"`{k}`")) for k, v in kwargs)
    with _lock:
        made = _evaluated(cast("Any", ref.value), values, named)
    return Ref(f"{getattr(made, 'generated_name', at.name)}", made)


def _vjp(
    at: _Call,
    fun: Any,
    primals: tuple[Expr, ...],
    has_aux: bool,
    stand_in: Callable[..., Any],
    before: list[Stmt],
) -> Expr:
    run, origin = at.run, at.origin
    types = at.primal_types(primals)
    name = str(getattr(fun, "__name__", "f")).replace("<lambda>", "f")
    cls = _pullback_class(f"{name}_pullback", fun, has_aux, stand_in, len(primals))
    # One call is met once in each round of the inference, and must give the same names each time.
    place = Var(f"vjp_{origin.line}_{origin.col}" if origin is not None else "vjp")
    y, aux, pullback = (run.part(place, Const(n), n) for n in ("y", "aux", "pullback"))
    made = run.part(place, Const("pair"), "pair") if has_aux else y
    value = run.operand(Call(Ref(name, fun), primals, origin=origin), before, origin, made)
    before.extend(run.stmt(Assign(made, value, origin)))
    if has_aux:
        before.extend(run.stmt(Unpack((y, aux), made, origin)))
    before.append(Assign(pullback, Call(Ref(cls.__name__, cls), primals), origin))
    fields = tuple((f"primal_{i}", t) for i, t in enumerate(types))
    run.bind(pullback, Record(cls, fields))
    return Tuple((y, pullback, aux) if has_aux else (y, pullback))


@functools.lru_cache(maxsize=256)
def _pullback_class(
    name: str, fun: Any, has_aux: bool, stand_in: Callable[..., Any], count: int
) -> type[Pullback]:
    names = [f"primal_{i}" for i in range(count)]
    space = {
        "differentiated": fun,
        "has_aux": has_aux,
        "stand_in": staticmethod(stand_in),
        "__srcad_definition__": f'{name} = namedtuple("{name}", {names})'.replace("'", '"'),
    }
    return make_dataclass(name, names, bases=(Pullback,), namespace=space, frozen=True)


# --- arguments -----------------------------------------------------------------------------------


class _Call:
    """The call that is looked at, with what is asked of its arguments."""

    def __init__(self, run: Run, call: Call, name: str, origin: Origin | None) -> None:
        self.run, self.call, self.name = run, call, name
        self.origin = call.origin or origin

    def refuse(self, message: str, why: str = "", instead: str = "") -> NoReturn:
        raise ArgumentError(
            message, source=self.run.fn.source, origin=self.origin, why=why, instead=instead
        )

    def static(self, expr: Expr, what: str) -> Any:
        """The value of ``expr``, known before the program runs."""
        if isinstance(expr, (Const, Ref)):
            return expr.value
        if isinstance(expr, Tuple):
            return tuple(self.static(e, what) for e in expr.items)
        t = self.run.type(expr)
        if isinstance(t, Static):
            return t.value
        if isinstance(t, Scalar) and isinstance(t.known, int):
            return t.known
        self.refuse(
            f"{what} given to `{self.name}` is not known before the program runs",
            why="a derivative inside a differentiated function is generated with it",
            instead=f"give `{self.name}` a function defined outside, and plain constants",
        )

    def items(self, expr: Expr, what: str, before: list[Stmt]) -> tuple[Expr, ...]:
        """The items of a tuple or list whose length is known."""
        if isinstance(expr, (Tuple, List)):
            return expr.items
        t = self.run.type(expr)
        if isinstance(expr, Var) and isinstance(t, (TupleOf, FixedList)):
            return tuple(
                item_of(self.run, expr, Const(i), f"{expr.base}_{i}", before)
                for i in range(len(t.items))
            )
        self.refuse(
            f"{self.name}: {what} must be a tuple whose length is known",
            why="there is one for each argument of the function",
            instead="write the tuple in the call: (x,)",
        )

    def types(self, exprs: tuple[Expr, ...]) -> tuple[Type, ...]:
        found = self.run.all(exprs)
        assert found is not None
        return found

    def primal_types(self, exprs: tuple[Expr, ...]) -> tuple[Type, ...]:
        """The types of the primals, each of which must have a derivative."""
        found = self.types(exprs)
        if not found:
            self.refuse(
                f"{self.name}: there are no primals, so nothing is differentiated",
                instead="give the function's arguments",
            )
        for i, t in enumerate(found):
            if not is_differentiable(t):
                self.refuse(
                    f"{self.name}: primal {i} is not made of floats",
                    why="only a float or complex number, or an array of them, has a derivative",
                    instead="pass 2.0 in place of 2",
                )
        return found

    def is_like(self, x: Type, v: Type) -> bool:
        """Whether a tangent surely is like its primal; one that surely is not is refused."""
        alike = are_alike(x, v)
        if alike is False:
            raise not_alike("tangent", source=self.run.fn.source, origin=self.origin)
        return alike is True
