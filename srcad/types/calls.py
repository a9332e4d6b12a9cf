"""Calls, methods and attributes: what they stand for, given the types, and what they return."""

from __future__ import annotations

import functools
import inspect
import operator
from collections.abc import Sequence
from dataclasses import is_dataclass, replace
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any, cast

from srcad.errors import ArgumentError, UnsupportedSyntaxError
from srcad.ir.nodes import (
    Assign,
    Attr,
    Call,
    Const,
    Dict,
    Expr,
    List,
    Origin,
    Ref,
    Star,
    Stmt,
    Tuple,
    Var,
)
from srcad.ir.refs import APPEND, GETATTR, GETITEM, LIST, LIST_APPEND, LIST_POP, POP
from srcad.rules.methods import ATTRIBUTES, METHODS
from srcad.rules.table import BindError, bind, result_type, rule_for
from srcad.types.constants import known_result
from srcad.types.containers import (
    element_type,
    field_type,
    is_container,
    item_type,
    with_item,
)
from srcad.types.derivatives import Pullback, inlined, pulled
from srcad.types.lattice import (
    INT,
    UNKNOWN,
    Array,
    DictOf,
    FixedList,
    ListOf,
    Record,
    Scalar,
    Static,
    TupleOf,
    Type,
    Unknown,
)
from srcad.types.of_value import type_of

if TYPE_CHECKING:
    from srcad.types.infer import Inference

__all__ = [
    "bind_arguments",
    "call_type",
    "item_of",
    "python_function",
    "resolve_attribute",
    "resolve_call",
]


# --- what a call stands for ----------------------------------------------------------------------


def resolve_call(
    run: Inference, call: Call, before: list[Stmt], origin: Origin | None, target: Var | None
) -> Expr:
    """``call`` with its function and arguments resolved; it may turn out to be an operand."""
    where = call.origin or origin
    args = expanded(run, call.args, before, where)
    kwargs = tuple((k, run.operand(v, before, where)) for k, v in call.kwargs)
    kwargs = _expanded_keywords(run, kwargs, before)
    match call.fn:
        case Attr(value, name):
            obj = run.operand(value, before, where)
            new = replace(call, args=args, kwargs=kwargs)
            return _method(run, new, obj, name, before, where)
        case Var() as var:
            t = run.type(var)
            if isinstance(t, Record) and issubclass(t.cls, Pullback):
                return pulled(run, call, var, t, args, before, where)
            if isinstance(t, Static) and callable(t.value):
                ref = Ref(var.name, t.value)
                own = inlined(run, call, ref, args, kwargs, before, where)
                return own or _known_call(run, call, ref, args, kwargs, before)
            return replace(call, args=args, kwargs=kwargs)
        case Ref() as ref:
            own = inlined(run, call, ref, args, kwargs, before, where)
            return own or _known_call(run, call, ref, args, kwargs, before)
        case _:
            return replace(call, args=args, kwargs=kwargs)


def expanded(
    run: Inference, args: Sequence[Expr], before: list[Stmt], origin: Origin | None
) -> tuple[Expr, ...]:
    """Operands for ``args``, with each ``*xs`` of known length written out."""
    out: list[Expr] = []
    for arg in args:
        if not isinstance(arg, Star):
            out.append(run.operand(arg, before, origin))
            continue
        value = run.operand(arg.value, before, origin)
        if isinstance(value, Tuple | List):
            out.extend(value.items)
            continue
        t = run.type(value)
        if isinstance(t, TupleOf | FixedList) and isinstance(value, Var):
            for i in range(len(t.items)):
                out.append(item_of(run, value, Const(i), f"{value.base}_{i}", before))
        else:
            out.append(Star(value))
    return tuple(out)


def _expanded_keywords(
    run: Inference, kwargs: tuple[tuple[str, Expr], ...], before: list[Stmt]
) -> tuple[tuple[str, Expr], ...]:
    out: list[tuple[str, Expr]] = []
    for name, value in kwargs:
        t = run.type(value)
        if name == "**" and isinstance(t, DictOf) and isinstance(value, Var):
            for key, _ in t.items:
                out.append((str(key), item_of(run, value, Const(key), str(key), before)))
        else:
            out.append((name, value))
    return tuple(out)


