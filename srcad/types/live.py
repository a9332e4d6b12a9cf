"""Calls of live objects: bound methods, partials and callable objects are opened up."""

from __future__ import annotations

import functools
import inspect
import itertools
import math
import operator
from collections.abc import Callable
from dataclasses import replace
from types import FunctionType, MethodType
from typing import Any, Final, cast

import numpy as np

from srcad.compiled import plain_behind
from srcad.errors import ArgumentError, UnsupportedSyntaxError
from srcad.generators import GENERATORS
from srcad.ir.nodes import (
    Assign,
    AugAssign,
    Call,
    Const,
    Dict,
    Expr,
    List,
    Ref,
    Star,
    Stmt,
    Tuple,
    Var,
)
from srcad.ir.rebuild import changed
from srcad.ir.refs import ADD, GETITEM, LIST, LIST_APPEND, LIST_POP
from srcad.kinds import Derived, WithOwnDerivative, among, attribute
from srcad.rules.table import Rule, rule_for
from srcad.types.calls import bind_arguments, live_operand
from srcad.types.chosen import chosen_numbers, chosen_tuple, is_int, numbers_of
from srcad.types.containers import with_item
from srcad.types.expand import copied_sequence, display_items, item_of_literal, plain_tuple
from srcad.types.in_place import IN_PLACE, changed_array, written_out
from srcad.types.keywords import told
from srcad.types.lattice import (
    UNKNOWN,
    Array,
    FixedList,
    ListOf,
    Scalar,
    Static,
    TupleOf,
    Type,
    Unknown,
    is_differentiable,
    join_all,
    may_be_sequence,
    ndim_of,
)
from srcad.types.placed import placed_operands
from srcad.types.plain_calls import fitting_plain
from srcad.types.records import replaced_dataclass
from srcad.types.replaced import new_container
from srcad.types.run import Run
from srcad.types.ufuncs import ufunc_method

__all__ = ["called_method", "grow", "known_call"]

_ITEMGETTER: Final[Any] = operator.itemgetter
_NOT_READ: Final = frozenset({"numba", "numpy", "srcad"})


