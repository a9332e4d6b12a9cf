"""The plain Python function behind whatever can be called."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from types import BuiltinFunctionType, FunctionType, MappingProxyType, MethodType, ModuleType
from typing import Any, Final, cast

import numpy as np

from srcad.calls.compose import around
from srcad.compiled import plain_behind
from srcad.errors import ArgumentError, NoSourceError
from srcad.kinds import WithOwnDerivative
from srcad.signature import Callee, signature_of

__all__ = ["path_of", "unwrap"]

_USES: Final = MappingProxyType(
    {
        "jvp": "jvp(f, (x,), (v,)): give the function itself, its arguments and their tangents",
        "vjp": "vjp(f, x): give the function itself, and its arguments",
    }
)
"""How what takes a function and its arguments at once is called."""

Written = Callable[[Any], FunctionType | None]


def unwrap(fun: Any, verb: str = "grad", written: Written = lambda _: None) -> Callee:
    """The plain function behind ``fun``.

    Parameters
    ----------
    fun : callable
        A function, method, lambda, `functools.partial` or object with a Python ``__call__``.
    verb : str
        What the caller is about to do, for messages.
    written : callable
        Gives the Python function that stands for one that is not written in Python, if it knows.

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
            is_scipys = str(fun.__module__).startswith("scipy.")
            return _plain((written(fun) if is_scipys else None) or fun)
        case MethodType():
            inner = unwrap(fun.__func__, verb, written)
            return Callee(inner.fn, inner.signature, (*inner.leading, fun.__self__), inner.keywords)
        case functools.partial():
            inner = unwrap(fun.func, verb, written)
            keywords = MappingProxyType({**inner.keywords, **fun.keywords})
            return Callee(inner.fn, inner.signature, (*inner.leading, *fun.args), keywords)
        case staticmethod() | classmethod():
            # A class that holds what is made of a classmethod gives itself; see `__get__`.
            return unwrap(cast("Any", fun).__func__, verb, written)
        case type():
            raise ArgumentError(
                f"{verb} was given the class `{fun.__name__}`",
                why="a class makes an object, and an object has no derivative",
                instead="give a function that makes the object and returns a number computed"
                " from it",
            )
        case BuiltinFunctionType() | np.ufunc():
            return _not_python(fun, verb, written)
        case _:
            return _unwrap_object(fun, verb, written)


def _plain(fn: FunctionType) -> Callee:
    return Callee(fn, signature_of(fn))


def _unwrap_object(fun: Any, verb: str, written: Written) -> Callee:
    if isinstance(fun, WithOwnDerivative):
        return _of_custom(fun)
    # These two keep the Python function that they were made of, and compute the same.
    if (plain := plain_behind(fun)) is not None:
        return _plain(plain)
    if isinstance(fun, _Cached) and isinstance(fun.__wrapped__, FunctionType):
        return _plain(fun.__wrapped__)
    if isinstance(fun, np.vectorize):
        raise NoSourceError(
            f"{verb} was given what `np.vectorize` makes",
            why="it calls a function for each item of an array, out of NumPy's own code",
            instead=f"{verb}(lambda x: np.sum(np.array([f(v) for v in x]))), with the function `f`"
            " of numbers",
        )
    call: Any = inspect.getattr_static(fun.__class__, "__call__", None)
    if isinstance(call, FunctionType) and call.__module__.partition(".")[0] == "srcad":
        raise NoSourceError(
            f"{verb} was given {fun!r}, which is no function of yours",
            why="srcad differentiates the source of a function, and this is an object of its own",
            instead="call `vjp` in a function, and differentiate that: `lambda x: vjp(f, x)[1](g)`",
        )
    if isinstance(call, FunctionType):
        return Callee(call, signature_of(call), (fun,))
    name = type(fun).__name__
    if callable(fun):
        if path_of(fun):
            return _not_python(fun, verb, written)
        raise NoSourceError(
            f"{verb} was given a `{name}` object, whose __call__ is not written in Python",
            why="srcad differentiates the source of a function, and this one has none",
            instead="wrap it in a function, or give it a rule of its own with srcad.rule",
        )
    raise ArgumentError(
        f"{verb} needs a function, not {_described(fun)}",
        instead=_USES.get(verb)
        or f"{verb}(f)(x): give the function itself, and the arguments to what {verb} returns",
    )


def _not_python(fun: Any, verb: str, written: Written) -> Callee:
    if (fn := written(fun)) is not None:
        return _plain(fn)
    path = path_of(fun)
    owner = getattr(fun, "__self__", None)
    if owner is None or isinstance(owner, ModuleType):
        instead = "write what it does in Python and NumPy, or give it a rule with srcad.rule"
    else:
        given = "" if isinstance(owner, np.ndarray) else "x"
        instead = f"write a def or lambda around it: {verb}(lambda x: {path}({given}))"
    raise NoSourceError(
        f"{verb} was given `{path}`, which is not written in Python",
        why="srcad differentiates the source of a function, and this one has none",
        instead=instead,
    )


def path_of(fun: Any) -> str:
    """What one writes to call a function that is not written in Python, if it has a name.

    Examples
    --------
    >>> path_of(np.linalg.norm), path_of(np.add.reduce), path_of(abs), path_of(np.ones(2).sum)
    ('np.linalg.norm', 'np.add.reduce', 'abs', 'x.sum')
    """
    name = str(getattr(fun, "__name__", ""))
    owner: Any = getattr(fun, "__self__", None)
    if isinstance(owner, np.ndarray):
        return f"x.{name}"
    if isinstance(owner, np.ufunc):
        return f"{path_of(owner)}.{name}"
    module = str(getattr(fun, "__module__", None) or "builtins")
    if getattr(np, name, None) is fun:
        return f"np.{name}"
    if module.partition(".")[0] == "numpy" and not isinstance(fun, np.ufunc):
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
