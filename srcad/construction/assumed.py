"""Types for the parameters of a function before any call, read off the way it uses them.

Before any call nothing is known of the arguments, and most derivatives can be written all the
same. Some cannot: what a change in place reaches, for one, depends on what is changed. For the text
shown before a call, and for it alone, a parameter that is used as no number can be is then taken
for a float array of as few axes as its uses allow. The text says so in its first lines.
"""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from types import FunctionType
from typing import Any, Final, cast, get_type_hints

import numpy as np

from srcad.construction.analyses import Analyses
from srcad.construction.normal import normal_form
from srcad.errors import SrcadError
from srcad.ir.nodes import AugAssign, Call, Expr, For, Ref, Store, Tuple, Var
from srcad.ir.walk import statements
from srcad.kinds import among
from srcad.signature import Callee
from srcad.types.in_place import IN_PLACE
from srcad.types.infer import Typed, specialise
from srcad.types.lattice import (
    BOOL,
    FLOAT,
    INT,
    UNKNOWN,
    Array,
    Record,
    Scalar,
    Static,
    Sym,
    Type,
    Unknown,
)
from srcad.types.of_value import DimTable, type_of

__all__ = ["TAKES_EXAMPLES", "Assumption", "assumed_types", "declared_types", "shown"]

_MOST_AXES: Final = 4
_DOUBLE: Final = np.dtype(np.float64)
_MATMUL: Final[object] = vars(operator)["matmul"]
_PLAIN: Final[dict[object, Type]] = {float: FLOAT, int: INT, bool: BOOL}


@dataclass(frozen=True, slots=True)
class Assumption:
    """The type of each parameter, and what has to be said of those that are taken for something."""

    types: tuple[Type, ...]
    notes: tuple[str, ...]

    @property
    def header(self) -> str:
        """The comment that stands before the text."""
        if not self.notes:
            return ""
        return "".join(f"# {line}\n" for line in ("Before any call it is assumed:", *self.notes))


def declared_types(callee: Callee) -> Assumption:
    """What is known without a call: values already given, and annotations.

    Parameters
    ----------
    callee : Callee
        A method's ``self`` and what a partial was given have the types of these values.

    Examples
    --------
    >>> from srcad.calls.unwrap import unwrap
    >>> def f(x, rate: float): ...
    >>> declared_types(unwrap(f)).notes
    ('`rate` is a float, as annotated.',)
    """
    dims = DimTable()
    hints = _hints(callee.fn)
    types: list[Type] = []
    notes: list[str] = []
    for at, p in enumerate(callee.parameters):
        if at < len(callee.leading) and p.kind is not p.VAR_POSITIONAL:
            types.append(type_of(callee.leading[at], dims))
            continue
        if p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD):
            types.append(UNKNOWN)
            continue
        hinted = _hinted(hints.get(p.name))
        types.append(hinted)
        if not isinstance(hinted, Unknown):
            notes.append(f"`{p.name}` is {_described(hinted)}, as annotated.")
    return Assumption(tuple(types), tuple(notes))


def assumed_types(callee: Callee, kinds: tuple[type, ...] = (Array,)) -> Assumption:
    """`declared_types`, with what those parameters must be that are no plain number.

    Parameters
    ----------
    callee : Callee
    kinds : tuple of type
        The kinds of types that may be assumed: `Array`, and `Scalar` for numbers as well.

    Examples
    --------
    >>> from srcad.calls.unwrap import unwrap
    >>> def f(u, rate):
    ...     u[1:] = rate * u[:-1]
    ...     return u.sum()
    >>> assumed_types(unwrap(f)).notes
    ('`u` is a float64 array with 1 axis.',)
    >>> assumed_types(unwrap(f), (Array, Scalar)).notes[1:]
    ('`rate` is a float.',)
    """
    declared = declared_types(callee)
    types = list(declared.types)
    notes = list(declared.notes)
    for at, p in enumerate(callee.parameters):
        if not isinstance(types[at], Unknown) or p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD):
            continue
        found = _least(callee.fn, types, at)
        if isinstance(found, kinds):
            types[at] = found
            notes.append(f"`{p.name}` is {_described(found)}.")
    return Assumption(tuple(types), tuple(notes))


TAKES_EXAMPLES: Final = "`source_for(...)` takes example arguments"
"""The way out where types are missing."""