def known_call(
    run: Run,
    call: Call,
    ref: Ref,
    args: tuple[Expr, ...],
    kwargs: tuple[tuple[str, Expr], ...],
    before: list[Stmt],
) -> Expr:
    """A call of a live object: bound methods, partials and callable objects are opened up."""
    value = ref.value
    if _runs_over(value, args):
        args = tuple(plain_tuple(run, arg, before) for arg in args)
    if value is list or value is tuple:
        match args:
            case (items,) if not kwargs:
                return copied_sequence(run, replace(call, fn=ref, args=args), items, before)
            case _:
                pass
    made = new_container(run, value, call, args, kwargs, before)
    if made is None:
        made = replaced_dataclass(run, value, call, args, kwargs, before)
    if made is not None:
        return made
    if (same := ufunc_method(run, call, value, args, kwargs, before)) is not None:
        return known_call(run, call, *same, before)
    if (value is max or value is min) and args[1:] and kwargs:
        return known_call(run, call, ref, (List(args),), kwargs, before)
    if value is itertools.chain and not kwargs:
        return List(display_items(run, tuple(map(Star, args)), before, call.origin))
    if (found := chosen_numbers(run, value, args, kwargs)) is not None:
        made = known_call(run, call, *found, (), before)
        if value is not sorted:
            return made
        if kwargs:
            made = Call(_FLIP, (_named(run, call, made, before),))
        return Call(LIST, (_named(run, call, made, before, "in order"),))
    if (tuples := chosen_tuple(run, value, args, kwargs)) is not None:
        return known_call(run, call, *tuples, (), before)
    if value is operator.getitem and (joined := _joined(run, call, args)) is not None:
        return joined
    if value is operator.getitem and isinstance(args[0], (Tuple, List, Dict)):
        item = item_of_literal(args[0], args[1])
        if item is not None:
            return item
        args = (_named(run, call, args[0], before), args[1])
    if among(value, IN_PLACE):
        whole = changed(call, args=args, kwargs=kwargs)
        done = changed_array(run, whole, str(getattr(value, "__name__", "")), before)
        if done is not None:
            return done
    if (how := told(run, call, ref, args, kwargs, before)) is not None:
        same = call if how.fn is ref else replace(call, spell="")
        made = known_call(run, same, how.fn, how.args, how.kwargs, before)
        if how.then is None:
            return made
        held = _named(run, call, made, before, f"for {how.then.path}")
        return Call(how.then, (held, *how.to), origin=call.origin)
    if kwargs:
        whole = _called(call, ref, args, kwargs)
        if (out := written_out(run, whole, before)) is not None:
            return out
    if (value is max or value is min) and not kwargs and (items := numbers_of(run, args)):
        held = (_named(run, call, item, before, f"item {i}") for i, item in enumerate(items))
        return known_call(run, call, ref, tuple(held), (), before)
    several = args[2:] and not kwargs and Star not in map(type, args)
    if several and among(value, _OF_TWO) and not all(is_int(run.type(a)) for a in args):
        x, y, *others = args
        inner = _named(run, call, replace(call, fn=ref, args=(x, y)), before, f"of {len(args)}")
        return known_call(run, call, ref, (inner, *others), (), before)
    if value is sum and (started := _started(run, call, args, kwargs, before)) is not None:
        return started
    if value is LIST_APPEND and args and isinstance(args[0], Var):
        grow(run, args[0], args[1])
        return _called(call, ref, args, kwargs)
    if value is LIST_POP and args and isinstance(args[0], Var):
        _shrink(run, args[0])
    if value is np.einsum and args:
        args = (_literal(run, args[0]), *args[1:])
    rule, plain = rule_for(value), fitting_plain(run, call, value, args, kwargs)
    if rule is not None and plain is None:
        args, kwargs = placed_operands(rule, args, kwargs)
        if value in _OF_NUMBERS and args and ndim_of(run.type(args[0]) or UNKNOWN) == 0:
            args, kwargs = _without_axis(args, kwargs)
        args, kwargs = _as_arrays(run, call, rule, args, kwargs, before)
    elif plain is not None:
        return changed(call, fn=Ref(ref.path, plain), args=args, kwargs=kwargs)
    if value is operator.itemgetter:
        return _called(call, ref, args, kwargs)
    if isinstance(value, _ITEMGETTER) and len(args) == 1 and not kwargs:
        return _items_of(run, call, value, args[0], before)
    if value is functools.partial:
        return _partial(run, call, ref, args, kwargs)
    if rule is None and isinstance(value, FunctionType):
        _change_lists(run, value, _called(call, ref, args, kwargs))
    if rule is not None or isinstance(value, (FunctionType, type)):
        return _called(call, ref, args, kwargs)
    if isinstance(value, functools.partial):
        part = cast("functools.partial[Any]", value)
        leading = tuple(live_operand(f"{ref.path}_{i}", a) for i, a in enumerate(part.args))
        named = {k: live_operand(f"{ref.path}_{k}", v) for k, v in part.keywords.items()} | dict(
            kwargs
        )
        inner = Ref(ref.path, part.func)
        return known_call(run, call, inner, (*leading, *args), tuple(named.items()), before)
    if isinstance(value, MethodType):
        owner = Ref(ref.path.rpartition(".")[0] or "self", value.__self__)
        if isinstance(value.__self__, GENERATORS):
            if getattr(np.random, value.__name__, None) == value:
                owner = Ref("np.random", np.random)
            method = Ref(f"{type(value.__self__).__name__}_{value.__name__}", value.__func__)
            return known_call(run, call, method, (owner, *args), kwargs, before)
        inner = Ref(ref.path.replace(".", "_"), value.__func__)
        return replace(call, fn=inner, args=(owner, *args), kwargs=kwargs, spell="")
    if isinstance(value, Derived):
        every = (*args, *(v for _, v in kwargs))
        types = run.all(every)
        if types is not None and not any(isinstance(a, Star) for a in args):
            generated = cast(Any, value).function_for(types, tuple(k for k, _ in kwargs))
            return replace(call, fn=Ref(generated.__name__, generated), args=every, kwargs=())
        return _called(call, ref, args, kwargs)
    if isinstance(value, WithOwnDerivative):
        return _called(call, ref, args, kwargs)
    if (plain := plain_behind(value, ref.path)) is not None:
        return changed(call, fn=Ref(ref.path, plain), args=args, kwargs=kwargs)
    if (method := called_method(run, type(value))) is not None:
        return replace(call, fn=method, args=(ref, *args), kwargs=kwargs)
    if getattr(type(value), "__hash__", None) is None:
        # The tables of functions are asked about all that is called; a partial has a hash.
        fn = cast("Callable[..., Any]", value)
        ref = Ref(ref.path, run.constant((ref,), lambda: functools.partial(fn)))
    return _called(call, ref, args, kwargs)


def _called(
    call: Call, fn: Ref, args: tuple[Expr, ...], kwargs: tuple[tuple[str, Expr], ...]
) -> Call:
    """``call`` with this function and these operands; ``call`` itself if it has them."""
    if fn is call.fn and args is call.args and kwargs is call.kwargs:
        return call
    return Call(fn, args, kwargs, call.spell, call.origin)


