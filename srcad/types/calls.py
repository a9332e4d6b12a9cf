"""Resolved calls: the function that runs, the operands that it gets, the type that it returns."""

from __future__ import annotations

import inspect
import operator
from dataclasses import MISSING, fields, is_dataclass
from types import FunctionType, GetSetDescriptorType, MemberDescriptorType
from typing import Any, Final, cast

import numpy as np

from srcad.errors import ArgumentError, SrcadError, UnsupportedSyntaxError
from srcad.ir.nodes import Call, Const, Dict, Expr, Ref, Star, Tuple
from srcad.ir.refs import LIST_APPEND, LIST_POP, POW
from srcad.kinds import Derived, WithOwnDerivative, among
from srcad.rules.binding import bind, result_type
from srcad.rules.table import BindError, Rule, rule_for
from srcad.runtime import columns, record_of, with_item
from srcad.runtime.records import is_plainly_made
from srcad.signature import signature_of
from srcad.types.constants import known_result
from srcad.types.containers import element_type, field_type, is_container, item_type
from srcad.types.grids import grid_type
from srcad.types.lattice import (
    FLOAT,
    INT,
    UNKNOWN,
    Array,
    FixedList,
    ListOf,
    Record,
    Scalar,
    SliceOf,
    Static,
    Sym,
    TupleOf,
    Type,
    is_differentiable,
)
from srcad.types.of_value import type_of
from srcad.types.replaced import repeated_type, replaced_type
from srcad.types.run import Run

__all__ = ["bind_arguments", "call_type", "is_computed", "live_operand", "python_function"]


def is_computed(live: object, name: str) -> bool:
    """Whether reading the attribute runs code of the user's: that of a property."""
    static: Any = inspect.getattr_static(live, name, None)
    cls: Any = static.__class__
    slot = isinstance(static, (MemberDescriptorType, GetSetDescriptorType))
    plain = isinstance(static, (FunctionType, staticmethod, classmethod))
    return hasattr(cls, "__get__") and not (slot or plain or callable(static))


def call_type(run: Run, call: Call) -> Type | None:
    """The type of what a resolved call returns; ``None`` if nothing has reached it yet."""
    types = run.all(call.args)
    named = run.all(tuple(v for _, v in call.kwargs))
    if types is None or named is None:
        return None
    if not isinstance(call.fn, Ref):
        return UNKNOWN
    fn = call.fn.value
    if named or not _is_operation(fn, types) or among(fn, _POWERS):
        return _call_type(run, call, fn, types)
    found = run.operations.get(key := (id(fn), *map(id, types)))
    if found is None:
        made = _call_type(run, call, fn, types)
        if made is None:
            return None
        # What has an identity in the key is kept, so that nothing else gets it.
        found = run.operations[key] = made, call.fn, types
    return found[0]


def _is_operation(fn: object, types: tuple[Type, ...]) -> bool:
    """Whether ``fn`` computes item by item, or takes one item, of arrays and numbers."""
    if not all([type(t) is Array or type(t) is Scalar for t in types]):
        return False
    if fn is operator.getitem:
        return type(types[-1]) is Scalar
    rule = rule_for(fn)
    return rule is not None and rule.kind == "elementwise"


def _call_type(run: Run, call: Call, fn: object, types: tuple[Type, ...]) -> Type | None:
    if not call.kwargs and (known := known_result(fn, types)) is not None:
        return known
    if among(fn, _POWERS) and (power := _power_of_ints(run, types, call)) is not None:
        return power
    if among(fn, _IMAGINARY) and not run.generated:
        _refuse_real(run, types[0], call)
    if special := _special(run, fn, types, call):
        return special
    rule = rule_for(fn)
    if rule is not None:
        return _rule_type(run, rule, call)
    inner = python_function(fn)
    if inner is not None:
        return _callee_type(run, inner, call)
    if isinstance(fn, type):
        cls = cast("type[object]", fn)
        if is_dataclass(cls) or hasattr(cls, "_fields"):
            return _record_type(run, cls, call)
    return UNKNOWN


