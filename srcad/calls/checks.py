"""Refusals: arguments, tangents, cotangents and results that have no derivative."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from srcad.calls.selection import Selection
from srcad.calls.trees import difference, flatten, leaves_with_paths
from srcad.errors import ArgumentError, OutputError
from srcad.kinds import ARRAY, ARRAYS, DICT, FLOATING, SEQUENCE, TUPLE, counts_plainly
from srcad.runtime.operands import as_array
from srcad.runtime.returned import no_pair
from srcad.signature import Callee, place_of

__all__ = ["check_differentiable", "check_like", "check_pair", "check_result", "check_scalar"]


def check_differentiable(
    callee: Callee, selection: Selection, params: tuple[Any, ...], verb: str
) -> None:
    """Refuse an argument that is to be differentiated and is not made of floats.

    Raises
    ------
    ArgumentError
        For integers, bools, strings, ``None``, object arrays and other things without a derivative.
    """
    values = selection.pick([params[at] for at in selection.wrt])
    for label, value in zip(selection.labels, values, strict=True):
        for path, leaf in leaves_with_paths(value, label):
            if leaf is None and path != label:
                continue
            choose = "choose other argnums"
            if path != label:
                choose = f"give it as an argument of its own, beside `{label}`"
            what, instead = _not_a_float(leaf, path, choose)
            if what:
                raise ArgumentError(
                    f"{verb}: argument `{path}` of `{callee.name}` is {what}, and cannot be"
                    " differentiated",
                    **place_of(callee.fn),
                    why="only a float or complex number, or an array of them, has a derivative",
                    instead=instead,
                )


def _not_a_float(leaf: Any, path: str, choose: str) -> tuple[str, str]:
    """What ``leaf`` is, and what to pass in its place; two empty texts for a float."""
    if issubclass(type(leaf), type):
        choose = f"put the decorator above `@classmethod`, or {choose}"
    match leaf:
        case bool() | np.bool_():
            return "a bool", choose
        case float() | complex() | np.inexact():
            kind = type(leaf).__name__  # pyright: ignore[reportUnknownArgumentType]
            plain = counts_plainly(leaf)
            return ("", "") if plain else (f"a `{kind}`, with arithmetic of its own", choose)
        case int():
            return "an int", f"pass {leaf}.0 in place of {leaf}, or {choose}"
        case np.integer():
            return f"an integer ({_dtype(leaf)})", f"pass float({path}), or {choose}"
        case None:
            return "None", f"pass a number, or {choose}"
        case str():
            return "a string", choose
        case _ if isinstance(leaf, ARRAY) and type(leaf) not in ARRAYS:  # pyright: ignore[reportUnknownArgumentType]
            return f"a `{type(leaf).__name__}`, a kind of array that srcad does not know", (  # pyright: ignore[reportUnknownArgumentType]
                f"pass {as_array(type(leaf), path)}"  # pyright: ignore[reportUnknownArgumentType]
            )
        case _ if isinstance(leaf, ARRAY) and leaf.dtype.kind in "fc":
            return "", ""
        case _ if isinstance(leaf, ARRAY) and leaf.dtype.kind in "iu":
            return f"an integer array ({leaf.dtype})", f"pass {path}.astype(float), or {choose}"
        case _ if isinstance(leaf, ARRAY) and leaf.dtype.kind == "b":
            return "a bool array", choose
        case _ if isinstance(leaf, ARRAY) and leaf.dtype.kind == "O":
            return "an array of objects", f"pass {path}.astype(float)"
        case _ if isinstance(leaf, ARRAY):
            return f"an array of dtype {leaf.dtype}", choose
        case _ if isinstance(leaf, (SEQUENCE, DICT)):
            kind = next(k.__name__ for k in (list, tuple, dict) if isinstance(leaf, k))
            name = type(leaf).__name__  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
            return (
                f"a `{name}`, a kind of {kind} of which srcad cannot make another",
                f"pass {kind}({path})",
            )
        case _ if made := as_array(type(leaf), path):  # pyright: ignore[reportUnknownArgumentType]
            return f"{_article(leaf)} object, whose arithmetic srcad does not know", f"pass {made}"
        case _ if isinstance(getattr(leaf, "__dict__", None), dict) and not callable(leaf):
            what = f"{_article(leaf)} object"
            return what, f"make it a dict, a named tuple or a dataclass, or {choose}"
        case _:
            return f"{_article(leaf)} object", choose


def _article(leaf: Any) -> str:
    """The class of ``leaf`` with its article."""
    name = type(leaf).__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} `{name}`"


def check_result(value: Any, callee: Callee, verb: str, has_aux: bool = False) -> None:
    """Refuse a result that has no derivative at all: ``None``, a string, an integer.

    Raises
    ------
    OutputError
    """
    for path, leaf in leaves_with_paths(value, "result"):
        if leaf is None and path == "result":
            raise OutputError(
                f"{verb}: `{callee.name}` returned None",
                **place_of(callee.fn),
                why="a derivative is that of a returned value",
                instead="did you forget `return`?",
            )
        if leaf is None or isinstance(leaf, FLOATING):
            continue
        if isinstance(leaf, ARRAY) and leaf.dtype.kind in "fc":
            continue
        inside = "" if path == "result" else f", in {path},"
        raise OutputError(
            f"{verb}: `{callee.name}` returned{inside} {_kind_of(leaf)}, which has no derivative",
            **place_of(callee.fn),
            why="only a float or complex number, or an array of them, has a derivative",
            instead="return floats"
            if has_aux
            else "return floats; what needs no derivative goes into the second half of a pair, with"
            " has_aux=True",
        )


def check_scalar(value: Any, callee: Callee, verb: str) -> None:
    """Refuse a result of which there is no gradient: anything but one real number.

    Raises
    ------
    OutputError
    """
    if isinstance(value, float):
        return
    if isinstance(value, tuple | list | dict):
        raise OutputError(
            f"{verb}: `{callee.name}` returned a {type(value).__name__}, not a number",  # pyright: ignore[reportUnknownArgumentType]
            **place_of(callee.fn),
            why="a gradient is that of one real number",
            instead="return one number; for a number and other results, return a pair and say"
            " has_aux=True; for all derivatives of several results, use jacrev",
        )
    check_result(value, callee, verb)
    if np.shape(value) != ():
        raise OutputError(
            f"{verb}: `{callee.name}` returned an array of shape {np.shape(value)}, not a number",
            **place_of(callee.fn),
            why="a gradient is that of one real number",
            instead="sum the result, e.g. np.sum(...), or use jacrev for all derivatives of"
            " an array",
        )
    if np.iscomplexobj(value):
        raise OutputError(
            f"{verb}: `{callee.name}` returned a complex number",
            **place_of(callee.fn),
            why="a gradient is that of one real number",
            instead="return its real part or its modulus, or use vjp",
        )


def check_pair(value: Any, callee: Callee, verb: str) -> None:
    """Refuse a result that is no pair, where ``has_aux`` says it is one."""
    if not isinstance(value, TUPLE) or len(value) != 2:  # pyright: ignore[reportUnknownArgumentType]
        what = _kind_of(value)
        if isinstance(value, TUPLE):
            what = f"a tuple of length {len(value)}"  # pyright: ignore[reportUnknownArgumentType]
        raise no_pair(callee.name, what, verb=verb, **place_of(callee.fn))


def check_like(primal: Any, other: Any, role: str, name: str, verb: str) -> Any:
    """``other``, if it is a tangent or cotangent for ``primal``; a Python number takes its dtype.

    Parameters
    ----------
    primal, other : tree
    role : str
        ``"tangent"`` or ``"cotangent"``.
    name : str
        What ``other`` is called in messages.
    verb : str

    Raises
    ------
    ArgumentError
        If structure, shape or dtype differ.
    """
    kind: Any = primal.__class__
    if type(other) is kind and (kind is float or (kind is np.ndarray and _agree(primal, other))):
        return other
    return _checked(primal, other, role, name, verb)


def _agree(primal: Any, other: Any) -> bool:
    return primal.shape == other.shape and primal.dtype == other.dtype


def _checked(primal: Any, other: Any, role: str, name: str, verb: str) -> Any:
    where = difference(primal, other, name)
    if where:
        raise ArgumentError(
            f"{verb}: {where}",
            why=f"a {role} has the structure of its value",
            instead=f"give a {role} for each number of the value, in the same containers",
        )
    leaves, structure = flatten(primal)
    given = flatten(other)[0]
    # The numbering tells which path belongs to which leaf, whatever order dicts are walked in.
    numbered = leaves_with_paths(structure.unflatten(list(range(structure.size))), name)
    paths = {at: path for path, at in numbered}
    made = [
        _leaf(x, t, role, paths[at], verb)
        for at, (x, t) in enumerate(zip(leaves, given, strict=True))
    ]
    return structure.unflatten(made)


def _leaf(x: Any, t: Any, role: str, path: str, verb: str) -> Any:
    if x is t is None:
        return None
    wanted = f"a {role} has the shape and dtype of its value"
    if not isinstance(t, FLOATING) and not (isinstance(t, ARRAY) and t.dtype.kind in "fc"):
        instead = f"pass {t}.0" if type(t) is int else f"pass floats of shape {np.shape(x)}"
        raise ArgumentError(f"{verb}: {path} is {_kind_of(t)}", why=wanted, instead=instead)
    if np.shape(t) != np.shape(x):
        raise ArgumentError(
            f"{verb}: {path} has shape {np.shape(t)}, and its value has shape {np.shape(x)}",
            why=wanted,
            instead=f"pass an array of shape {np.shape(x)}"
            if np.shape(x)
            else "pass a single number",
        )
    dtype = np.asarray(x).dtype
    if type(t) is float or (type(t) is complex and dtype.kind == "c"):
        return t if type(x) in (float, complex) else np.asarray(t, dtype)[()]
    if np.asarray(t).dtype != dtype:
        raise ArgumentError(
            f"{verb}: {path} is {np.asarray(t).dtype}, and its value is {dtype}",
            why=wanted,
            instead=f"pass it as {dtype}, e.g. np.asarray({role}, np.{dtype})",
        )
    # An array without axes could be changed in place, which a number is not.
    return t if isinstance(x, ARRAY) or np.ndim(t) else cast("Any", t)[()]


def _kind_of(value: Any) -> str:
    match value:
        case None:
            return "None"
        case bool() | np.bool_():
            return "a bool"
        case int():
            return "an int"
        case str():
            return "a string"
        case float():
            return "a float"
        case _ if isinstance(value, ARRAY):
            return f"an array of dtype {value.dtype}"
        case np.generic():
            return f"a number of dtype {_dtype(value)}"
        case _:
            return f"a `{type(value).__name__}` object"


def _dtype(value: Any) -> str:
    return str(value.dtype)
