"""Facts about calls: what is pure, what mutates its operands, whose memory a result may share.

Nothing is assumed of a function that srcad does not know: it may change, and keep, all it is given.
"""

from __future__ import annotations

import builtins
import math
import operator
from collections.abc import Mapping
from types import ModuleType
from typing import Final

import numpy as np

from srcad.ir.nodes import AugAssign, Call, Const, Expr, Ref, Stmt, Store, Var
from srcad.ir.walk import call_of, variables
from srcad.kinds import among, is_log
from srcad.notes import notes_of
from srcad.rules.binding import bind
from srcad.rules.table import BindError, rule_for
from srcad.runtime import (
    check_alike,
    check_number,
    check_pair,
    check_plain,
    check_real,
    check_view,
)
from srcad.types.lattice import (
    UNKNOWN,
    Array,
    DictOf,
    FixedList,
    ListOf,
    Living,
    Partial,
    Record,
    Scalar,
    Static,
    TupleOf,
    Type,
    Unknown,
)
from srcad.types.of_value import type_of

__all__ = [
    "ARITHMETIC",
    "calls_in",
    "copies",
    "has_memory",
    "is_fresh",
    "is_mutable",
    "is_mutator",
    "is_opaque",
    "is_pure",
    "makes_new",
    "may_share",
    "mutated",
    "operand_types",
    "operands_of",
    "runtime_name",
    "shares_nothing",
]


def _named(home: object, names: str) -> frozenset[object]:
    # By name, since the type of e.g. ``list.append`` is only partially known.
    return frozenset(getattr(home, n) for n in names.split() if hasattr(home, n))


ARITHMETIC: Final = _named(
    operator,
    "add sub mul truediv floordiv mod pow matmul neg pos abs invert and_ or_ xor lshift rshift "
    "lt le gt ge eq ne",
)
"""Operators whose result on numbers and arrays is always a new object."""

_SCALAR_RESULT: Final = (
    _named(operator, "not_ truth is_ is_not contains")
    | _named(math, "prod fsum")
    | _named(builtins, "len isinstance issubclass callable type id hash hasattr bool int float")
    | _named(builtins, "complex str repr ord chr all any divmod format")
    | frozenset(v for k, v in vars(str).items() if not k.startswith("_"))
)

_CONTAINERS: Final = (
    _named(builtins, "list tuple dict set frozenset range zip enumerate reversed sorted slice")
    | _named(builtins, "min max sum abs round pow getattr")
    | _named(operator, "getitem")
    | _named(dict, "get keys values items copy")
    | _named(list, "copy index count")
    | _named(tuple, "index count")
)

_LOOKS: Final[frozenset[object]] = frozenset(
    {print, check_view, check_number, check_plain, check_pair, check_real, check_alike}
)
"""These have an effect, but change and keep nothing that they are given."""

_IMPURE: Final = _LOOKS | _named(builtins, "input open next iter setattr delattr exec eval")

_MUTATORS: Final = (
    _named(list, "append pop extend insert remove clear reverse sort")
    | _named(dict, "pop update setdefault clear popitem")
    | _named(set, "add discard remove")
    | _named(operator, "setitem delitem iadd isub imul itruediv ifloordiv imod ipow imatmul")
    | _named(operator, "iand ior ixor ilshift irshift iconcat")
    | _named(np.ndarray, "fill sort put partition resize")
    | _named(np, "copyto put place putmask fill_diagonal put_along_axis")
)

# A net below the rules' own word: a view that a rule forgets to declare would be a wrong gradient.
_VIEWS: Final = _named(
    np,
    "asarray asanyarray ascontiguousarray asfortranarray array astype atleast_1d atleast_2d "
    "atleast_3d broadcast_arrays broadcast_to diag diagonal dsplit expand_dims fliplr flip flipud "
    "hsplit imag matrix_transpose moveaxis permute_dims ravel real real_if_close require reshape "
    "rollaxis rot90 split array_split squeeze swapaxes transpose vsplit nan_to_num",
)

_ARRANGING: Final = _named(np, "expand_dims moveaxis reshape squeeze swapaxes transpose")
"""What is new if its first argument is. Other views cannot be written to, or hold too much."""

