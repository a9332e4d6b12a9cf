"""The way of the data, from a function to its derivative: the stages in order.

    function -> lower -> single_exit -> to_atoms -> separate_webs        (frontend, passes)
             -> specialise -> separate_webs -> plan_storage -> activity  (types, analysis)
             -> prepare -> reverse_sweeps -> assemble | forward_function (transform)
             -> specialise -> optimise                                   (types, optimise)
             -> renest -> coalesce -> bind_names -> render -> load       (emit)

`Program` runs the stages up to the facts, and those from the optimiser on, for one function after
the other; `Work` transforms them as calls are met. Here they are joined to what a request asks for.
A gradient that is itself differentiated goes another way: see `srcad.construction.symmetry`.
"""

from __future__ import annotations

import linecache
from collections.abc import Callable
from dataclasses import dataclass
from inspect import CO_VARARGS, CO_VARKEYWORDS
from types import FunctionType
from typing import Any, cast

from srcad import runtime
from srcad.calls.compose import calling
from srcad.construction.program import Emitted, Program
from srcad.construction.symmetry import GradientOf, gradient_of
from srcad.construction.work import Work
from srcad.emit.wrap import WIDTH, wrap
from srcad.ir.lookups import Lookup
from srcad.ir.nodes import Capture
from srcad.notes import notes_of
from srcad.rules.table import rule_for
from srcad.transform.assemble import Joined
from srcad.types.lattice import UNKNOWN, Type

__all__ = ["Generated", "Request", "generate"]


@dataclass(frozen=True, slots=True)
class Request:
    """What derivative is wanted.

    Parameters
    ----------
    fn
        A plain Python function.
    types
        The type of each parameter; ``None`` before any call: nothing is known.
    wrt
        The places of the parameters that are differentiated.
    mode
        ``"grad"``, ``"vjp"`` or ``"jvp"``.
    has_aux, with_value
        Whether ``fn`` returns a pair of which only the first is differentiated; whether ``grad``
        returns the value too.
    backend
        ``"numpy"`` or ``"numba"``.
    optimise
        ``False`` leaves out all optimisations, a set of names those.
    """

    fn: FunctionType
    types: tuple[Type, ...] | None
    wrt: tuple[int, ...]
    mode: str = "grad"
    has_aux: bool = False
    with_value: bool = False
    backend: str = "numpy"
    optimise: bool | frozenset[str] = True


@dataclass(frozen=True, slots=True)
class Generated:
    """The derivative made for a `Request`.

    Parameters
    ----------
    call
        ``grad``: ``call(*params)`` returns the gradient, or a tuple of them for several ``wrt``;
        before it the value and the auxiliary result, where asked for. ``vjp``: returns ``(value,
        saved)``. ``jvp``: ``call(*params, *tangents)`` returns ``(value, value_dot)``, and the
        auxiliary result.
    pullback
        For ``vjp``: ``pullback(saved, y_bar)`` returns the cotangent, or a tuple of them.
    source
        The text of all that was generated.
    result
        The type of the primal's result.
    captures
        The globals and closure values that were read, each with the function that read it.
    functions
        The functions whose source was read.
    consumes
        Whether ``pullback`` uses up ``saved``, so that a second call needs a new one.
    mutates
        The places of the parameters that the user's function mutates.
    lookups
        The attributes of live objects that were read.
    """

    call: Callable[..., Any]
    pullback: Callable[..., Any] | None
    source: str
    result: Type
    captures: tuple[tuple[FunctionType, Capture], ...]
    functions: tuple[FunctionType, ...] = ()
    consumes: bool = False
    mutates: tuple[int, ...] = ()
    lookups: tuple[Lookup, ...] = ()


