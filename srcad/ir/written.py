"""What is called, as the user wrote it."""

from __future__ import annotations

import collections
import functools
import itertools
import re
import types
from collections.abc import Hashable, Mapping
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from srcad.ir.nodes import Call, Origin, Ref, Source
from srcad.ir.scipys import instead_of_scipys

__all__ = ["UNKNOWN_CALLEE", "behind_decorator", "known_way", "way_out", "written"]

UNKNOWN_CALLEE: Final = (
    "srcad cannot tell which function is called here",
    "it is known only when the program runs",
    "call it by its name, as a method, or out of a list, tuple or dict of functions that is global"
    " or an attribute",
)
"""The message, reason and way out where a function is called that is no constant."""

_DOTTED = re.compile(r"\w+(\.\w+)+(?=\()")


def written(call: Call, source: Source, origin: Origin | None) -> str:
    """The name of the function that ``call`` calls, for messages.

    The name in the text that is generated is not the user's where the function is held by an
    object: ``Generator_normal``.

    Examples
    --------
    >>> source = Source("f.py", 1, "f", ("def f(x):", "    return rng.normal(x)"))
    >>> call = Call(Ref("Generator_normal", max), (), origin=Origin(2, 11, 2, 24))
    >>> written(call, source, None)
    'rng.normal'
    """
    path = call.fn.path if isinstance(call.fn, Ref) else "this call"
    where = call.origin or origin
    if "." in path or where is None or not 1 <= where.line <= len(source.lines):
        return path
    found = _DOTTED.match(source.lines[where.line - 1], where.col)
    return found[0] if found else path


_Cached: Final[Any] = type(functools.lru_cache(lambda: None))

_PLACES = "run over the places, `{name}(range(len(x)), ...)`, and read the items there"

_DICT = "use a dict whose keys stand in the text: `d = {{}}`, `d['k'] = d.get('k', 0.0) + y`"

_BY_ITEMS: Final = "call the function of numbers itself: `np.array([f(v) for v in x])`"

_SYMMETRIC: Final = (
    "of a symmetric matrix, use `np.linalg.{0}`; for others, wrap it with `srcad.custom_vjp`"
)

_WAYS: Final[Mapping[object, str]] = MappingProxyType(
    {
        collections.Counter: _DICT,
        collections.defaultdict: _DICT,
        collections.deque: "use a list: `xs.append(y)`, `xs.pop(0)`; its last items are `xs[-n:]`",
        functools.partial: "define a function inside, `def g(y): return f(x, y)`, or a lambda",
        iter: "read the items at their places, `x[0]`, or run over them in a loop",
        itertools.compress: "use a list comprehension, `[v for v, c in zip(x, chosen) if c]`",
        itertools.combinations: _PLACES,
        itertools.dropwhile: "find the place in a loop, and use a slice, `x[i:]`",
        itertools.filterfalse: "use a list comprehension, `[v for v in x if not test(v)]`",
        filter: "use a list comprehension, `[v for v in x if test(v)]`",
        itertools.groupby: "run over the items in a loop, and keep a total for each group",
        itertools.repeat: "write the value in each turn of the loop",
        itertools.takewhile: "find the place in a loop, and use a slice, `x[:i]`",
        itertools.zip_longest: "run over the places, and choose: `x[i] if i < len(x) else 0.0`",
        itertools.pairwise: "use `zip(x[:-1], x[1:])`",
        itertools.permutations: _PLACES,
        itertools.product: _PLACES,
        itertools.starmap: "write it out: `[f(a, b) for a, b in pairs]`",
        np.add.reduceat: "add up in a loop, or by `np.add.at`",
        np.asfortranarray: "leave it out: it changes the layout in memory, and no number",
        np.fft.irfft2: "use `np.fft.ifft2`, and take the real part, `np.real(...)`",
        np.fft.rfft2: "use `np.fft.fft2(x)[..., : x.shape[-1] // 2 + 1]`",
        np.fromfunction: "call the function on the places, `i, j = np.indices(shape)`",
        np.frompyfunc: _BY_ITEMS,
        np.histogram: "find the bins, `i = np.digitize(at, edges)`, and add up in them: "
        "`np.bincount(i, weights=w)`",
        np.linalg.eig: _SYMMETRIC.format("eigh"),
        np.linalg.eigvals: _SYMMETRIC.format("eigvalsh"),
        map: "use a list comprehension, `[f(v) for v in x]`",
        np.ndenumerate: "run over it in a loop, `for at, item in np.ndenumerate(x)`",
        np.nditer: "run over `x.ravel()`, or over places, `for i in np.ndindex(x.shape)`",
        np.piecewise: "choose among values: `np.where(c, a, b)`, or `np.select([c, d], [a, b])`",
        np.polynomial.Polynomial: "call `np.polynomial.polynomial.polyval(t, c)` with the"
        " coefficients",
        types.SimpleNamespace: "use a dict, or a named tuple or dataclass that is defined outside",
        np.poly1d: "call `np.polyval(p, x)` with the coefficients",
        np.vectorize: _BY_ITEMS,
        set: "keep what is differentiated in a list or a tuple",
    }
)
"""What does the same as functions without a derivative."""