def _power_of_ints(run: Run, types: tuple[Type, ...], call: Call) -> Type | None:
    """What ``x ** n`` is of Python's ints: a float if ``n`` is negative; `None` of all others."""
    match types:
        case (Scalar(dtype, True), Scalar(of, True, known)) if (
            dtype.kind in "ib" and of.kind in "ib"
        ):
            n = call.args[1]
            if isinstance(known, int):
                return INT if known >= 0 else FLOAT
            counts = isinstance(known, Sym) and not known.minus
            return INT if counts or n in run.naturals or of.kind == "b" else UNKNOWN
        case _:
            return None


def _refuse_real(run: Run, t: Type, call: Call) -> None:
    """Raise if the imaginary part of a number is asked that is a float of Python's by its type."""
    if isinstance(t, Scalar) and t.weak and t.dtype.kind == "f":
        raise UnsupportedSyntaxError(
            "srcad cannot tell whether this number has an imaginary part",
            source=run.fn.source,
            origin=call.origin,
            why="a float has none, but Python makes a complex number of `(-2.0) ** 0.5`",
            instead="make it complex before, `z = x + 0j`, or leave the imaginary part out",
        )


_IMAGINARY: Final[frozenset[object]] = frozenset({np.imag, np.angle})

_POWERS: Final[frozenset[object]] = frozenset({POW.value, pow})


def python_function(fn: object) -> FunctionType | None:
    """The Python function that runs when ``fn`` is called, if there is one."""
    if isinstance(fn, FunctionType):
        # The transforms know what an item replaced means, as they know `list`; what `columns` gives
        # must be known.
        known = fn is with_item or fn is columns or fn is record_of
        return None if known or _prepares_arrays(fn) else fn
    inner = fn.fun if isinstance(fn, (Derived, WithOwnDerivative)) else None
    return inner if isinstance(inner, FunctionType) else None


def _prepares_arrays(fn: FunctionType) -> bool:
    """Whether ``fn`` is one of SciPy's of which the source says little: others do the work."""
    return str(fn.__module__).startswith(("scipy.linalg.", "scipy.stats."))


def _getter_of(run: Run, call: Call) -> Type | None:
    """An `operator.itemgetter` of keys that are known beforehand."""
    keys: list[Any] = []
    for arg in call.args:
        match arg if isinstance(arg, (Const, Ref)) else run.type(arg):
            case Const(value) | Ref(_, value) | Static(value):
                keys.append(value)
            case _:
                return None
    return Static(run.constant((call.fn, *call.args), lambda: operator.itemgetter(*keys)))


def _special(run: Run, fn: object, types: tuple[Type, ...], call: Call) -> Type | None:
    if fn is operator.getitem and len(types) == 2 and is_container(types[0]):
        return item_type(types[0], types[1])
    if fn is getattr and len(call.args) == 2 and isinstance(call.args[1], Const):
        name = str(call.args[1].value)
        if isinstance(types[0], Record):
            return field_type(types[0], name) or UNKNOWN
        if isinstance(types[0], Static):
            return _attribute_type(run, types[0].value, name)
    if fn is operator.itemgetter and call.args and not call.kwargs:
        return _getter_of(run, call)
    if fn is LIST_APPEND:
        return Static(None)
    if fn is len:
        return None
    if fn is int:
        return _int_of(types)
    if fn is float:
        return FLOAT
    if fn is np.where and len(call.args) == 1 and (places := rule_for(np.nonzero)) is not None:
        return _rule_type(run, places, call)
    if fn is operator.getitem and isinstance(types[0], Static):
        return grid_type(types[0].value, types[1])
    if fn is slice:
        return _slice_of(types)
    if fn is range:
        return ListOf(INT)
    if fn is list and len(types) == 1 and isinstance(types[0], (Array, ListOf, FixedList)):
        return ListOf(element_type(types[0]))
    if fn is sorted and types:
        return ListOf(element_type(types[0]))
    if fn is LIST_POP and types:
        return item_type(types[0], UNKNOWN)
    if fn is record_of:
        return _made_of_fields(run, call)
    if fn is with_item:
        return replaced_type(*types)
    if fn is operator.mul and len(types) == 2:
        return repeated_type(types[0], types[1])
    return None


