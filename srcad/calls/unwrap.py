"""The plain Python function behind whatever can be called."""

from __future__ import annotations

import functools
import inspect
from types import BuiltinFunctionType, FunctionType, MappingProxyType, MethodType
from typing import Any, cast

import numpy as np

from srcad.calls.compose import around
from srcad.compiled import plain_behind
from srcad.errors import ArgumentError, NoSourceError
from srcad.signature import Callee, signature_of

__all__ = ["unwrap"]


def unwrap(fun: Any, verb: str = "grad") -> Callee:
    """The plain function behind ``fun``.

    Parameters
    ----------
    fun : callable
        A function, method, lambda, `functools.partial` or object with a Python ``__call__``.
    verb : str
        What the caller is about to do, for messages.

    Raises
    ------
    NoSourceError
        If there is no Python function behind ``fun``.
    ArgumentError
        If ``fun`` is a class, or cannot be called at all.

    Examples
    --------
    >>> from functools import partial
    >>> def f(x, y): ...
    >>> unwrap(partial(f, 1.0)).leading
    (1.0,)
    """
    match fun:
        case FunctionType():
            return _plain(fun)
        case MethodType():
            inner = unwrap(fun.__func__, verb)
            return Callee(inner.fn, inner.signature, (*inner.leading, fun.__self__), inner.keywords)
        case functools.partial():
            inner = unwrap(fun.func, verb)
            keywords = MappingProxyType({**inner.keywords, **fun.keywords})
            return Callee(inner.fn, inner.signature, (*inner.leading, *fun.args), keywords)
        case staticmethod() | classmethod():
            # A class that holds what is made of a classmethod gives itself; see `__get__`.
            return unwrap(cast("Any", fun).__func__, verb)
        case type():
            raise ArgumentError(
                f"{verb} was given the class `{fun.__name__}`",
                why="a class makes an object, and an object has no derivative",
                instead="give a function that makes the object and returns a number computed"
                " from it",
            )
        case BuiltinFunctionType() | np.ufunc():
            raise _not_python(fun, verb, _path_of(fun))
        case _:
            return _unwrap_object(fun, verb)


def _plain(fn: FunctionType) -> Callee:
    return Callee(fn, signature_of(fn))


def _unwrap_object(fun: Any, verb: str) -> Callee:
    if hasattr(fun, "nondiff_argnums"):
        return _of_custom(fun)
    # These two keep the Python function that they were made of, and compute the same.
    if (plain := plain_behind(fun)) is not None:
        return _plain(plain)
    if isinstance(fun, _Cached) and isinstance(fun.__wrapped__, FunctionType):
        return _plain(fun.__wrapped__)
    call: Any = inspect.getattr_static(fun.__class__, "__call__", None)
    if isinstance(call, FunctionType):
        return Callee(call, signature_of(call), (fun,))
    name = type(fun).__name__
    if callable(fun):
        path = _path_of(fun)
        raise (
            _not_python(fun, verb, path)
            if path
            else NoSourceError(
                f"{verb} was given a `{name}` object, whose __call__ is not written in Python",
                why="srcad differentiates the source of a function, and this one has none",
                instead="wrap it in a function, or give it a rule of its own with srcad.rule",
            )
        )
    raise ArgumentError(
        f"{verb} needs a function, not {_described(fun)}",
        instead=f"{verb}(f)(x): give the function itself, and the arguments to what {verb} returns",
    )


def _not_python(fun: Any, verb: str, path: str) -> NoSourceError:
    return NoSourceError(
        f"{verb} was given `{path}`, which is not written in Python",
        why="srcad differentiates the source of a function, and this one has none",
        instead=f"write a def or lambda around it: {verb}(lambda x: {path}(x))",
    )


def _path_of(fun: Any) -> str:
    """What one writes to call a function that is not written in Python, if it has a name."""
    name = str(getattr(fun, "__name__", ""))
    owner: Any = getattr(fun, "__self__", None)
    if isinstance(owner, np.ndarray):
        return f"x.{name}"
    module = str(getattr(fun, "__module__", None) or "builtins")
    if isinstance(fun, np.ufunc) or module.partition(".")[0] == "numpy":
        return f"np.{'linalg.' if module == 'numpy.linalg' else ''}{name}" if name else ""
    return name if not name or module == "builtins" else f"{module}.{name}"


_Cached: Any = type(functools.lru_cache(lambda: None))


def _of_custom(fun: Any) -> Callee:
    """A function around a `custom_vjp` or `custom_jvp`, whose own derivative is then taken."""
    inner: Callee = fun.callee
    return Callee(around(fun, inner), inner.signature)


def _described(value: object) -> str:
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