def _joined(run: Run, call: Call, args: tuple[Expr, ...]) -> Call | None:
    """``np.c_[x, y]`` and ``np.r_[x, y]`` of arrays as calls; ``None`` for all else."""
    match args:
        case (Ref(_, value), index) if value is np.c_ or value is np.r_:
            items = index.items if isinstance(index, Tuple) else (index,)
        case _:
            return None
    types = [run.type(item) for item in items]
    ranks = {ndim_of(t) if t is not None else None for t in types}
    if value is np.c_ and ranks <= {0, 1, 2}:
        fn = Ref("np.column_stack", np.column_stack)
    elif value is np.r_ and ranks <= {0, 1}:
        fn = Ref("np.hstack", np.hstack)
    elif value is np.r_ and len(ranks) == 1 and None not in ranks:
        fn = Ref("np.concatenate", np.concatenate)
    elif any(t is not None and is_differentiable(t) for t in types):
        raise UnsupportedSyntaxError(
            f"srcad cannot tell what `np.{'c_' if value is np.c_ else 'r_'}[...]` joins here",
            source=run.fn.source,
            origin=call.origin,
            why="it is told for vectors and matrices, whose number of axes is known",
            instead="write `np.concatenate((x, y), axis=...)`",
        )
    else:
        return None
    return Call(fn, (Tuple(items),), origin=call.origin)


def _started(
    run: Run,
    call: Call,
    args: tuple[Expr, ...],
    kwargs: tuple[tuple[str, Expr], ...],
    before: list[Stmt],
) -> Call | None:
    """``sum(xs, start)`` as ``start + sum(xs)``; ``None`` for all else."""
    match (*args, *(v for name, v in kwargs if name == "start")):
        case (items, start) if isinstance(run.type(start), (Scalar, Array)):
            total = replace(call, args=(items,), kwargs=())
            if start in (Const(0), Const(0.0)):
                return total
            return Call(ADD, (start, _named(run, call, total, before)), origin=call.origin)
        case _:
            return None


def _runs_over(fn: object, args: tuple[Expr, ...]) -> bool:
    """Whether ``fn`` takes a named tuple for a sequence, whose names do not matter."""
    if fn is operator.getitem:
        return not isinstance(args[1], Const)
    if fn is max or fn is min:
        return len(args) == 1
    home = str(attribute(fn, "__module__")).partition(".")[0]
    return fn is sum or fn is sorted or isinstance(fn, np.ufunc) or home in ("math", "numpy")


_FLIP: Final = Ref("np.flip", np.flip)


def _literal(run: Run, operand: Expr) -> Expr:
    """``operand`` as it is written out, if it is a string that is known."""
    match run.type(operand):
        case Static(str() as text):
            return Const(text)
        case _:
            return operand


def _named(run: Run, call: Call, value: Expr, before: list[Stmt], role: str = "value") -> Var:
    """A variable for ``value``, which is only there for ``call``, and in this role."""
    held = run.beside(call, role, "t")
    before.append(Assign(held, value))
    run.bind(held, run.value_type(value))
    return held


def called_method(run: Run, cls: type) -> Ref | None:
    """The Python function that runs when an object of class ``cls`` is called, if there is one."""
    if not isinstance(inspect.getattr_static(cls, "__call__", None), FunctionType):
        return None
    if cls.__module__.partition(".")[0] in _NOT_READ:
        return None  # what it does is not done by the text of its `__call__`
    return Ref(f"{cls.__name__}_call", run.look_up(cls, "__call__", baked=True))


_OF_TWO: Final[frozenset[object]] = frozenset({math.hypot, max, min})
_OF_NUMBERS: Final[frozenset[object]] = frozenset({np.sum, np.prod, np.max, np.min})


def _without_axis(
    args: tuple[Expr, ...], kwargs: tuple[tuple[str, Expr], ...]
) -> tuple[tuple[Expr, ...], tuple[tuple[str, Expr], ...]]:
    """The operands without the axis that these functions grant even a number."""
    granted = (Const(0), Const(-1))
    if len(args) > 1 and args[1] in granted:
        args = (args[0], Const(None), *args[2:])
    return args, tuple([(k, v) for k, v in kwargs if k != "axis" or v not in granted])


def _partial(
    run: Run,
    call: Call,
    ref: Ref,
    args: tuple[Expr, ...],
    kwargs: tuple[tuple[str, Expr], ...],
) -> Expr:
    """A partial of what is known beforehand, made now; any other is made as the program runs."""
    given = (*args, *(v for _, v in kwargs))
    live = [_live(run, e) for e in given]
    if not args or not callable(live[0]) or any(v is _OPEN for v in live):
        return _called(call, ref, args, kwargs)
    named = dict(zip((k for k, _ in kwargs), live[len(args) :], strict=True))
    made = run.constant(given, lambda: functools.partial(*live[: len(args)], **named))
    return Ref("partial", made)