def _int_of(types: tuple[Type, ...]) -> Type:
    match types:
        case (Scalar(dtype, _, known),) if dtype.kind in "iu":
            return Scalar(INT.dtype, True, known)
        case _:
            return INT


def _slice_of(types: tuple[Type, ...]) -> Type:
    none = Static(None)
    match types:
        case (stop,):
            return SliceOf(none, stop, none)
        case (start, stop):
            return SliceOf(start, stop, none)
        case (start, stop, step):
            return SliceOf(start, stop, step)
        case _:
            return UNKNOWN


def _attribute_type(run: Run, live: object, name: str) -> Type:
    if is_computed(live, name):
        return _property_type(run, live, run.look_up(type(live), name, baked=True))
    found = run.look_up(live, name, baked=False)
    return type_of(found)


def _property_type(run: Run, live: object, found: object) -> Type:
    """The type of what a property of ``live`` computes: a constant, as ``live`` is one."""
    if not isinstance(found, property) or not isinstance(found.fget, FunctionType):
        return UNKNOWN
    try:
        return run.callee(found.fget, (type_of(live),)) or UNKNOWN
    except SrcadError:
        return UNKNOWN


def _rule_type(run: Run, rule: Rule, call: Call) -> Type | None:
    kwargs = call.kwargs
    if isinstance(rule.fn, np.ufunc) and len(kwargs) == 1 and kwargs[0][0] == "out":
        t = run.type(kwargs[0][1])
        if t is None or isinstance(t, Array):
            return t  # the result is that array
    try:
        bound = bind(rule, call.args, kwargs)
    except BindError:
        return UNKNOWN
    types: dict[str, Type] = {}
    for name, operand in bound.items():
        t = run.type(operand)
        if t is None:
            return None
        types[name] = t
    found = result_type(rule, types)
    if _holds_objects(found) or _asks_for_objects(types.get("dtype")):
        raise UnsupportedSyntaxError(
            "an array of objects cannot be differentiated",
            source=run.fn.source,
            origin=call.origin,
            why="what its items are, and what they do with numbers, is not known",
            instead="use an array of floats, or a list or tuple",
        )
    if rule.fn in (np.array, np.asarray) and _is_mixed(types.get("x", UNKNOWN)):
        raise UnsupportedSyntaxError(
            "numbers and text in one array cannot be differentiated",
            source=run.fn.source,
            origin=call.origin,
            why="NumPy makes text, or objects, of the numbers in such an array",
            instead="use a list or tuple, or two arrays",
        )
    return found


def _holds_objects(t: Type) -> bool:
    return isinstance(t, (Array, Scalar)) and t.dtype.kind == "O"


def _is_mixed(t: Type) -> bool:
    """Whether a list or tuple of type ``t`` holds floats beside text or ``None``."""
    leaves = _leaves(t)
    texts = any(
        isinstance(x, Static) and isinstance(x.value, (str, bytes, type(None))) for x in leaves
    )
    return texts and any(map(is_differentiable, leaves))


def _leaves(t: Type) -> list[Type]:
    if isinstance(t, (TupleOf, FixedList)):
        return [leaf for item in t.items for leaf in _leaves(item)]
    return [t]


def _asks_for_objects(dtype: Type | None) -> bool:
    if not isinstance(dtype, Static) or dtype.value is None:
        return False
    try:
        return np.dtype(cast("Any", dtype.value)).kind == "O"
    except TypeError:
        return False


def _callee_type(run: Run, fn: FunctionType, call: Call) -> Type | None:
    try:
        operands = bind_arguments(fn, call)
    except ArgumentError as error:
        if error.source is None:
            error.source, error.origin = run.fn.source, call.origin
        raise
    types = run.all(operands)
    return None if types is None else run.callee(fn, types)