def item_of(run: Inference, value: Var, key: Const, base: str, before: list[Stmt]) -> Var:
    """A variable for ``value[key]``, whose assignment goes to ``before``."""
    part = run.part(value, key, base)
    stmt = Assign(part, Call(GETITEM, (value, key)))
    before.append(stmt)
    run.bind(part, run.value_type(stmt.value))
    return part


def _item_of_literal(run: Inference, literal: Expr, index: Expr) -> Expr | None:
    """The item of a container that is written out, where the key is a constant."""
    match literal, index:
        case ((Tuple(items) | List(items)), Const(int() as k)) if -len(items) <= k < len(items):
            return items[k]
        case Dict(keys, values), Const():
            return dict(zip(keys, values, strict=True)).get(index)
        case _:
            return None


def _copied_sequence(run: Inference, call: Call, source: Expr, before: list[Stmt]) -> Expr:
    """``list(xs)`` or ``tuple(xs)``: the items written out, where there are so many as is known."""
    make = List if isinstance(call.fn, Ref) and call.fn.value is list else Tuple
    if isinstance(source, Tuple | List):
        return make(source.items)
    t = run.type(source)
    if isinstance(t, TupleOf | FixedList) and isinstance(source, Var):
        parts = (
            item_of(run, source, Const(i), f"{source.base}_{i}", before)
            for i in range(len(t.items))
        )
        return make(tuple(parts))
    return call


def _known_call(
    run: Inference,
    call: Call,
    ref: Ref,
    args: tuple[Expr, ...],
    kwargs: tuple[tuple[str, Expr], ...],
    before: list[Stmt],
) -> Expr:
    """A call of a live object: bound methods, partials and callable objects are opened up."""
    value = ref.value
    if value is list or value is tuple:
        match args:
            case (items,) if not kwargs:
                return _copied_sequence(run, replace(call, fn=ref, args=args), items, before)
            case _:
                pass
    if value is operator.getitem and isinstance(args[0], Tuple | List | Dict):
        item = _item_of_literal(run, args[0], args[1])
        if item is not None:
            return item
        held = run.part(Var("t"), Const(id(call)), "t")
        before.append(Assign(held, args[0]))
        run.bind(held, run.type(args[0]))
        args = (held, args[1])
    if value is LIST_APPEND and args and isinstance(args[0], Var):
        _grow(run, args[0], args[1])
        return replace(call, fn=ref, args=args, kwargs=kwargs)
    if rule_for(value) is not None or isinstance(value, FunctionType | type):
        return replace(call, fn=ref, args=args, kwargs=kwargs)
    if isinstance(value, functools.partial):
        part = cast("functools.partial[Any]", value)
        leading = tuple(_live(f"{ref.path}_{i}", a) for i, a in enumerate(part.args))
        named = {k: _live(f"{ref.path}_{k}", v) for k, v in part.keywords.items()} | dict(kwargs)
        inner = Ref(ref.path, part.func)
        return _known_call(run, call, inner, (*leading, *args), tuple(named.items()), before)
    if isinstance(value, MethodType):
        owner = Ref(ref.path.rpartition(".")[0] or "self", value.__self__)
        inner = Ref(ref.path.replace(".", "_"), value.__func__)
        return replace(call, fn=inner, args=(owner, *args), kwargs=kwargs, spell="")
    if hasattr(value, "function_for"):
        every = (*args, *(v for _, v in kwargs))
        types = run.all(every)
        if types is not None and not any(isinstance(a, Star) for a in args):
            generated = cast(Any, value).function_for(types, tuple(k for k, _ in kwargs))
            return replace(call, fn=Ref(generated.__name__, generated), args=every, kwargs=())
        return replace(call, fn=ref, args=args, kwargs=kwargs)
    if hasattr(value, "fun"):
        return replace(call, fn=ref, args=args, kwargs=kwargs)
    inner_call = getattr(type(value), "__call__", None)  # noqa: B004  # the function itself is wanted
    if isinstance(inner_call, FunctionType):
        name = f"{type(value).__name__}_call"
        return replace(call, fn=Ref(name, inner_call), args=(ref, *args), kwargs=kwargs)
    return replace(call, fn=ref, args=args, kwargs=kwargs)


