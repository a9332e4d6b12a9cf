"""Generated functions compiled by Numba, and what it refuses told in srcad's words."""

from __future__ import annotations

import importlib
import inspect
import os
import re
from collections.abc import Callable
from pathlib import Path
from types import FunctionType, TracebackType
from typing import Any, Final

from srcad.backends.numba.functions import is_told, tell_numba
from srcad.emit.load import place_of
from srcad.errors import SrcadError
from srcad.ir.nodes import Origin, Source

__all__ = ["Compiled", "compile_with_numba"]

_HERE: Final = str(Path(__file__).parents[2]) + os.sep
_INSTEAD: Final = "backend='numpy', which runs all that NumPy does"
_NOISE: Final = re.compile(r"\x1b\[[0-9;]*m")
_LINES: Final = 4


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
        if isinstance(error, Exception) and _is_refusal(error):
            raise _refusal(error, self.__wrapped__) from None

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


# --- refusals ------------------------------------------------------------------------------------


def _is_refusal(error: Exception) -> bool:
    """Whether ``error`` comes of compiling, and not of running what was compiled."""
    module = type(error).__module__
    return module.startswith("numba.") or bool(_met(error)) or _passes_numba(error.__traceback__)


def _met(error: Exception) -> str:
    """What Numba found as it ran that it cannot do, as it had taken it for something else."""
    match error:
        case NotImplementedError() if str(error) == "incompatible shape for array":
            return "it reshapes contiguous arrays only"
        case TypeError() if re.fullmatch("expected .*, got None", str(error)):
            return "it keeps no lists of what may be `None`, nor other values of two types"
        case _:
            return ""


def _passes_numba(traceback: TracebackType | None) -> bool:
    while traceback is not None:
        if str(traceback.tb_frame.f_globals.get("__name__", "")).startswith("numba."):
            return True
        traceback = traceback.tb_next
    return False


def _refusal(error: Exception, fn: FunctionType) -> SrcadError:
    source, origin = _place(error) or place_of(fn.__code__.co_filename, 0) or (None, None)
    met = _met(error)
    return SrcadError(
        f"Numba cannot {'run' if met else 'compile'} the derivative `{fn.__name__}`",
        source=source,
        origin=origin,
        why=met or _reason(str(error)) or type(error).__name__,
        instead=_INSTEAD,
    )


def _place(error: Exception) -> tuple[Source, Origin | None] | None:
    """The innermost line of the user's that the message names; of srcad's, if there is no other."""
    named = re.findall(r'File "(<srcad [^"]*>)", line (\d+)', _NOISE.sub("", str(error)))
    places = [found for name, line in named if (found := place_of(name, int(line))) is not None]
    users = (found for found in places if not found[0].filename.startswith(_HERE))
    return next(users, places[0] if places else None)


def _reason(message: str) -> str:
    """The first lines that say what is the matter."""
    rows = [
        row.strip() for row in _NOISE.sub("", message).partition(" Raised from ")[0].splitlines()
    ]
    argument = next((row for row in rows if row.startswith("- argument ")), None)
    if argument is not None:
        return argument[2:]
    kept: list[str] = []
    for row in rows:
        if row.startswith(("There are ", "During:", "File ", "- Of which", "Overload ")):
            break
        if row and not row.startswith(("Failed in ", ">>>")):
            kept.append(row)
        elif row.startswith(">>>"):
            kept.append(row[3:].strip())
    return "\n  ".join(kept[:_LINES])