def way_out(call: Call, name: str, given: str) -> str:
    """What to write instead of ``call``, whose function has no derivative.

    Parameters
    ----------
    call : Call
    name : str
        What it is called, as `written` tells.
    given : str
        What stands for its argument where it needs no derivative.
    """
    return known_way(call, name) or (
        "give it one with `srcad.rule`, or wrap it with `srcad.custom_vjp`;"
        f" if it needs no derivative, call it on {given}"
    )


def known_way(call: Call, name: str) -> str | None:
    """What does the same as ``call``, whose function is called ``name``, if that is known."""
    fn = call.fn.value if isinstance(call.fn, Ref) else None
    way = _WAYS.get(fn) if isinstance(fn, Hashable) else None
    if way := way or instead_of_scipys(call) or _numpys(fn):
        return way.format(name=name)
    if isinstance(fn, _Cached):
        return f"call the function behind the cache, `{name}.__wrapped__(...)`"
    if isinstance(fn, np.vectorize):
        return f"call the function of numbers itself: `np.array([{name}.pyfunc(v) for v in x])`"
    if isinstance(getattr(fn, "__self__", None), np.ufunc):
        ufunc = name.rpartition(".")[0]
        return f"go through the items in a loop: `for v in x[1:]: y = {ufunc}(y, v)`"
    if (behind := behind_decorator(fn, name)) is not None:
        return f"call {behind}"
    if type(fn).__module__.startswith("numba."):
        return "write it as a function of arrays, or of numbers, and compile it with `njit`"
    return None


def behind_decorator(fn: object, name: str) -> str | None:
    """Where the user's function is that ``fn``, which is called ``name``, was made of.

    Examples
    --------
    >>> import functools
    >>> behind_decorator(functools.singledispatch(len), "area")
    'the function for the type of the argument, which `area.dispatch(np.ndarray)` finds outside'
    """
    if callable(getattr(fn, "dispatch", None)) and hasattr(fn, "registry"):
        found = f"`{name}.dispatch(np.ndarray)` finds outside"
        return f"the function for the type of the argument, which {found}"
    if isinstance(fn, types.FunctionType) and hasattr(fn, "__wrapped__"):
        return f"the function behind its decorator, `{name}.__wrapped__`"
    return None


_LIKE_NUMPY: Final = frozenset({"autograd", "cupy", "jax", "tensorflow", "torch"})


def _numpys(fn: object) -> str | None:
    """NumPy's function in place of that of another library, which calls it the same."""
    library = str(getattr(fn, "__module__", "")).partition(".")[0]
    if library not in _LIKE_NUMPY:
        return None
    name = str(getattr(fn, "__name__", ""))
    return (
        f"use NumPy's `numpy.{name}`" if hasattr(np, name) else "compute it by functions of NumPy's"
    )