def _live(name: str, value: object) -> Expr:
    if value is None or isinstance(value, bool | int | float | complex | str):
        return Const(value)
    return Ref(name.replace(".", "_"), value)


# --- methods and attributes ----------------------------------------------------------------------


def _method(
    run: Inference, call: Call, obj: Expr, name: str, before: list[Stmt], origin: Origin | None
) -> Expr:
    t = run.type(obj)
    match t:
        case Static(value) if not isinstance(value, str | bytes):
            return _method_of_live(run, call, obj, value, name)
        case Static():
            return replace(
                call,
                fn=Ref(f"str.{name}", getattr(t.value, name, None)),
                spell="",
            )
        case Record(cls, _):
            found = inspect.getattr_static(cls, name, None)
            if isinstance(found, FunctionType):
                ref = Ref(f"{cls.__name__}_{name}", found)
                return replace(call, fn=ref, args=(obj, *call.args), spell="")
            field = resolve_attribute(run, obj, name, origin)
            return replace(call, fn=field)
        case FixedList() | ListOf():
            return _list_method(run, call, obj, name, t, origin)
        case DictOf():
            return _dict_method(run, call, obj, name, t, before, origin)
        case _:
            return _array_method(run, call, obj, name, origin)


def _method_of_live(run: Inference, call: Call, obj: Expr, value: object, name: str) -> Expr:
    bound = getattr(value, name, None)
    path = f"{obj.path}.{name}" if isinstance(obj, Ref) else f"{type(value).__name__}_{name}"
    if isinstance(bound, MethodType) and bound.__self__ is value:
        ref = Ref(f"{type(value).__name__}_{name}", bound.__func__)
        return replace(call, fn=ref, args=(obj, *call.args), spell="")
    return _known_call(run, call, Ref(path, bound), call.args, call.kwargs, [])


def _array_method(run: Inference, call: Call, obj: Expr, name: str, origin: Origin | None) -> Expr:
    if name in ("append", "pop") and isinstance(run.type(obj), Unknown):
        return _list_method(run, call, obj, name, ListOf(UNKNOWN), origin)
    fn = METHODS.get(name)
    if fn is None:
        raise UnsupportedSyntaxError(
            f"srcad does not know the method `{name}`",
            source=run.fn.source,
            origin=origin,
            why="its derivative is in no rule",
            instead=f"call a NumPy function that does the same, or give `np.ndarray.{name}` a rule",
        )
    args = call.args
    if name in ("reshape", "transpose", "permute") and (
        len(args) > 1 or (args and isinstance(run.type(args[0]), Scalar) and name == "transpose")
    ):
        args = (Tuple(args),)
    return replace(call, fn=fn, args=(obj, *args), spell=f".{name}")


def _list_method(
    run: Inference, call: Call, obj: Expr, name: str, t: Type, origin: Origin | None
) -> Expr:
    if name == "append" and len(call.args) == 1 and isinstance(obj, Var):
        _grow(run, obj, call.args[0])
        return replace(call, fn=APPEND, args=(obj, *call.args), spell=".append")
    if name == "pop" and not call.args and isinstance(obj, Var):
        if isinstance(t, FixedList):
            run.bind(obj, with_item(t, t.items[-1]) if t.items else ListOf(None))
        return replace(call, fn=POP, args=(obj,), spell=".pop")
    if name == "copy" and not call.args:
        return replace(call, fn=LIST, args=(obj,), spell="")
    raise UnsupportedSyntaxError(
        f"srcad cannot differentiate the list method `{name}`",
        source=run.fn.source,
        origin=origin,
        why="only `append`, `pop()` and `copy` of lists have adjoints",
        instead="build the list with `append`, or use a NumPy array",
    )