_RUNTIME_MUTATORS: Final = frozenset({"add_at", "add_item"})
_RUNTIME_FRESH: Final = frozenset({"copied_tree", "zero_of", "zeros_like_tree"})
_RUNTIME_VIEWS: Final = frozenset({"diag_bar"})

# `np.einsum("ij->ji", x)` is a view, and `np.float64(x)` may be ``x`` itself.
_SOMETIMES_VIEWS: Final = _named(np, "einsum float32 float64 complex64 complex128")

_UNSURE: Final = _CONTAINERS | _SOMETIMES_VIEWS
_SOMETIMES_SHARING: Final = _UNSURE | _VIEWS
_SURELY_PURE: Final = ARITHMETIC | _SCALAR_RESULT | _SOMETIMES_SHARING

_PLAIN: Final[frozenset[type]] = frozenset({Array, Scalar, Static, Living, Partial})
"""The types of values that hold no others."""

_HOLDING: Final[frozenset[type]] = frozenset({Array, FixedList, ListOf, DictOf, Record, Unknown})
"""The types of objects that can be mutated."""


def _function(call: Call) -> object:
    return call.fn.value if isinstance(call.fn, Ref) else None


def runtime_name(fn: object) -> str:
    """The name of a function of `srcad.runtime`; the empty string for all others.

    Examples
    --------
    >>> import numpy as np
    >>> runtime_name(np.sum)
    ''
    """
    module = getattr(fn, "__module__", None)
    if isinstance(module, str) and (
        module == "srcad.runtime" or module.startswith("srcad.runtime.")
    ):
        return str(getattr(fn, "__name__", ""))
    return ""


def _has_out(call: Call) -> bool:
    return bool(call.kwargs) and any([v != Const(None) for k, v in call.kwargs if k == "out"])


def is_mutator(call: Call) -> bool:
    """Whether the call only mutates its first operand (or its ``out``), as ``append`` does.

    Examples
    --------
    >>> is_mutator(Call(Ref("list.append", list.append), (Var("xs"), Var("x"))))
    True
    """
    fn = _function(call)
    return _computes(fn) if _has_out(call) else _mutates(fn) or notes_of(fn).restores


def is_pure(call: Call) -> bool:
    """Whether the call only computes a result, so that an unread result need not be computed.

    Errors are no effect: an unread division by zero may go.

    Examples
    --------
    >>> is_pure(Call(Ref("np.tanh", np.tanh), (Var("x"),)))
    True
    >>> is_pure(Call(Ref("print", print), (Var("x"),)))
    False
    """
    if not isinstance(call.fn, Ref):
        return False
    fn = call.fn.value
    if call.kwargs and _has_out(call):
        return False
    if _surely_computes(fn):
        return True
    return _is_known_to_compute(fn) and not notes_of(fn).restores


def is_opaque(call: Call) -> bool:
    """Whether the call may change and keep all that it is given, and all that is global.

    Examples
    --------
    >>> is_opaque(Call(Var("f"), (Var("x"),)))
    True
    >>> is_opaque(Call(Ref("print", print), (Var("x"),)))
    False
    """
    fn = _function(call)
    return not (_computes(fn) or (fn is not None and _mutates(fn)) or _only_looks(fn))


def _only_looks(fn: object) -> bool:
    """Whether the effect of ``fn`` is none on what it is given, and it keeps nothing."""
    return among(fn, _LOOKS) or is_log(fn) or ((rule := rule_for(fn)) is not None and rule.draws)


def _mutates(fn: object) -> bool:
    if _surely_computes(fn):
        return False
    if among(fn, _MUTATORS) or runtime_name(fn) in _RUNTIME_MUTATORS:
        return True
    return getattr(fn, "__name__", "") == "at" and isinstance(_owner(fn), np.ufunc)


def _owner(fn: object) -> object:
    return getattr(fn, "__self__", None)


def _surely_computes(fn: object) -> bool:
    try:
        return type(fn) is np.ufunc or fn in _SURELY_PURE
    except TypeError:  # it has no hash; this is asked more often than `among` is quick
        return False