def shown(callee: Callee, text_for: Callable[[tuple[Type, ...] | None], str]) -> str:
    """The text to show before any call: that for the fewest assumptions with which there is one.

    Parameters
    ----------
    callee : Callee
    text_for : callable
        Makes the text for the types of the parameters; ``None``: nothing is known of any.

    Raises
    ------
    SrcadError
        The refusal under most assumptions.
    """
    refusal: SrcadError | None = None
    tried: set[tuple[Type, ...]] = set()
    for assumption in _weakest_first(callee):
        if assumption.types in tried:
            continue
        tried.add(assumption.types)
        nothing = all(isinstance(t, Unknown) for t in assumption.types)
        try:
            return assumption.header + text_for(None if nothing else assumption.types)
        except SrcadError as error:
            refusal = error
    assert refusal is not None
    raise refusal if _is_refused_as_written(callee.fn) else _before_any_call(refusal)


def _weakest_first(callee: Callee) -> Iterator[Assumption]:
    yield declared_types(callee)
    if callee.star is not None or callee.double_star is not None:
        return
    yield assumed_types(callee)
    yield assumed_types(callee, (Array, Scalar))


def _is_refused_as_written(fn: FunctionType) -> bool:
    """Whether ``fn`` is refused for its text, whatever its arguments are."""
    try:
        normal_form(fn)
    except SrcadError:
        return True
    return False


def _before_any_call(error: SrcadError) -> SrcadError:
    remark = f"before any call no types are known: {TAKES_EXAMPLES}"
    return type(error)(
        error.message,
        source=error.source,
        origin=error.origin,
        why=error.why,
        instead=f"{error.instead.rstrip('.')}; {remark}" if error.instead else remark,
    )


# --- annotations ---------------------------------------------------------------------------------


def _hints(fn: FunctionType) -> Mapping[str, Any]:
    try:
        return get_type_hints(fn)
    except Exception:
        # A name that exists for type checkers only, or nothing that is a type at all.
        return inspect.get_annotations(fn) if not _is_lazy(fn) else {}


def _is_lazy(fn: FunctionType) -> bool:
    """Whether reading the annotations runs them: from Python 3.14 on."""
    return getattr(fn, "__annotate__", None) is not None


def _hinted(hint: Any) -> Type:
    if not isinstance(hint, type):
        return UNKNOWN
    cls: Any = hint
    if cls in _PLAIN:
        return _PLAIN[cls]
    names: tuple[str, ...] = getattr(cls, "_fields", ()) if tuple in cls.__mro__ else ()
    if is_dataclass(hint):
        names = tuple(f.name for f in fields(hint))
    if not names:
        return UNKNOWN
    inner = _class_hints(cls)
    return Record(cls, tuple((n, _hinted(inner.get(n))) for n in names))


def _class_hints(cls: type) -> Mapping[str, Any]:
    try:
        return get_type_hints(cls)
    except Exception:
        return {}


def _described(t: Type) -> str:
    match t:
        case Array(dtype, shape):
            return f"a {dtype} array with {len(shape)} ax{'is' if len(shape) == 1 else 'es'}"
        case Record(cls, _):
            return f"a {cls.__name__}"
        case Scalar(dtype):
            names = {"b": "a bool", "i": "an int", "f": "a float"}
            return names[dtype.kind]
        case _:
            return "of some type"


# --- what a use allows ---------------------------------------------------------------------------


class _Contradiction(Exception):
    """The types cannot be those of a call that returns."""


def _least(fn: FunctionType, types: list[Type], at: int) -> Type:
    """The first of number, int and arrays of more and more axes that parameter ``at`` can be.

    Of those that contradict nothing it is the first that leaves fewest changes of the unknown.
    """
    # No symbol twice: that no two extents need be equal is one assumption less.
    first = sum(len(t.shape) for t in types if isinstance(t, Array))
    symbols = tuple(map(Sym, range(first, first + _MOST_AXES)))
    arrays = tuple(Array(_DOUBLE, symbols[: n + 1]) for n in range(_MOST_AXES))
    found: Type = UNKNOWN
    fewest: int | None = None
    for candidate in (FLOAT, INT, *arrays):
        trial = tuple(candidate if i == at else t for i, t in enumerate(types))
        vague = _Trial().vague_changes(fn, trial)
        if vague is not None and (fewest is None or vague < fewest):
            found, fewest = candidate, vague
    return found