def _items_of(run: Run, call: Call, getter: Any, container: Expr, before: list[Stmt]) -> Expr:
    """The items that an `operator.itemgetter` gets: one, or a tuple of several."""
    _, keys = getter.__reduce__()
    reads = [
        known_call(run, call, GETITEM, (container, live_operand("key", key)), (), before)
        for key in keys
    ]
    if len(reads) == 1:
        return reads[0]
    items = [_named(run, call, read, before, f"item {i}") for i, read in enumerate(reads)]
    return Tuple(tuple(items))


_OPEN: Final = object()


def _live(run: Run, expr: Expr) -> Any:
    match expr:
        case Const(value) | Ref(_, value):
            return value
        case Var():
            t = run.type(expr)
            return t.value if isinstance(t, Static) else _OPEN
        case _:
            return _OPEN


def _as_arrays(
    run: Run,
    call: Call,
    rule: Rule,
    args: tuple[Expr, ...],
    kwargs: tuple[tuple[str, Expr], ...],
    before: list[Stmt],
) -> tuple[tuple[Expr, ...], tuple[tuple[str, Expr], ...]]:
    """The operands, with arrays for lists and tuples of numbers, as NumPy's functions make of them.

    The rules speak of arrays: a product of two lists means nothing.
    """
    types = [run.type(operand) for operand in (*args, *[value for _, value in kwargs])]
    if not any(t is not None and may_be_sequence(t) for t in types):
        return args, kwargs
    is_numpy = str(getattr(rule.fn, "__module__", "numpy")).startswith(("numpy", "scipy"))
    # Beside an array an operator is NumPy's too: ``[1.0, 2.0] * x``.
    is_operator = rule.kind == "elementwise" or rule.fn is vars(operator)["matmul"]
    beside = is_operator and any(isinstance(t, Array) for t in types[: len(args)])
    if not (is_numpy or beside) or rule.kind == "joint_linear" or rule.fn in (np.array, np.asarray):
        return args, kwargs
    wanted = rule.differentiable

    def operand(arg: Expr, name: str, at: object) -> Expr:
        return as_array(run, call, f"array {at}", arg, before) if name in wanted else arg

    names = [p.name for p in rule.params]
    placed = [operand(a, n, i) for i, (a, n) in enumerate(zip(args, names, strict=False))]
    named = [(name, operand(value, name, name)) for name, value in kwargs]
    return (*placed, *args[len(placed) :]), tuple(named)


def _change_lists(run: Run, fn: FunctionType, call: Call) -> None:
    """The lists that ``call``, of ``fn``, appends to or takes items from are of any length then."""
    try:
        operands = bind_arguments(fn, call)
    except ArgumentError:
        return  # `call_type` refuses it, at its place
    types = run.all(operands)
    for i, t in run.lists(fn, types).items() if types is not None else ():
        if isinstance(var := operands[i], Var):
            run.bind(var, t)


def as_array(
    run: Run, asking: Call | AugAssign, role: str, operand: Expr, before: list[Stmt]
) -> Expr:
    """``operand``, or an array of the numbers that it is a list or tuple of."""
    t = run.type(operand)
    if t is None or not may_be_sequence(t) or not (is_differentiable(t) or _is_of_numbers(t)):
        return operand
    held = run.beside(asking, role, "t")
    made = Call(Ref("np.array", np.array), (operand,), origin=asking.origin)
    before.append(Assign(held, made, asking.origin))
    run.bind(held, run.value_type(made))
    return held


def _is_of_numbers(t: Type) -> bool:
    match t:
        case TupleOf(items) | FixedList(items):
            return all(map(_is_of_numbers, items))
        case ListOf(item):
            return item is not None and _is_of_numbers(item)
        case _:
            return isinstance(t, (Scalar, Array))


def _shrink(run: Run, xs: Var) -> None:
    """``xs`` has lost an item: how many it has is not known any more."""
    t = run.type(xs)
    if isinstance(t, FixedList):
        run.bind(xs, ListOf(join_all(t.items)))


def grow(run: Run, xs: Var, item: Expr) -> None:
    """``xs`` has got ``item`` at its end."""
    t, added = run.type(xs), run.type(item)
    if t is not None and added is not None:
        run.bind(xs, UNKNOWN if isinstance(t, Unknown) else with_item(t, added))