def _computes(fn: object) -> bool:
    return _surely_computes(fn) or _is_known_to_compute(fn)


def _is_known_to_compute(fn: object) -> bool:
    """Whether a rule, or a note on ``fn``, or its kind says that it only computes a result."""
    if fn is None or among(fn, _IMPURE) or is_log(fn):
        return False
    if (rule := rule_for(fn)) is not None:
        return not rule.draws
    if notes_of(fn).pure:
        return True
    if _mutates(fn) or _is_random(fn):
        return False
    return _is_exception(fn) or _is_number_type(fn) or runtime_name(fn) != ""


def _is_random(fn: object) -> bool:
    module = getattr(fn, "__module__", None)
    if isinstance(module, str) and (module == "random" or module.startswith("numpy.random")):
        return True
    owner = _owner(fn)
    if owner is None or isinstance(owner, (ModuleType, np.ufunc)):
        return False
    return type(owner).__module__.startswith(("random", "numpy.random"))


def _is_exception(fn: object) -> bool:
    return (
        isinstance(fn, type)
        and issubclass(fn, BaseException)
        and getattr(builtins, fn.__name__, None) is fn
    )


def _is_number_type(fn: object) -> bool:
    return isinstance(fn, type) and issubclass(fn, np.generic)


def is_mutable(value: object) -> bool:
    """Whether a live object that a program names may be changed by it.

    Examples
    --------
    >>> is_mutable([1.0]), is_mutable(1.0), is_mutable(len)
    (True, False, False)
    """
    immutable = isinstance(value, (str, bytes, bool, int, float, complex, type, ModuleType))
    return not (value is None or immutable or callable(value))


def has_memory(t: Type) -> bool:
    """Whether a value of this type is, or holds, an object that can be mutated.

    Examples
    --------
    >>> from srcad.types.lattice import FLOAT, TupleOf
    >>> has_memory(TupleOf((FLOAT, FLOAT))), has_memory(UNKNOWN)
    (False, True)
    """
    if type(t) in _HOLDING:
        return True
    return isinstance(t, TupleOf) and any(map(has_memory, t.items))


def shares_nothing(fn: object, types: tuple[Type, ...]) -> bool:
    """Whether the result of ``fn`` on operands of ``types`` is always a new object."""
    if type(fn) is np.ufunc:
        return True
    if among(fn, ARITHMETIC) or fn is abs or fn is pow:
        # ``+`` and ``*`` of lists and tuples give new containers of the old items.
        return _PLAIN.issuperset(map(type, types)) or not any(map(has_memory, types))
    name = runtime_name(fn)
    if fn is np.broadcast_to or name in ("unreduce", "broadcast_like"):
        # Even of a number it is no array that may be written to.
        return False
    if fn is getattr:
        return False  # what a live object holds, it holds on
    if not any(map(has_memory, types)) or among(fn, _SCALAR_RESULT):
        return True
    if fn is np.einsum and sum(isinstance(t, Array) for t in types) > 1:
        return True
    if among(fn, _SOMETIMES_SHARING):
        return False
    if name in _RUNTIME_FRESH or name in _RUNTIME_VIEWS:
        return name in _RUNTIME_FRESH
    if (known := notes_of(fn)).pure:
        return known.fresh
    rule = rule_for(fn)
    return rule is not None and not rule.shares


def is_fresh(call: Call, types: Mapping[Var, Type]) -> bool:
    """Whether the result surely shares no memory with any operand.

    Examples
    --------
    >>> from srcad.types.lattice import FLOAT
    >>> x = Var("x")
    >>> is_fresh(Call(Ref("np.tanh", np.tanh), (x,)), {})
    True
    >>> is_fresh(Call(Ref("np.ravel", np.ravel), (x,)), {})
    False
    >>> is_fresh(Call(Ref("np.ravel", np.ravel), (x,)), {x: FLOAT})
    True
    """
    if not is_pure(call):
        return False
    fn = _function(call)
    if isinstance(fn, np.ufunc) or copies(call):
        return True
    return shares_nothing(fn, operand_types(call, types))


