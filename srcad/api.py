"""The functions that users call. Names, order of arguments and meaning are those of JAX."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, overload

from srcad.calls.selection import Argnums
from srcad.derivatives.derivative import Derivative
from srcad.derivatives.gradient import Gradient, ValueAndGradient
from srcad.derivatives.inlining import hessian_function, pullback_function, tangent_function
from srcad.derivatives.jacobian import ForwardJacobian, ReverseJacobian
from srcad.derivatives.linear import Forward
from srcad.derivatives.options import Options
from srcad.derivatives.points import hvp, jvp, vjp
from srcad.errors import ArgumentError
from srcad.notes import note

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


def _made(
    cls: Callable[[Function, Options], Derivative],
    fun: Function | None,
    argnums: Argnums,
    has_aux: bool,
    backend: str,
    without: Iterable[str],
) -> Any:
    options = _options(argnums, has_aux, backend, without)
    if fun is None:
        return partial(_of, cls, options)
    return cls(fun, options)


def _options(argnums: Argnums, has_aux: bool, backend: str, without: Any) -> Options:
    if not hasattr(without, "__iter__"):
        raise ArgumentError(
            f"without={without!r} names no optimisation passes", instead="without={'inplace'}"
        )
    left_out: frozenset[Any] = frozenset([without] if isinstance(without, str) else without)
    return Options(argnums, has_aux, backend, left_out or True)


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

    Raises
    ------
    ArgumentError, OutputError
        As for `grad`.

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

    Raises
    ------
    ArgumentError
        For ``argnums`` that do not fit; in the call, for an argument that is not made of floats, or
        is complex.
    OutputError
        In the call, if ``fun`` returns anything but floats, arrays of these and containers of both.

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

    Raises
    ------
    ArgumentError, OutputError
        As for `jacfwd`.

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

    Raises
    ------
    ArgumentError, OutputError
        As for `jacfwd`.

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
    options = _options(argnums, has_aux, backend, without)

    def of(f: Function) -> ForwardJacobian:
        # Both take the same argnums, so the Hessian has a block for each pair of arguments.
        return ForwardJacobian(ReverseJacobian(f, options), options)

    return of if fun is None else of(fun)


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


# What inference does where a differentiated function calls one of these.
for _maker in (grad, value_and_grad, jacfwd, jacrev, hessian, derivative_of):
    note(_maker, at_once=True)
note(jvp, stand_in=tangent_function)
note(vjp, stand_in=pullback_function)
note(hvp, stand_in=hessian_function)
