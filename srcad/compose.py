"""Plain functions around generated ones, as text, so that they can be differentiated in turn."""

from __future__ import annotations

import itertools
import linecache
from dataclasses import dataclass
from types import FunctionType
from typing import Any

from srcad.kinds import TUPLE
from srcad.selection import Selection
from srcad.signature import Callee
from srcad.types.lattice import TupleOf, Type
from srcad.types.of_value import type_of

__all__ = ["Layout", "completed", "composed_text", "define"]

_numbers = itertools.count(1)


def define(name: str, text: str, names: dict[str, Any]) -> FunctionType:
    """The function ``name`` that ``text`` defines, with ``names`` as its globals.

    Its text is found by `inspect.getsource`, as that of any function.

    Examples
    --------
    >>> define("f", "def f(x):\\n    return a * x\\n", {"a": 2.0})(3.0)
    6.0
    """
    filename = f"<srcad {name} composed {next(_numbers)}>"
    space: dict[str, Any] = {"__name__": "srcad.generated", **names}
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    exec(compile(text, filename, "exec"), space)
    return space[name]


@dataclass(frozen=True, slots=True)
class Layout:
    """How the result of a generated gradient becomes what the caller of `grad` gets.

    Parameters
    ----------
    selection : Selection
    has_aux, with_value : bool
        What else the generated function returns.
    """

    selection: Selection
    has_aux: bool = False
    with_value: bool = False

    def unpack(self, out: Any) -> tuple[Any, Any, Any]:
        """The value, the auxiliary result and a tuple of gradients, as far as there are such."""
        if self.with_value:
            value, aux, grads = out if self.has_aux else (out[0], None, out[1])
        else:
            value, aux, grads = (None, *out) if self.has_aux else (None, None, out)
        return value, aux, self.selection.several(grads)

    def pack(self, value: Any, aux: Any, chosen: Any) -> Any:
        """What `grad` or `value_and_grad` returns."""
        if self.with_value:
            return ((value, aux), chosen) if self.has_aux else (value, chosen)
        return (chosen, aux) if self.has_aux else chosen

    def function(self, name: str, params: list[str], call: Any) -> FunctionType:
        """A plain function of ``params`` that returns what the derivative returns."""
        if self.is_identity and isinstance(call, FunctionType):
            return call
        taken = {*params, name}
        inner = _fresh(getattr(call, "__name__", "derivative"), taken)
        grads, value, aux = (_fresh(n, taken) for n in ("gradients", "value", "aux"))
        got = [n for n, has in ((value, self.with_value), (aux, self.has_aux)) if has]
        target = ", ".join([*got, grads])
        one = len(self.selection.wrt) == 1
        picked = [
            (grads if one else f"{grads}[{at}]") + ("" if item is None else f"[{item!r}]")
            for at, item in self.selection.picks
        ]
        chosen = picked[0] if self.selection.bare else _tuple(picked)
        result = {
            (False, False): chosen,
            (True, False): f"{value}, {chosen}",
            (False, True): f"{chosen}, {aux}",
            (True, True): f"({value}, {aux}), {chosen}",
        }[self.with_value, self.has_aux]
        text = (
            f"def {name}({', '.join(params)}):\n"
            f"    {target} = {inner}({', '.join(params)})\n"
            f"    return {result}\n"
        )
        return define(name, text, {inner: call})

    @property
    def is_identity(self) -> bool:
        """Whether the generated function returns the very thing that the derivative returns."""
        selection = self.selection
        return (
            selection.is_direct and selection.bare == (len(selection.wrt) == 1) and not self.has_aux
        )


def _tuple(items: list[str]) -> str:
    return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"


def _fresh(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    taken.add(name)
    return name


def completed(
    callee: Callee, types: tuple[Type, ...]
) -> tuple[list[str], dict[str, Any], tuple[Type, ...]]:
    """A call by position completed to all parameters of the function behind.

    Parameters
    ----------
    callee : Callee
    types : tuple of Type
        Those of the arguments of the call.

    Returns
    -------
    arguments : list of str
        The text of each argument of the complete call; ``a0``, ``a1``, ... are those of the call.
    names : dict
        The values of the other names in ``arguments``.
    types : tuple of Type
        Those of all parameters.
    """
    marks = [_Mark(i) for i in range(len(types))]
    values = callee.bind(tuple(marks), {})
    names: dict[str, Any] = {}
    arguments: list[str] = []
    all_types: list[Type] = []
    for p, value in zip(callee.parameters, values, strict=True):
        text, t = _complete(value, p.name, names, types)
        arguments.append(text)
        all_types.append(t)
    return arguments, names, tuple(all_types)


@dataclass(frozen=True, slots=True)
class _Mark:
    """Stands for an argument of a call while it is bound."""

    at: int


def _complete(
    value: Any, name: str, names: dict[str, Any], types: tuple[Type, ...]
) -> tuple[str, Type]:
    if isinstance(value, _Mark):
        return f"a{value.at}", types[value.at]
    if isinstance(value, TUPLE) and any(isinstance(x, _Mark) for x in value):  # pyright: ignore[reportUnknownVariableType]
        items = [_complete(x, name, names, types) for x in value]  # pyright: ignore[reportUnknownVariableType]
        return _tuple([text for text, _ in items]), TupleOf(tuple(t for _, t in items))
    names[f"{name}_given"] = value
    return f"{name}_given", type_of(value)


def composed_text(
    name: str, arguments: list[str], inner: FunctionType, names: dict[str, Any]
) -> FunctionType:
    """A function of ``a0``, ``a1``, ... that calls ``inner`` with ``arguments``."""
    own = sorted({a for text in arguments for a in _marks(text)}, key=lambda a: int(a[1:]))
    callee = _fresh(inner.__name__, {name, *own, *names})
    text = f"def {name}({', '.join(own)}):\n    return {callee}({', '.join(arguments)})\n"
    return define(name, text, {**names, callee: inner})


def _marks(text: str) -> list[str]:
    parts = text.strip("()").replace(",", " ").split()
    return [p for p in parts if p[:1] == "a" and p[1:].isdigit()]