class _Trial:
    """Runs functions on types and looks for what can only fail."""

    def __init__(self) -> None:
        self._analyses = Analyses()
        self._results: dict[tuple[FunctionType, tuple[Type, ...]], Type | None] = {}
        self._vague = 0

    def vague_changes(self, fn: FunctionType, types: tuple[Type, ...]) -> int | None:
        """How many changes in place are of nobody knows what; ``None`` if ``types`` cannot be."""
        try:
            self._run(fn, types)
        except (_Contradiction, SrcadError):
            return None
        return self._vague

    def _run(self, fn: FunctionType, types: tuple[Type, ...]) -> Type | None:
        key = (fn, types)
        if key not in self._results:
            self._results[key] = None  # open, while it calls itself
            typed = specialise(
                self._analyses.normal(fn), types, self._run, self._analyses.changed_lists
            )
            for stmt in statements(typed.fn):
                _check(stmt, typed)
                match stmt:
                    case Store(Var() as obj) | AugAssign(Var() as obj):
                        self._vague += isinstance(_type(obj, typed), Unknown)
                    case _:
                        pass
            self._results[key] = typed.result
        return self._results[key]


def _check(stmt: object, typed: Typed) -> None:
    match stmt:
        case Store(obj, index, _) | AugAssign(obj, index, _, _) if index is not None:
            _check_index(_type(obj, typed), index, typed)
        case For(_, iterable) if isinstance(_type(iterable, typed), Scalar):
            raise _Contradiction
        case _:
            pass
    for name in ("value", "call", "iter"):
        found = getattr(stmt, name, None)
        if isinstance(found, Call):
            _check_call(found, typed)


def _check_call(call: Call, typed: Typed) -> None:
    fn = call.fn.value if isinstance(call.fn, Ref) else None
    types = tuple(_type(a, typed) for a in call.args)
    if fn is operator.getitem:
        _check_index(types[0], call.args[1], typed)
    elif _writes_into_first(fn) and isinstance(types[0], Scalar):
        raise _Contradiction
    elif fn is _MATMUL or fn is np.matmul or fn is len:
        if any(isinstance(t, Scalar) for t in types):
            raise _Contradiction
    elif fn is np.transpose and any(isinstance(t, Array) and t.ndim < 2 for t in types[:1]):
        # It does nothing to a vector, so it is meant for none.
        raise _Contradiction
    elif call.spell[:1] in (".", "@") and types and isinstance(types[0], Scalar):
        # A Python number has hardly any of the methods and attributes of an array.
        if types[0].weak and call.spell[1:] not in _OF_NUMBERS:
            raise _Contradiction
    elif fn is range and any(isinstance(t, Scalar | Array) and not _is_int(t) for t in types):
        raise _Contradiction
    for name, arg in call.kwargs:
        if name == "out" and isinstance(_type(arg, typed), Scalar):
            raise _Contradiction
    for arg in call.args:
        if isinstance(arg, Call):
            _check_call(arg, typed)


def _writes_into_first(fn: object) -> bool:
    return among(fn, IN_PLACE) or fn in (np.add.at, np.subtract.at)


_OF_NUMBERS: Final = frozenset({"real", "imag", "conjugate"})


def _check_index(t: Type, index: Expr, typed: Typed) -> None:
    parts = index.items if isinstance(index, Tuple) else (index,)
    types = [_type(p, typed) for p in parts]
    match t:
        case Scalar():
            raise _Contradiction
        case Array(_, shape):
            taken = sum(1 for p in types if not isinstance(p, Static))
            if taken > len(shape):
                raise _Contradiction
            if any(isinstance(p, Static) and isinstance(p.value, str) for p in types):
                raise _Contradiction
        case _:
            pass
    for p in types:
        if isinstance(p, Scalar | Array) and p.dtype.kind not in "iub":
            raise _Contradiction


def _is_int(t: Type) -> bool:
    return isinstance(t, Scalar) and t.dtype.kind in "iub"


def _type(expr: Expr, typed: Typed) -> Type:
    from srcad.types.operands import operand_type

    if isinstance(expr, Ref):
        return type_of(expr.value)
    if isinstance(expr, Call):
        return UNKNOWN
    return operand_type(cast("Var", expr), typed.types)