def _grow(run: Inference, xs: Var, item: Expr) -> None:
    t, added = run.type(xs), run.type(item)
    if t is not None and added is not None:
        run.bind(xs, UNKNOWN if isinstance(t, Unknown) else with_item(t, added))


def _dict_method(
    run: Inference,
    call: Call,
    obj: Expr,
    name: str,
    t: DictOf,
    before: list[Stmt],
    origin: Origin | None,
) -> Expr:
    keys = tuple(Const(k) for k, _ in t.items)
    if name == "keys":
        return Tuple(keys)
    if name in ("items", "values") and isinstance(obj, Var):
        values = tuple(item_of(run, obj, k, str(k.value), before) for k in keys)
        if name == "values":
            return List(values)
        return Tuple(tuple(Tuple(pair) for pair in zip(keys, values, strict=True)))
    if name == "get" and call.args and isinstance(call.args[0], Const):
        if any(k == call.args[0] for k in keys):
            return Call(GETITEM, (obj, call.args[0]), origin=call.origin)
        return call.args[1] if len(call.args) > 1 else Const(None)
    raise UnsupportedSyntaxError(
        f"srcad cannot differentiate the dict method `{name}` here",
        source=run.fn.source,
        origin=origin,
        why="only the reading of single items of a dict is tracked yet",
        instead="read the items by their keys: `params['w']`",
    )


def resolve_attribute(run: Inference, value: Expr, name: str, origin: Origin | None) -> Expr:
    """What ``value.name`` stands for."""
    before: list[Stmt] = []
    obj = run.operand(value, before, origin)
    t = run.type(obj)
    match t:
        case Record(cls, _):
            if field_type(t, name) is not None:
                return Call(GETATTR, (obj, Const(name)), origin=origin)
            found = inspect.getattr_static(cls, name, None)
            if isinstance(found, property) and isinstance(found.fget, FunctionType):
                return Call(Ref(f"{cls.__name__}_{name}", found.fget), (obj,), origin=origin)
        case Static(live) if not isinstance(live, str):
            return _attribute_of_live(obj, live, name, origin)
        case _:
            if name in ATTRIBUTES:
                return Call(ATTRIBUTES[name], (obj,), spell=f"@{name}", origin=origin)
    raise UnsupportedSyntaxError(
        f"srcad does not know the attribute `{name}`",
        source=run.fn.source,
        origin=origin,
        why="it is no field of the value and no attribute of an array that has a derivative",
        instead="pass the value as an argument of its own",
    )


def _attribute_of_live(obj: Expr, live: object, name: str, origin: Origin | None) -> Expr:
    found = getattr(live, name, None)
    is_code = isinstance(live, ModuleType | type) or callable(found)
    if is_code and isinstance(obj, Ref):
        return Ref(f"{obj.path}.{name}", found)
    return Call(GETATTR, (obj, Const(name)), origin=origin)


# --- the type of a call --------------------------------------------------------------------------


def call_type(run: Inference, call: Call) -> Type | None:
    """The type of what a resolved call returns; ``None`` if nothing has reached it yet."""
    types = run.all(call.args)
    named = run.all(tuple(v for _, v in call.kwargs))
    if types is None or named is None:
        return None
    if not isinstance(call.fn, Ref):
        return UNKNOWN
    fn = call.fn.value
    if not named and (known := known_result(fn, types)) is not None:
        return known
    if special := _special(fn, types, call):
        return special
    rule = rule_for(fn)
    if rule is not None:
        return _rule_type(run, call)
    inner = python_function(fn)
    if inner is not None:
        return _callee_type(run, inner, call)
    if isinstance(fn, type):
        cls = cast("type[object]", fn)
        if is_dataclass(cls) or hasattr(cls, "_fields"):
            return _record_type(run, cls, call)
    return UNKNOWN


