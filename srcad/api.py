"""The functions that users call. Names, order of arguments and meaning are those of JAX."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final, TypeVar, overload

from srcad.derivative import Derivative, Options
from srcad.errors import ArgumentError
from srcad.gradient import Gradient, ValueAndGradient
from srcad.jacobian import ForwardJacobian, ReverseJacobian
from srcad.linear import Forward, Pullback, Reverse
from srcad.selection import Argnums

__all__ = [
    "derivative_of",
    "grad",
    "hessian",
    "hvp",
    "jacfwd",
    "jacobian",
    "jacrev",
    "jvp",
    "value_and_grad",
    "vjp",
]

Function = Callable[..., Any]
D = TypeVar("D", bound=Derivative)


def _made(
    cls: Callable[[Function, Options], Derivative],
    fun: Function | None,
    argnums: Argnums,
    has_aux: bool,
    backend: str,
    without: Iterable[str],
) -> Any:
    left_out = frozenset([without] if isinstance(without, str) else without)
    options = Options(argnums, has_aux, backend, left_out or True)
    if fun is None:
        return partial(_of, cls, options)
    return cls(fun, options)


def _of(cls: Callable[[Function, Options], Derivative], options: Options, fun: Function) -> Any:
    return cls(fun, options)


@overload
def grad(
    fun: Function,
    argnums: Argnums = 0,
    has_aux: bool = False,
    *,
    backend: str = "numpy",
    without: Iterable[str] = (),
) -> Gradient: ...
@overload
def grad(
    fun: None = None,
    argnums: Argnums = 0,
    has_aux: bool = False,
    *,
    backend: str = "numpy",
    without: Iterable[str] = (),
) -> Callable[[Function], Gradient]: ...
def grad(
    fun: Function | None = None,
    argnums: Argnums = 0,
    has_aux: bool = False,
    *,
    backend: str = "numpy",
    without: Iterable[str] = (),
) -> Any:
    """The gradient of a scalar function, as a function of the same arguments.

    Parameters
    ----------
    fun : callable
        A plain Python function of numbers, NumPy arrays and containers of these, which returns
        one real number. Without it a decorator is returned: ``@grad(argnums=1)``.
    argnums : int, str, or tuple of these
        The arguments to differentiate, by position or name. For one, its gradient is returned;
        for a tuple, a tuple of gradients. In a method ``self`` does not count.
    has_aux : bool
        Whether ``fun`` returns a pair ``(value, aux)`` of which only ``value`` is differentiated.
    backend : {"numpy", "numba"}
        What the generated code is made for.
    without : iterable of str
        Names of optimisation passes to leave out.

    Returns
    -------
    Gradient
        Called like ``fun``. A gradient has structure, shape and dtype of its argument. With
        ``has_aux`` the result is ``(gradient, aux)``.

    Raises
    ------
    ArgumentError
        For ``argnums`` that do not fit; in the call, for an argument that is not made of floats.
    OutputError
        In the call, if ``fun`` returns anything but one real number.

    Examples
    --------
    >>> from srcad import grad
    >>> def f(x, n):
    ...     return n * x * x
    >>> grad(f)(3.0, 2)
    12.0
    """
    return _made(Gradient, fun, argnums, has_aux, backend, without)


@overload
def value_and_grad(
    fun: Function,
    argnums: Argnums = 0,
    has_aux: bool = False,
    *,
    backend: str = "numpy",
    without: Iterable[str] = (),
) -> ValueAndGradient: ...
@overload
def value_and_grad(
    fun: None = None,
    argnums: Argnums = 0,
    has_aux: bool = False,
    *,
    backend: str = "numpy",
    without: Iterable[str] = (),
) -> Callable[[Function], ValueAndGradient]: ...
def value_and_grad(
    fun: Function | None = None,
    argnums: Argnums = 0,
    has_aux: bool = False,
    *,
    backend: str = "numpy",
    without: Iterable[str] = (),
) -> Any:
    """A scalar function together with its gradient.

    Parameters
    ----------
    fun, argnums, has_aux, backend, without
        As for `grad`.

    Returns
    -------
    ValueAndGradient
        Called like ``fun``; returns ``(value, gradient)``, with ``has_aux``
        ``((value, aux), gradient)``.

    Examples
    --------
    >>> from srcad import value_and_grad
    >>> def f(x):
    ...     return x * x
    >>> value_and_grad(f)(3.0)
    (9.0, 6.0)
    """
    return _made(ValueAndGradient, fun, argnums, has_aux, backend, without)


def jacfwd(
    fun: Function | None = None,
    argnums: Argnums = 0,
    has_aux: bool = False,
    *,
    backend: str = "numpy",
    without: Iterable[str] = (),
) -> Any:
    """The Jacobian of a function, by one forward sweep for each number in the arguments.

    Parameters
    ----------
    fun, argnums, has_aux, backend, without
        As for `grad`, but the result may be any tree of floats and float arrays.

    Returns
    -------
    ForwardJacobian
        Called like ``fun``. For arrays the result has the shape ``y.shape + x.shape``; for trees it
        is a tree like the result of trees like the argument.

    Examples
    --------
    >>> import numpy as np
    >>> from srcad import jacfwd
    >>> def f(x):
    ...     return x * x
    >>> jacfwd(f)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """
    return _made(ForwardJacobian, fun, argnums, has_aux, backend, without)


def jacrev(
    fun: Function | None = None,
    argnums: Argnums = 0,
    has_aux: bool = False,
    *,
    backend: str = "numpy",
    without: Iterable[str] = (),
) -> Any:
    """The Jacobian of a function, by one reverse sweep for each number in the result.

    Parameters
    ----------
    fun, argnums, has_aux, backend, without
        As for `jacfwd`.

    Returns
    -------
    ReverseJacobian
        As `jacfwd` has it.

    Examples
    --------
    >>> import numpy as np
    >>> from srcad import jacrev
    >>> def f(x):
    ...     return x * x
    >>> jacrev(f)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """
    return _made(ReverseJacobian, fun, argnums, has_aux, backend, without)


jacobian = jacrev


def hessian(
    fun: Function | None = None,
    argnums: Argnums = 0,
    has_aux: bool = False,
    *,
    backend: str = "numpy",
    without: Iterable[str] = (),
) -> Any:
    """The Hessian of a function: `jacfwd` of `jacrev`.

    Parameters
    ----------
    fun, argnums, has_aux, backend, without
        As for `jacfwd`.

    Returns
    -------
    ForwardJacobian
        Called like ``fun``. For arrays the result has the shape ``y.shape + x.shape + x.shape``.

    Examples
    --------
    >>> import numpy as np
    >>> from srcad import hessian
    >>> def f(x):
    ...     return np.sum(x * x * x)
    >>> hessian(f)(np.array([1.0, 2.0]))
    array([[ 6.,  0.],
           [ 0., 12.]])
    """
    left_out = frozenset([without] if isinstance(without, str) else without)
    options = Options(argnums, has_aux, backend, left_out or True)

    def of(f: Function) -> ForwardJacobian:
        # Both take the same argnums, so the Hessian has a block for each pair of arguments.
        return ForwardJacobian(ReverseJacobian(f, options), options)

    return of if fun is None else of(fun)


# --- at a point ----------------------------------------------------------------------------------

_KEPT: Final = 64
_lock = threading.Lock()
_recent: OrderedDict[tuple[Any, ...], Derivative] = OrderedDict()


def _recently(cls: type[D], fun: Function, options: Options) -> D:
    """The derivative of ``fun`` made last time, or a new one."""
    key = (cls, fun, options)
    try:
        hash(key)
    except TypeError:
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
    options = Options(tuple(range(len(primals))), has_aux, backend)
    return _recently(Reverse, fun, options)(*primals)


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
    return _recently(Forward, fun, options)(tuple(primals), tuple(tangents))


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
    gradient = _recently(Gradient, fun, options)
    forward = _recently(Forward, gradient, Options(every, False, backend))
    return forward(tuple(primals), tuple(tangents))[1]


def _check_sequences(verb: str, primals: Any, tangents: Any) -> None:
    for name, given in (("primals", primals), ("tangents", tangents)):
        if not isinstance(given, tuple | list):
            raise ArgumentError(
                f"{verb}: {name} must be a tuple, not a {type(given).__name__}",
                why="there is one for each argument of the function",
                instead=f"({name[:-1]},)" if name == "primals" else "(tangent,)",
            )
    if not primals:
        raise ArgumentError(
            f"{verb}: there are no primals, so nothing is differentiated",
            instead="give the function's arguments",
        )
    if len(primals) != len(tangents):
        raise ArgumentError(
            f"{verb}: {len(primals)} primals and {len(tangents)} tangents",
            instead="give one tangent for each primal",
        )


def derivative_of(
    fun: Function, *, mode: str = "reverse", argnums: Argnums = 0, backend: str = "numpy"
) -> Derivative:
    """The object behind `grad` (``mode="reverse"``) or `jvp` (``mode="forward"``).

    Examples
    --------
    >>> from srcad.api import derivative_of
    >>> def f(x):
    ...     return x * x
    >>> derivative_of(f, mode="forward")
    <jvp of f>
    """
    if mode not in ("forward", "reverse"):
        raise ArgumentError(f"there is no mode {mode!r}", instead="'forward' or 'reverse'")
    cls = Gradient if mode == "reverse" else Forward
    return cls(fun, Options(argnums, False, backend))