def generate(request: Request) -> Generated:
    """Make the derivative that ``request`` describes.

    Raises
    ------
    SrcadError
        At the user's line, where it cannot be made.
    """
    fn = cast("FunctionType", request.fn)
    program = Program(
        _left_out(request.optimise), request.backend, for_reading=request.types is None
    )
    types = request.types if request.types is not None else (UNKNOWN,) * _parameter_count(fn)
    work = Work(program, request.backend, lasting=request.mode == "vjp")
    pullback: Emitted | None = None
    of = None if request.has_aux else gradient_of(fn)
    if rule_for(fn) is not None or (of is not None and not _is_direct(request, of, types)):
        fn, of = calling(fn), None
    program.name = fn.__name__ if of is not None else program.normal(fn).name
    match request.mode:
        case "grad" if of is not None:
            call = work.gradient_of_number(fn, of, types, request.wrt)
        case "grad":
            parts = Joined(request.with_value, request.has_aux)
            call = work.gradient(fn, types, request.wrt, parts)
        case "vjp":
            call, pullback = work.halves(fn, types, request.wrt, aux=request.has_aux)
        case _ if of is not None:
            call = work.tangent_of_gradient(fn, of, types, request.wrt)
        case _:
            call = work.tangent(fn, types, request.wrt, aux=request.has_aux)
    work.link()
    compiled = work.compiled(call)
    return Generated(
        compiled,
        None if pullback is None else work.compiled(pullback),
        _source(program),
        program.result_type(fn, types) or UNKNOWN,
        tuple(program.captures.values()),
        tuple(program.functions),
        work.consumes,
        tuple(sorted(program.mutates(fn, types))),
        tuple(program.lookups.values()),
    )


def _is_direct(request: Request, of: GradientOf, types: tuple[Type, ...]) -> bool:
    """Whether the derivative of a gradient is a function that needs no other around it."""
    if request.mode == "grad":
        return of.is_number(types) and not request.with_value
    return request.mode == "jvp"


def _parameter_count(fn: FunctionType) -> int:
    code = fn.__code__
    stars = bool(code.co_flags & CO_VARARGS) + bool(code.co_flags & CO_VARKEYWORDS)
    return code.co_argcount + code.co_kwonlyargcount + stars


def _left_out(optimise: bool | frozenset[str]) -> frozenset[str]:
    if isinstance(optimise, bool):
        from srcad.optimise import NAMES

        return frozenset() if optimise else frozenset(NAMES)
    return optimise


def _source(program: Program) -> str:
    behind = _called_before([e.function for e in program.emitted])
    imports = {line for f in behind for line in (*notes_of(f).imports, *_runtime_imports(f))}
    imports = sorted({*imports, *(line for e in program.emitted for line in e.imports)})
    lines = [line for line in _merged(imports) if line != "import numpy as np"]
    head = "".join(f"{part}\n" for line in lines for part in wrap(line, WIDTH))
    texts = ["".join(linecache.getlines(f.__code__.co_filename)) for f in behind]
    texts += [e.text for e in program.emitted]
    return head + ("\n\n" if head else "") + "\n\n".join(texts)


def _runtime_imports(fn: FunctionType) -> list[str]:
    """The imports of what ``fn``, whose text was not printed from IR, calls of `srcad.runtime`."""
    found = ((name, fn.__globals__.get(name)) for name in fn.__code__.co_names)
    return [
        f"from srcad.runtime import {name}"
        for name, value in found
        if value is not None and getattr(runtime, name, None) is value
    ]


def _called_before(functions: list[FunctionType]) -> list[FunctionType]:
    """The functions generated for other requests that ``functions`` call, callees first."""
    found: list[FunctionType] = []
    seen = set(functions)
    for fn in functions:
        _add_callees(fn, seen, found)
    return found


def _add_callees(fn: FunctionType, seen: set[FunctionType], found: list[FunctionType]) -> None:
    for name in fn.__code__.co_names:
        value = fn.__globals__.get(name)
        if not isinstance(value, FunctionType) or value in seen:
            continue
        if value.__code__.co_filename.startswith("<srcad "):
            seen.add(value)
            _add_callees(value, seen, found)
            found.append(value)


def _merged(imports: list[str]) -> list[str]:
    """The import lines, with those from `srcad.runtime` made one."""
    prefix = "from srcad.runtime import "
    names = {
        n for line in imports if line.startswith(prefix) for n in line[len(prefix) :].split(", ")
    }
    rest = [line for line in imports if not line.startswith(prefix)]
    if names:
        rest.append(prefix + ", ".join(sorted(names)))
    return sorted(rest, key=lambda line: " = " in line)  # definitions come last