def _made_of_fields(run: Run, call: Call) -> Type | None:
    cls = call.args[0]
    types = run.all(tuple(value for _, value in call.kwargs))
    if types is None or not (isinstance(cls, Ref) and isinstance(cls.value, type)):
        return None
    return Record(cls.value, tuple(zip((k for k, _ in call.kwargs), types, strict=True)))


def _record_type(run: Run, cls: type, call: Call) -> Type | None:
    if not is_plainly_made(cls):
        raise UnsupportedSyntaxError(
            f"srcad does not know what `{cls.__name__}(...)` makes",
            source=run.fn.source,
            origin=call.origin,
            why="the class computes its fields itself: it has a `__post_init__`, or an `__init__`"
            " or `__new__` of its own, or a property in the place of a field",
            instead="make the object outside, and pass it as an argument, or compute the fields in"
            " a function",
        )
    try:
        bound = signature_of(cls).bind(*call.args, **dict(call.kwargs))
    except (TypeError, ValueError):
        return UNKNOWN
    given = {*bound.arguments}
    bound.apply_defaults()
    found: list[tuple[str, Type]] = []
    for name, value in bound.arguments.items():
        t = run.type(cast(Expr, value)) if name in given else _default_type(cls, name, value)
        if t is None:
            return None
        found.append((name, t))
    return Record(cls, tuple(found))


def _default_type(cls: type, name: str, value: object) -> Type:
    """The type of a field that has its default, which a factory may make anew each time."""
    if is_dataclass(cls):
        made = {f.name for f in fields(cls) if f.default_factory is not MISSING}
        if name in made:
            return UNKNOWN
    return type_of(value)


def bind_arguments(fn: FunctionType, call: Call) -> tuple[Expr, ...]:
    """An operand for each parameter of ``fn``, as Python binds them; defaults are live values.

    Raises
    ------
    ArgumentError
        If the call does not fit the signature.
    """
    signature = signature_of(fn)
    if any(isinstance(a, Star) for a in call.args):
        name = call.fn.path if isinstance(call.fn, Ref) else fn.__name__
        raise ArgumentError(
            f"`{name}` is called with `*`, and srcad cannot tell how many arguments that is",
            why="the length of what is unpacked is known only when the program runs",
            instead="unpack it into names first, `a, b = xs`, and pass these",
        )
    if any(name == "**" for name, _ in call.kwargs):
        raise ArgumentError(
            f"`{fn.__name__}` is called with `**`, and srcad cannot tell with which names",
            why="the keys of what is unpacked are known only when the program runs",
            instead="write the keywords out, or pass the dict as one argument",
        )
    try:
        bound = signature.bind(*call.args, **dict(call.kwargs))
    except TypeError as error:
        raise ArgumentError(
            f"a call does not fit `{fn.__name__}`: {error}",
            instead=f"call it with the arguments of `{fn.__name__}{signature}`",
        ) from None
    out: list[Expr] = []
    for name, p in signature.parameters.items():
        if name not in bound.arguments:
            if p.kind is p.VAR_POSITIONAL:
                out.append(Tuple(()))
            elif p.kind is p.VAR_KEYWORD:
                out.append(Dict((), ()))
            else:
                out.append(live_operand(f"{fn.__name__}_{name}", p.default))
        elif p.kind is p.VAR_POSITIONAL:
            out.append(Tuple(bound.arguments[name]))
        elif p.kind is p.VAR_KEYWORD:
            items: dict[str, Expr] = bound.arguments[name]
            out.append(Dict(tuple(Const(k) for k in items), tuple(items.values())))
        else:
            out.append(bound.arguments[name])
    return tuple(out)


def live_operand(name: str, value: object) -> Expr:
    """The operand for a live value: a literal where it can be one."""
    if value is None or isinstance(value, (bool, int, float, complex, str)):
        return Const(value)
    # Typed `Any`, so that the test leaves the type of `value` as it was.
    exactly: Any = tuple
    if type(value) is exactly:
        items = tuple(live_operand(name, item) for item in cast("tuple[object, ...]", value))
        if not any(isinstance(item, Ref) for item in items):
            return Tuple(items)
    return Ref(name.replace(".", "_"), value)
