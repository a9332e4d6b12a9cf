"""Plain functions around generated ones, as text, so that they can be differentiated in turn."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import FunctionType, MappingProxyType
from typing import Any, Final

from srcad.calls.selection import Selection
from srcad.signature import Callee
from srcad.texts import enter

__all__ = [
    "Layout",
    "around",
    "by_position",
    "calling",
    "define",
    "fresh",
    "named",
    "passed",
    "passing_on",
    "tuple_text",
]

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
    exec(compile(text, filename, "exec"), space)
    fn: FunctionType = space[name]
    enter(filename, text, fn)
    return fn


def by_position(call: Any) -> Any:
    """``call``, or a function around it that takes every parameter by position.

    Examples
    --------
    >>> def f(x, *rest, k): return x, rest, k
    >>> by_position(f)(1, (2, 3), 4)
    (1, (2, 3), 4)
    """
    if not isinstance(call, FunctionType):
        return call
    parameters = list(inspect.signature(call, follow_wrapped=False).parameters.values())
    if all(p.kind in _POSITIONAL for p in parameters):
        return call
    names = ", ".join(p.name for p in parameters)
    return _calling(call, call.__name__, parameters, names)


def calling(fn: FunctionType) -> FunctionType:
    """A function of the same parameters that does nothing but call ``fn``.

    Examples
    --------
    >>> def f(x, y): return x, y
    >>> calling(f)(1, 2)
    (1, 2)
    """
    parameters = list(inspect.signature(fn).parameters.values())
    return _calling(fn, fn.__name__, parameters, ", ".join(p.name for p in parameters))


def passed(fn: FunctionType) -> str:
    """The arguments of a call that gives ``fn`` variables of its parameters' names.

    Examples
    --------
    >>> def f(x, *rest, k, **more): ...
    >>> passed(f)
    'x, *rest, k=k, **more'
    """
    return _passed(inspect.signature(fn, follow_wrapped=False).parameters.values())


def _passed(parameters: Iterable[inspect.Parameter]) -> str:
    return ", ".join(_PASSED.get(p.kind, "{0}").format(p.name) for p in parameters)


def around(call: Any, callee: Callee) -> FunctionType:
    """A plain function with the parameters of ``callee`` that does nothing but call ``call``."""
    fn = passing_on(call, callee.name, callee.parameters)
    fn.__qualname__ = callee.fn.__qualname__
    return fn


def passing_on(
    call: Any, name: str, parameters: Sequence[inspect.Parameter], path: str = "", root: Any = None
) -> FunctionType:
    """A plain function ``name`` of ``parameters`` that does nothing but call ``call``.

    ``path`` is how its text is to reach ``call``, from ``root`` on.

    Examples
    --------
    >>> import math
    >>> x = inspect.Parameter("x", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    >>> print(inspect.getsource(passing_on(math.tanh, "tanh", [x], "math.tanh", math)), end="")
    def tanh(x):
        return math.tanh(x)
    """
    names: dict[str, Any] = {}
    texts: list[str] = []
    by_name_only = False
    for p in parameters:
        if p.kind is p.KEYWORD_ONLY and not by_name_only:
            texts.append("*")
        by_name_only = by_name_only or p.kind in (p.VAR_POSITIONAL, p.KEYWORD_ONLY)
        text = _TAKEN.get(p.kind, "{0}").format(p.name)
        if p.default is None or isinstance(p.default, bool | int | str):
            text += f"={p.default!r}"
        elif p.default is not inspect.Parameter.empty:
            names[f"_default_{p.name}"] = p.default
            text += f"=_default_{p.name}"
        texts.append(text)
    if path:
        names[path.partition(".")[0]] = root
    return _calling(call, name, parameters, ", ".join(texts), path, names)


def _calling(
    call: Any,
    name: str,
    parameters: Sequence[inspect.Parameter],
    header: str,
    path: str = "",
    names: Mapping[str, Any] = MappingProxyType({}),
) -> FunctionType:
    name = name.replace("<lambda>", "function")
    inner = path or fresh(name, {name, *(p.name for p in parameters)})
    text = f"def {name}({header}):\n    return {inner}({_passed(parameters)})\n"
    return define(name, text, {**names} if path else {inner: call, **names})


_POSITIONAL: Final = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_TAKEN: Final = {
    inspect.Parameter.VAR_POSITIONAL: "*{0}",
    inspect.Parameter.VAR_KEYWORD: "**{0}",
}
_PASSED: Final = {
    inspect.Parameter.VAR_POSITIONAL: "*{0}",
    inspect.Parameter.KEYWORD_ONLY: "{0}={0}",
    inspect.Parameter.VAR_KEYWORD: "**{0}",
}


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
        inner = fresh(getattr(call, "__name__", "derivative"), taken)
        grads, value, aux = (fresh(n, taken) for n in ("gradients", "value", "aux"))
        got = [n for n, has in ((value, self.with_value), (aux, self.has_aux)) if has]
        target = ", ".join([*got, grads])
        one = len(self.selection.wrt) == 1
        picked = [
            (grads if one else f"{grads}[{at}]") + ("" if item is None else f"[{item!r}]")
            for at, item in self.selection.picks
        ]
        chosen = picked[0] if self.selection.bare else tuple_text(picked)
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


def tuple_text(items: list[str]) -> str:
    """The text of a tuple of ``items``."""
    return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"


def named(fn: Any, default: str, taken: set[str]) -> str:
    """The name of the user's function ``fn``, as a text is to call it; adds it to ``taken``.

    Examples
    --------
    >>> named(named, "f", set()), named(lambda: 0, "f", set()), named(named, "f", {"named"})
    ('named', 'f', 'named_')
    """
    name = getattr(fn, "__name__", "")
    return fresh(name if isinstance(name, str) and name.isidentifier() else default, taken)


def fresh(name: str, taken: set[str]) -> str:
    """``name``, or one like it that is not yet ``taken``; it then is."""
    while name in taken:
        name += "_"
    taken.add(name)
    return name
