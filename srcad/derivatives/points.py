"""Derivatives at one point: `vjp`, `jvp` and `hvp`."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final, TypeVar

from srcad.derivatives.derivative import Derivative
from srcad.derivatives.gradient import Gradient
from srcad.derivatives.linear import Forward, Pullback, Reverse
from srcad.derivatives.options import Options
from srcad.errors import ArgumentError
from srcad.kinds import is_hashable

__all__ = ["hvp", "jvp", "recently", "vjp"]

Function = Callable[..., Any]
D = TypeVar("D", bound=Derivative)

_KEPT: Final = 64
_lock = threading.Lock()
_recent: OrderedDict[tuple[Any, ...], Derivative] = OrderedDict()


def recently(cls: type[D], fun: Function, options: Options) -> D:
    """The derivative of ``fun`` made last time, or a new one."""
    key = (cls, fun, options)
    if not is_hashable(key):
        return cls(fun, options)
    with _lock:
        found = _recent.get(key)
        if found is None:
            found = _recent[key] = cls(fun, options)
            if len(_recent) > _KEPT:
                _recent.popitem(last=False)
        else:
            _recent.move_to_end(key)
    assert isinstance(found, cls)
    return found


def vjp(
    fun: Function, *primals: Any, has_aux: bool = False, backend: str = "numpy"
) -> tuple[Any, Pullback] | tuple[Any, Pullback, Any]:
    """The value of a function, and the map from cotangents of the value to those of the arguments.

    Parameters
    ----------
    fun : callable
    *primals : tree
        Its arguments; all are differentiated. They must not be changed before the pullback is
        called.
    has_aux : bool
        Whether ``fun`` returns a pair ``(value, aux)``.
    backend : {"numpy", "numba"}

    Returns
    -------
    value : tree
    pullback : callable
        Takes a tree like ``value``, returns a tuple with a cotangent for each of ``primals``.
    aux : object
        Only with ``has_aux``.

    Raises
    ------
    ArgumentError
        If an argument is not made of floats, or a cotangent not like the value.

    Examples
    --------
    >>> import numpy as np
    >>> from srcad import vjp
    >>> def f(x, y):
    ...     return x * y
    >>> value, pullback = vjp(f, np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    >>> pullback(np.array([1.0, 10.0]))
    (array([ 3., 40.]), array([ 1., 20.]))
    """
    _check_any("vjp", primals)
    options = Options(tuple(range(len(primals))), has_aux, backend)
    return recently(Reverse, fun, options)(*primals)


def jvp(
    fun: Function,
    primals: tuple[Any, ...] | list[Any],
    tangents: tuple[Any, ...] | list[Any],
    has_aux: bool = False,
    *,
    backend: str = "numpy",
) -> Any:
    """The value of a function, and its derivative in one direction.

    Parameters
    ----------
    fun : callable
    primals : tuple or list of trees
        Its arguments; all are differentiated.
    tangents : tuple or list of trees
        The direction: one tangent for each argument, of its structure, shapes and dtypes.
    has_aux : bool
        Whether ``fun`` returns a pair ``(value, aux)``.
    backend : {"numpy", "numba"}

    Returns
    -------
    value, value_dot : tree
        And ``aux``, with ``has_aux``.

    Raises
    ------
    ArgumentError
        If an argument is not made of floats, or a tangent is not like its argument.

    Examples
    --------
    >>> from srcad import jvp
    >>> def f(x, y):
    ...     return x * y
    >>> jvp(f, (3.0, 4.0), (1.0, 10.0))
    (12.0, 34.0)
    """
    _check_sequences("jvp", primals, tangents)
    options = Options(tuple(range(len(primals))), has_aux, backend)
    return recently(Forward, fun, options)(tuple(primals), tuple(tangents))


def hvp(
    fun: Function,
    primals: tuple[Any, ...] | list[Any],
    tangents: tuple[Any, ...] | list[Any],
    *,
    backend: str = "numpy",
) -> Any:
    """The Hessian of a scalar function times a vector, without the Hessian: forward over reverse.

    Parameters
    ----------
    fun : callable
        Returns one real number.
    primals, tangents
        As for `jvp`.
    backend : {"numpy", "numba"}

    Returns
    -------
    tree or tuple of trees
        The derivative of the gradient in the direction ``tangents``: like the argument if there is
        one, else a tuple with one for each.

    Raises
    ------
    ArgumentError, OutputError
        As for `grad` and `jvp`.

    Examples
    --------
    >>> import numpy as np
    >>> from srcad import hvp
    >>> def f(x):
    ...     return np.sum(x * x * x)
    >>> hvp(f, (np.array([1.0, 2.0]),), (np.array([1.0, 1.0]),))
    array([ 6., 12.])
    """
    _check_sequences("hvp", primals, tangents)
    every = tuple(range(len(primals)))
    options = Options(0 if len(every) == 1 else every, False, backend)
    gradient = recently(Gradient, fun, options)
    forward = recently(Forward, gradient, Options(every, False, backend))
    return forward(tuple(primals), tuple(tangents))[1]


def _check_sequences(verb: str, primals: Any, tangents: Any) -> None:
    for name, given in (("primals", primals), ("tangents", tangents)):
        if not isinstance(given, tuple | list):
            raise ArgumentError(
                f"{verb}: {name} must be a tuple, not a {type(given).__name__}",
                why="there is one for each argument of the function",
                instead=f"({name[:-1]},)" if name == "primals" else "(tangent,)",
            )
    _check_any(verb, primals)
    if len(primals) != len(tangents):
        raise ArgumentError(
            f"{verb}: {len(primals)} primals and {len(tangents)} tangents",
            instead="give one tangent for each primal",
        )


def _check_any(verb: str, primals: Any) -> None:
    if not primals:
        raise ArgumentError(
            f"{verb}: there are no primals, so nothing is differentiated",
            instead="give the function's arguments",
        )
