"""Generated functions compiled by Numba."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from types import FunctionType
from typing import Any

from srcad.backends.numba.functions import is_told, tell_numba
from srcad.backends.numba.reasons import is_refusal, refusal
from srcad.errors import SrcadError

__all__ = ["Compiled", "compile_with_numba"]


def compile_with_numba(call: FunctionType) -> Compiled:
    """``call`` compiled by Numba when it is first called, and every Python function that it calls.

    Parameters
    ----------
    call : FunctionType
        A generated function.

    Returns
    -------
    Compiled
        It is called like ``call``.

    Raises
    ------
    SrcadError
        If Numba is not installed.

    Examples
    --------
    >>> def double(x):
    ...     return 2 * x
    >>> compile_with_numba(double)(21.0)
    42.0
    """
    numba = _numba()
    tell_numba()
    return Compiled(call, _jit(call, numba, {}))


class Compiled:
    """A function that Numba compiles for each signature it is called with.

    Parameters
    ----------
    fn : FunctionType
        The generated function.
    compiled : callable
        What Numba made of it. Who calls this itself gives the errors to `tell`.

    Raises
    ------
    SrcadError
        When it is called, with Numba's reason, if Numba cannot compile it.
    """

    __slots__ = ("__name__", "__wrapped__", "compiled")

    def __init__(self, fn: FunctionType, compiled: Callable[..., Any]) -> None:
        self.__name__ = fn.__name__
        self.__wrapped__ = fn
        self.compiled = compiled

    def __call__(self, *args: Any) -> Any:
        try:
            return self.compiled(*args)
        except Exception as error:
            self.tell(error)
            raise

    def tell(self, error: BaseException) -> None:
        """Raise a refusal if ``error``, which `compiled` raised, comes of compiling.

        Raises
        ------
        SrcadError
        """
        if isinstance(error, Exception) and is_refusal(error):
            raise refusal(error, self.__wrapped__) from None

    def __repr__(self) -> str:
        return f"<{self.__name__}, compiled by Numba>"


def _numba() -> Any:
    try:
        return importlib.import_module("numba")
    except ImportError:
        pass
    raise SrcadError(
        "backend='numba' needs Numba, which is not installed",
        why="it compiles the derivative to machine code",
        instead="pip install \"srcad[numba]\", or backend='numpy'",
    )


def _jit(fn: FunctionType, numba: Any, done: dict[int, Any]) -> Any:
    """``fn`` compiled, and in its globals and closure every function that it names."""
    if id(fn) in done:
        return done[id(fn)]
    if fn.__globals__.get("__name__", "").startswith("numpy") and hasattr(fn, "__wrapped__"):
        # `np.errstate` around a function of `srcad.runtime`: Numba warns of nothing.
        return _jit(inspect.unwrap(fn), numba, done)
    space: dict[str, Any] = {"__name__": fn.__globals__.get("__name__", "srcad.generated")}
    # Numba reads the globals when it compiles: by then they are all there, its own name too.
    copy = FunctionType(fn.__code__, space, fn.__name__, fn.__defaults__, fn.__closure__)
    copy.__kwdefaults__ = fn.__kwdefaults__
    copy.__qualname__ = fn.__qualname__
    made = done[id(fn)] = numba.njit(error_model="numpy")(copy)
    for name, value in fn.__globals__.items():
        # Of SciPy's, which it does not know, Numba is to say so.
        is_python = isinstance(value, FunctionType) and not value.__module__.startswith("scipy.")
        is_python = is_python and not is_told(value)
        space[name] = _jit(value, numba, done) if is_python else value
    return made