def python_function(fn: object) -> FunctionType | None:
    """The Python function that runs when ``fn`` is called, if there is one."""
    if isinstance(fn, FunctionType):
        return fn
    inner = getattr(fn, "fun", None)
    return inner if isinstance(inner, FunctionType) else None


def _special(fn: object, types: tuple[Type, ...], call: Call) -> Type | None:
    if fn is operator.getitem and len(types) == 2 and is_container(types[0]):
        return item_type(types[0], types[1])
    if fn is getattr and len(call.args) == 2 and isinstance(call.args[1], Const):
        name = str(call.args[1].value)
        if isinstance(types[0], Record):
            return field_type(types[0], name) or UNKNOWN
        if isinstance(types[0], Static):
            return _attribute_type(types[0].value, name)
    if fn is LIST_APPEND:
        return Static(None)
    if fn is int or fn is len:
        return None if fn is len else INT
    if fn is range:
        return ListOf(INT)
    if fn is list and len(types) == 1 and isinstance(types[0], Array | ListOf | FixedList):
        return ListOf(element_type(types[0]))
    if fn is LIST_POP and types:
        return item_type(types[0], UNKNOWN)
    return None


def _attribute_type(live: object, name: str) -> Type:
    # An object's data may change between calls, and nothing tells: only code is taken as it is.
    found = getattr(live, name, None)
    if isinstance(found, FunctionType | BuiltinFunctionType | type | ModuleType | str):
        return type_of(found)
    return UNKNOWN


def _rule_type(run: Inference, call: Call) -> Type | None:
    assert isinstance(call.fn, Ref)
    rule = rule_for(call.fn.value)
    assert rule is not None
    try:
        bound = bind(rule, call.args, call.kwargs)
    except BindError:
        return UNKNOWN
    types: dict[str, Type] = {}
    for name, operand in bound.items():
        t = run.type(operand)
        if t is None:
            return None
        types[name] = t
    return result_type(rule, types)


def _callee_type(run: Inference, fn: FunctionType, call: Call) -> Type | None:
    types = run.all(bind_arguments(fn, call))
    return None if types is None else run.callee(fn, types)


def _record_type(run: Inference, cls: type, call: Call) -> Type | None:
    try:
        bound = inspect.signature(cls).bind(*call.args, **dict(call.kwargs))
    except (TypeError, ValueError):
        return UNKNOWN
    bound.apply_defaults()
    fields: list[tuple[str, Type]] = []
    for name, value in bound.arguments.items():
        is_operand = name in bound.kwargs or value in call.args or isinstance(value, Expr)
        t = run.type(cast(Expr, value)) if is_operand else type_of(value)
        if t is None:
            return None
        fields.append((name, t))
    return Record(cls, tuple(fields))


def bind_arguments(fn: FunctionType, call: Call) -> tuple[Expr, ...]:
    """An operand for each parameter of ``fn``, as Python binds them; defaults are live values.

    Raises
    ------
    ArgumentError
        If the call does not fit the signature.
    """
    signature = inspect.signature(fn, follow_wrapped=False)
    try:
        bound = signature.bind(*call.args, **dict(call.kwargs))
    except TypeError as error:
        raise ArgumentError(f"a call does not fit `{fn.__name__}`: {error}") from None
    out: list[Expr] = []
    for name, p in signature.parameters.items():
        if name not in bound.arguments:
            if p.kind is p.VAR_POSITIONAL:
                out.append(Tuple(()))
            else:
                out.append(_live(f"{fn.__name__}_{name}", p.default))
        elif p.kind is p.VAR_POSITIONAL:
            out.append(Tuple(bound.arguments[name]))
        elif p.kind is p.VAR_KEYWORD:
            items: dict[str, Expr] = bound.arguments[name]
            out.append(Dict(tuple(Const(k) for k in items), tuple(items.values())))
        else:
            out.append(bound.arguments[name])
    return tuple(out)