def operand_types(call: Call, types: Mapping[Var, Type]) -> tuple[Type, ...]:
    """The types of the variables among a call's arguments, and of the live objects that change."""
    found: list[Type] = []
    for arg in _arguments(call):
        if isinstance(arg, Var):
            found.append(types.get(arg, UNKNOWN))
        elif isinstance(arg, Ref):
            if is_mutable(arg.value):
                is_array = isinstance(arg.value, np.ndarray)
                found.append(type_of(arg.value) if is_array else UNKNOWN)
        else:
            found += [types.get(var, UNKNOWN) for var in variables(arg)]
    return tuple(found)


def copies(call: Call) -> bool:
    """Whether the call is ``np.array(x)``, which makes a new array unless ``copy`` says otherwise.

    Examples
    --------
    >>> copies(Call(Ref("np.array", np.array), (Var("x"),)))
    True
    """
    return _function(call) is np.array and all(k == "dtype" for k, _ in call.kwargs)


def makes_new(value: Expr, types: Mapping[Var, Type]) -> bool:
    """Whether ``value``, an adjoint or a tangent, surely is a new array."""
    if not (isinstance(value, Call) and isinstance(value.fn, Ref)):
        return False
    # Adjoints and tangents are numbers and arrays, of which arithmetic always makes new ones.
    if value.fn.value in ARITHMETIC or is_fresh(value, types):
        return True
    arranged = among(value.fn.value, _ARRANGING) or runtime_name(value.fn.value) == "unbroadcast"
    return arranged and makes_new(value.args[0], types)


def operands_of(call: Call) -> tuple[Var, ...]:
    """The variables among a call's arguments, each once."""
    if isinstance(call.fn, Ref):
        return tuple(dict.fromkeys(variables(call)))
    return tuple(dict.fromkeys(v for arg in _arguments(call) for v in variables(arg)))


def _arguments(call: Call) -> tuple[Expr, ...]:
    return (*call.args, *[v for _, v in call.kwargs]) if call.kwargs else call.args


def may_share(call: Call) -> tuple[Var, ...]:
    """The variables whose memory the call's result may share, judged without types.

    Examples
    --------
    >>> may_share(Call(Ref("np.reshape", np.reshape), (Var("x"), Var("shape"))))
    (Var(base='x', n=0),)
    """
    fn = _function(call)
    operands = operands_of(call)
    if copies(call):
        return ()
    if not _has_out(call) and shares_nothing(fn, tuple(UNKNOWN for _ in operands)):
        return ()
    if among(fn, _VIEWS) or fn is operator.getitem:
        return tuple(dict.fromkeys(variables(call.args[0]))) if call.args else operands
    unsure = among(fn, _UNSURE) or runtime_name(fn) in _RUNTIME_VIEWS
    rule = None if unsure else rule_for(fn)
    if rule is None or _has_out(call):
        return operands
    try:
        named = bind(rule, call.args, call.kwargs)
    except BindError:
        return operands
    shared = (named[p] for p in rule.shares if p in named)
    return tuple(dict.fromkeys(v for expr in shared for v in variables(expr)))


def calls_in(stmt: Stmt) -> tuple[Call, ...]:
    """`call_of`, to be run over."""
    return () if (call := call_of(stmt)) is None else (call,)


def mutated(stmt: Stmt) -> tuple[Var, ...]:
    """The variables whose object, or an object inside it, the statement itself may mutate.

    A function that srcad does not know may mutate everything it is given.

    Examples
    --------
    >>> from srcad.ir.nodes import Assign
    >>> pop = Call(Ref("list.pop", list.pop), (Var("xs"),))
    >>> [v.name for v in mutated(Assign(Var("x"), pop))]
    ['xs']
    """
    if isinstance(stmt, (Store, AugAssign)):
        return variables(stmt.obj)
    return () if (call := call_of(stmt)) is None else _mutated_by(call)


def _mutated_by(call: Call) -> tuple[Var, ...]:
    if is_pure(call) or _only_looks(_function(call)):
        return ()
    if _has_out(call):
        out = next(v for k, v in call.kwargs if k == "out")
        return variables(out)
    if is_mutator(call):
        return variables(call.args[0]) if call.args else ()
    return tuple(dict.fromkeys((*variables(call.fn), *operands_of(call))))
