"""Methods and attributes: the functions that they stand for, given the type of their object."""

from __future__ import annotations

import inspect
from dataclasses import is_dataclass, replace
from difflib import get_close_matches
from types import FunctionType, MappingProxyType, MethodType, ModuleType, SimpleNamespace
from typing import Final, cast

import numpy as np

from srcad.errors import UnsupportedSyntaxError
from srcad.generators import GENERATORS
from srcad.ir.nodes import Assign, Call, Const, Dict, Expr, List, Origin, Ref, Stmt, Tuple, Var
from srcad.ir.refs import APPEND, DELETE, GETATTR, GETITEM, LIST, POP, REFILL
from srcad.ir.scipys import OF_STATS
from srcad.ir.walk import statements
from srcad.ir.written import way_out
from srcad.kinds import is_log
from srcad.plain import plain_function
from srcad.rules.methods import ATTRIBUTES, METHODS
from srcad.types.calls import is_computed
from srcad.types.containers import constant_key, field_type, with_item
from srcad.types.expand import item_of, name_of_key
from srcad.types.in_place import changed_array, extended
from srcad.types.keywords import KEYWORDS
from srcad.types.lattice import (
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
from srcad.types.live import grow, known_call
from srcad.types.placed import has_rule, placed_bounds
from srcad.types.records import named_tuple_method
from srcad.types.run import Run

__all__ = ["method_call", "resolve_attribute"]

_MOVES: Final = ("clear", "insert", "pop", "remove", "reverse", "sort")
_RESHAPE: Final = Ref("np.reshape", np.reshape)
_SWAPAXES: Final = Ref("np.swapaxes", np.swapaxes)
_SEARCHES: Final = ("count", "index")
_OF_DISTRIBUTIONS: Final = ("cdf", "logcdf", "logpdf", "logpmf", "logsf", "pdf", "pmf", "ppf", "sf")
_VIEWS_OF_DICTS: Final = ("items", "keys", "values")
_OF_TEXT: Final = (
    *("endswith", "isalpha", "isdigit", "islower", "isupper", "lower", "removeprefix"),
    *("removesuffix", "startswith", "strip", "upper"),
)


def method_call(
    run: Run, call: Call, obj: Expr, name: str, before: list[Stmt], origin: Origin | None
) -> Expr:
    """What ``obj.name(...)`` stands for; ``call`` has its arguments resolved."""
    t = run.type(obj)
    if name == REFILL:
        name = "sort"
    if name == DELETE:
        raise _refused(
            run,
            origin,
            "deleting an item cannot be differentiated here",
            why="it is followed in a list that is made in the function and has one name: the"
            " backward sweep puts the item back",
            instead="build a new container without the item",
        )
    match t:
        case Static(value) if not isinstance(value, (str, bytes)):
            return _method_of_live(run, call, obj, value, name, before)
        case Static():
            if (text := _of_known_text(run, call, t.value, name)) is not None:
                return text
            method = getattr(type(t.value), name, None)
            args = (obj, *call.args)
            return replace(call, fn=Ref(f"str.{name}", method), args=args, spell=f".{name}")
        case Record(cls, _):
            if (made := named_tuple_method(run, call, obj, t, name, before)) is not None:
                return made
            found = inspect.getattr_static(cls, name, None)
            run.look_up(cls, name, baked=True)
            if isinstance(found, FunctionType):
                ref = Ref(f"{cls.__name__}_{name}", found)
                return replace(call, fn=ref, args=(obj, *call.args), spell="")
            if isinstance(found, (staticmethod, classmethod)):
                bound: object = getattr(cls, name)
                return known_call(
                    run, call, Ref(f"{cls.__name__}.{name}", bound), call.args, call.kwargs, before
                )
            if issubclass(cls, GENERATORS) and found is not None:
                method = Ref(f"{cls.__name__}_{name}", found)
                return known_call(run, call, method, (obj, *call.args), call.kwargs, before)
            field = resolve_attribute(run, obj, name, origin)
            return replace(call, fn=field)
        case FixedList() | ListOf():
            return _list_method(run, call, obj, name, t, before, origin)
        case TupleOf() if name in _SEARCHES:
            return replace(
                call,
                fn=Ref(f"tuple.{name}", getattr(tuple, name)),
                args=(obj, *call.args),
                spell=f".{name}",
            )
        case DictOf():
            return _dict_method(run, call, obj, name, t, before, origin)
        case _:
            with_array = replace(call, args=(obj, *call.args))
            if name in ("fill", "put", "sort") and (
                done := changed_array(run, with_array, name, before)
            ):
                return done
            return _array_method(run, call, obj, name, before, origin)


def _of_known_text(run: Run, call: Call, text: object, name: str) -> Const | None:
    """What a method of a string gives for numbers and strings that are known."""
    args: list[object] = []
    for arg in call.args:
        match run.type(arg):
            case Static(str() as value):
                args.append(value)
            case Scalar(dtype, _, int() as known) if dtype.kind == "i":
                args.append(known)
            case _:
                return None
    try:
        made: object = getattr(text, name)(*args)
    except Exception:  # it is raised where the program runs
        return None
    return Const(made) if isinstance(made, str) and not call.kwargs else None


def _method_of_live(
    run: Run, call: Call, obj: Expr, value: object, name: str, before: list[Stmt]
) -> Expr:
    bound = run.look_up(value, name, baked=True)
    path = f"{obj.path}.{name}" if isinstance(obj, Ref) else f"{type(value).__name__}_{name}"
    if isinstance(bound, MethodType) and is_log(bound.__func__):
        ref = Ref(f"logging.Logger.{name}", bound.__func__)
        return replace(call, fn=ref, args=(obj, *call.args), spell=f".{name}")
    if isinstance(bound, MethodType) and bound.__self__ is value:
        ref = Ref(f"{type(value).__name__}_{name}", bound.__func__)
        return replace(call, fn=ref, args=(obj, *call.args), spell="")
    return known_call(run, call, Ref(path, bound), call.args, call.kwargs, before)


def _array_method(
    run: Run, call: Call, obj: Expr, name: str, before: list[Stmt], origin: Origin | None
) -> Expr:
    if name in ("append", "pop") and isinstance(run.type(obj), Unknown):
        return _list_method(run, call, obj, name, ListOf(UNKNOWN), before, origin)
    fn = METHODS.get(name)
    if isinstance(obj, Ref) and isinstance(obj.value, dict) and name in _VIEWS_OF_DICTS:
        # Its keys are no strings or ints, so nothing is known of its items.
        ref = Ref(f"dict.{name}", getattr(dict, name))
        return replace(call, fn=ref, args=(obj,), spell=f".{name}")
    if fn is None and name in _VIEWS_OF_DICTS and isinstance(run.type(obj), Unknown):
        raise _refused(
            run,
            origin,
            f"srcad cannot tell which keys `{name}` goes through",
            why="the keys of a dict are part of its type, and do not follow here from the text and"
            " the types of the arguments",
            instead="make a dict whose keys depend on no values, or use a list",
        )
    if fn is None and name in _OF_TEXT and isinstance(run.type(obj), Unknown):
        # Of what is no text, `str.lower(x)` raises; `x.lower()` could do anything.
        method = Ref(f"str.{name}", getattr(str, name))
        return replace(call, fn=method, args=(obj, *call.args), spell="")
    if name in ("conj", "conjugate") and not call.args and not call.kwargs and _is_real(run, obj):
        return obj  # the very array, where `np.conj(x)` makes one
    if fn is None:
        why, instead = _no_method(run.type(obj), name)
        what = f"srcad does not know the method `{name}`"
        raise _refused(run, origin, what, why=why, instead=instead)
    if name == "item" and call.args and not call.kwargs:
        return _item(run, replace(call, fn=fn, spell=".item"), obj, before)
    args = call.args
    if name in ("reshape", "transpose", "permute") and (
        len(args) > 1 or (args and isinstance(run.type(args[0]), Scalar) and name == "transpose")
    ):
        args = (Tuple(args),)
    args, kwargs = (obj, *args), call.kwargs
    if name == "clip":
        args, kwargs = placed_bounds(args, kwargs)
    if not KEYWORDS.isdisjoint(k for k, _ in kwargs):
        return known_call(run, replace(call, spell=f".{name}"), fn, args, kwargs, before)
    is_plain = plain_function(fn.value) is not None and not has_rule(fn.value, args, kwargs)
    if is_plain or any(k == "out" for k, _ in kwargs):
        return known_call(run, replace(call, spell=""), fn, args, kwargs, before)
    return replace(call, fn=fn, args=args, kwargs=kwargs, spell=f".{name}")


def _is_real(run: Run, obj: Expr) -> bool:
    t = run.type(obj)
    return isinstance(t, Array) and t.dtype.kind != "c"


def _item(run: Run, call: Call, obj: Expr, before: list[Stmt]) -> Expr:
    """``x.item(i, j)`` as ``x[i, j].item()``; one index, if no tuple, counts through all axes."""
    held, index = obj, Tuple(call.args)
    if len(call.args) == 1 and isinstance(run.type(call.args[0]), TupleOf):
        index = call.args[0]
    elif len(call.args) == 1:
        held, index = run.beside(call, "flat", "flat"), call.args[0]
        flat = Call(_RESHAPE, (obj, Const(-1)), spell=".reshape", origin=call.origin)
        before.extend(run.stmt(Assign(held, flat, call.origin)))
    item = run.beside(call, "item", "item")
    read = Call(GETITEM, (held, index), origin=call.origin)
    before.extend(run.stmt(Assign(item, read, call.origin)))
    return replace(call, args=(item,))


def _no_method(t: Type | None, name: str) -> tuple[str, str]:
    if name in ("appendleft", "extendleft", "popleft"):
        why = "what a `deque` holds is not followed"
        return why, "use a list: `xs.insert(0, y)`, `xs.pop(0)`"
    if name in _OF_DISTRIBUTIONS:
        why = "what it is a method of is made when the function runs, and is not known before"
        return why, f"if it is a distribution of SciPy's, {OF_STATS}"
    if isinstance(t, Unknown):
        why = "what it is a method of is made when the function runs, and is not known before"
        return why, (
            "make it an array with `np.array(...)`, or compute it outside the function, and pass it"
            " as an argument"
        )
    if name in ("fill", "itemset", "partition", "put", "resize", "sort"):
        instead = "assign to items, `x[...] = values`, or make a new array, `np.sort(x)`"
        return "it changes the array in place, and has no rule", instead
    if isinstance(t, TupleOf) and not hasattr(tuple, name):
        return "tuples have no such method", "use a list"
    if isinstance(t, Array) and not hasattr(np.ndarray, name):
        close = get_close_matches(name, METHODS, 1)
        instead = f"did you mean `{close[0]}`?" if close else "call a function"
        return "arrays have no such method", instead
    return "no rule knows it", "call a NumPy function that does the same"


def _list_method(
    run: Run,
    call: Call,
    obj: Expr,
    name: str,
    t: Type,
    before: list[Stmt],
    origin: Origin | None,
) -> Expr:
    if name == "append" and len(call.args) == 1 and isinstance(obj, Var):
        grow(run, obj, call.args[0])
        return replace(call, fn=APPEND, args=(obj, *call.args), spell=".append")
    if name == "pop" and not call.args and isinstance(obj, Var):
        if isinstance(t, FixedList):
            run.bind(obj, with_item(t, t.items[-1]) if t.items else ListOf(None))
        return replace(call, fn=POP, args=(obj,), spell=".pop")
    if name in _SEARCHES:
        method = Ref(f"list.{name}", getattr(list, name))
        return replace(call, fn=method, args=(obj, *call.args), spell=f".{name}")
    if name == "copy" and not call.args:
        return replace(call, fn=LIST, args=(obj,), spell="")
    if (
        name == "extend"
        and len(call.args) == 1
        and isinstance(obj, Var)
        and extended(run, obj, call.args[0], call, before, origin)
    ):
        return Const(None)
    raise _refused(
        run,
        origin,
        f"srcad cannot differentiate the list method `{name}`",
        why="it moves items, which is followed in a list that is made in the function and has one"
        " name, and with arguments that are numbers"
        if name in _MOVES
        else "only `append`, `extend`, `insert`, `pop`, `remove`,"
        " `reverse`, `sort` and `clear` are followed",
        instead="change a copy that has one name, `xs = list(xs)`, or make a new list",
    )


def _dict_method(
    run: Run,
    call: Call,
    obj: Expr,
    name: str,
    t: DictOf,
    before: list[Stmt],
    origin: Origin | None,
) -> Expr:
    keys = tuple(Const(k) for k, _ in t.items)
    if name == "copy" and not call.args:
        copied = Call(Ref("dict", dict), (obj,), origin=call.origin)
        return known_call(run, copied, Ref("dict", dict), copied.args, (), before)
    if name == "keys":
        return Tuple(keys)
    if name in ("items", "values") and isinstance(obj, (Var, Ref, Dict)):
        if isinstance(obj, Dict):
            values = obj.values
        else:
            values = tuple(item_of(run, obj, k, name_of_key(k.value, "item"), before) for k in keys)
        if name == "values":
            return List(values)
        return Tuple(tuple(Tuple(pair) for pair in zip(keys, values, strict=True)))
    if name == "get" and call.args and (key := _known_key(run, call.args[0])) is not None:
        same = next((k for k in keys if k.value == key.value), None)
        if same is not None:
            read = Call(GETITEM, (obj, same), origin=call.origin)
            return known_call(run, read, GETITEM, read.args, (), before)
        return call.args[1] if len(call.args) > 1 else Const(None)
    raise _refused(
        run,
        origin,
        f"srcad cannot differentiate the dict method `{name}` here",
        why="only the reading of single items of a dict is tracked yet",
        instead="read the items by their keys, `params['w']`, and assign them: "
        "`d['k'] = d.get('k', 0.0) + y`",
    )


def _known_key(run: Run, key: Expr) -> Const | None:
    """``key`` as a literal, where it is one or its value is known."""
    if isinstance(key, Const):
        return key
    t = run.type(key)
    try:
        return Const(constant_key(UNKNOWN if t is None else t))
    except LookupError:
        return None


def resolve_attribute(run: Run, value: Expr, name: str, origin: Origin | None) -> Expr:
    """What ``value.name`` stands for."""
    before: list[Stmt] = []
    obj = run.operand(value, before, origin)
    t = run.type(obj)
    match t:
        case Record(cls, _):
            if field_type(t, name) is not None:
                return Call(GETATTR, (obj, Const(name)), origin=origin)
            if isinstance(obj, Ref) and issubclass(cls, GENERATORS):
                return _attribute_of_live(run, obj, obj.value, name, origin)
            found = inspect.getattr_static(cls, name, None)
            run.look_up(cls, name, baked=True)
            if isinstance(found, property) and isinstance(found.fget, FunctionType):
                return Call(Ref(f"{cls.__name__}_{name}", found.fget), (obj,), origin=origin)
        case Static(live) if not isinstance(live, str):
            return _attribute_of_live(run, obj, live, name, origin)
        case _:
            if name in ATTRIBUTES:
                return Call(ATTRIBUTES[name], (obj,), spell=f"@{name}", origin=origin)
            if name == "mT":
                return Call(_SWAPAXES, (obj, Const(-1), Const(-2)), origin=origin)
            if name == "flat":
                return Call(_RESHAPE, (obj, Const(-1)), spell=".reshape", origin=origin)
    raise _refused(
        run,
        origin,
        f"srcad does not know the attribute `{name}`",
        why="it is no field of the value and no attribute of an array that has a derivative",
        instead=_WAYS.get(name) or _other_than(run, obj),
    )


_ONE_CLASS: Final = (
    "bind the name to objects of one class only, also before a loop and in both branches, or use a"
    " dict"
)


def _other_than(run: Run, obj: Expr) -> str:
    """What to use in place of the object ``obj``, where it is known what it is made as."""
    for stmt in statements(run.fn):
        match stmt:
            case Assign(target, Call(Ref(_, cls)) as made) if target == obj:
                if cls is SimpleNamespace:
                    return way_out(made, "types.SimpleNamespace", "")
                if isinstance(cls, type) and is_dataclass(cls):
                    return _ONE_CLASS
            case Assign(target, Var() as made) if target == obj:
                if isinstance(run.type(made), Record):
                    return _ONE_CLASS
            case _:
                pass
    return "compute it outside the function, and pass it as an argument of its own"


_WAYS: Final = MappingProxyType(
    {
        "strides": "take windows by `np.lib.stride_tricks.sliding_window_view(x, shape, axis)`,"
        " and every second of them, or the like, by a slice"
    }
)
"""What to write instead of some attributes of arrays."""


def _attribute_of_live(run: Run, obj: Expr, live: object, name: str, origin: Origin | None) -> Expr:
    if isinstance(obj, Ref) and not is_computed(live, name):
        found = getattr(live, name, None)
        if isinstance(live, (ModuleType, type)) or callable(found):
            if not hasattr(cast("object", live), name):
                raise _refused(
                    run,
                    origin,
                    f"`{obj.path}` has no attribute `{name}`",
                    why="the name is looked up when the derivative is made",
                    instead=f"define `{name}` first, or correct its spelling",
                )
            return Ref(f"{obj.path}.{name}", run.look_up(live, name, baked=True))
    return Call(GETATTR, (obj, Const(name)), origin=origin)


def _refused(
    run: Run, origin: Origin | None, what: str, *, why: str, instead: str
) -> UnsupportedSyntaxError:
    return UnsupportedSyntaxError(
        what, source=run.fn.source, origin=origin, why=why, instead=instead
    )
