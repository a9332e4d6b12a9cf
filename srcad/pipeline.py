"""The way of the data, from a function to its derivative: the stages in order.

    function -> lower -> single_exit -> to_atoms -> separate_webs        (frontend, passes)
             -> specialise -> separate_webs -> plan_storage -> activity  (types, analysis)
             -> prepare -> reverse_sweeps -> assemble | forward_function (transform)
             -> specialise -> optimise                                   (types, optimise)
             -> renest -> coalesce -> bind_names -> render -> load       (emit)

`Program` runs the stages for one function after the other, as calls are met; here they are joined
to what a request asks for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import FunctionType
from typing import Any, cast

from srcad.errors import OutputError
from srcad.ir.nodes import Block, Capture, Const, Function, Ref, Return, Tuple, Unpack, Var
from srcad.program import Analysed, Emitted, Program, user_names
from srcad.transform.assemble import (
    Joined,
    backward_half,
    forward_half,
    joined,
    pack_backward,
)
from srcad.transform.prepare import Prepared, prepare
from srcad.transform.reverse import reverse_sweeps
from srcad.types.containers import is_container
from srcad.types.lattice import UNKNOWN, Static, TupleOf, Type
from srcad.types.operands import operand_type

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
    """

    call: Callable[..., Any]
    pullback: Callable[..., Any] | None
    source: str
    result: Type
    captures: tuple[tuple[FunctionType, Capture], ...]
    functions: tuple[FunctionType, ...] = ()
    consumes: bool = False
    mutates: tuple[int, ...] = ()


def generate(request: Request) -> Generated:
    """Make the derivative that ``request`` describes.

    Raises
    ------
    SrcadError
        At the user's line, where it cannot be made.
    """
    program = Program(_left_out(request.optimise), request.backend)
    program.name = program.normal(cast("FunctionType", request.fn)).name
    n = request.fn.__code__.co_argcount + request.fn.__code__.co_kwonlyargcount
    n += bool(request.fn.__code__.co_flags & 0x04) + bool(request.fn.__code__.co_flags & 0x08)
    types = request.types if request.types is not None else (UNKNOWN,) * n
    work = _Work(program, request.backend)
    analysed = program.analysed(cast("FunctionType", request.fn), types)
    pullback: Emitted | None = None
    match request.mode:
        case "grad":
            call = work.gradient(analysed, types, request)
        case "vjp":
            call, pullback = work.halves(
                analysed, types, request.wrt, program.name, aux=request.has_aux
            )
        case _:
            call = work.tangent(analysed, types, request.wrt, aux=request.has_aux)
    work.link()
    compiled = work.compiled(call)
    return Generated(
        compiled,
        None if pullback is None else work.compiled(pullback),
        _source(program),
        analysed.result,
        tuple(program.captures.values()),
        tuple(program.functions),
        work.consumes,
        tuple(sorted(program.mutates(cast("FunctionType", request.fn), types))),
    )


def _left_out(optimise: bool | frozenset[str]) -> frozenset[str]:
    if isinstance(optimise, bool):
        from srcad.optimise import PASSES

        return frozenset() if optimise else frozenset(name for name, _ in PASSES)
    return optimise


def _source(program: Program) -> str:
    imports = sorted({line for e in program.emitted for line in e.imports})
    head = "".join(f"{line}\n" for line in _merged(imports) if line != "import numpy as np")
    texts = [e.text for e in program.emitted]
    return head + ("\n\n" if head else "") + "\n\n".join(texts)


def _merged(imports: list[str]) -> list[str]:
    """The import lines, with those from `srcad.runtime` made one."""
    prefix = "from srcad.runtime import "
    names = {
        n for line in imports if line.startswith(prefix) for n in line[len(prefix) :].split(", ")
    }
    rest = [line for line in imports if not line.startswith(prefix)]
    return [*rest, prefix + ", ".join(sorted(names))] if names else rest


class _Work:
    """Transforms the functions of one request, callees before their callers."""

    def __init__(self, program: Program, backend: str) -> None:
        self.program = program
        self.backend = backend
        self._halves: dict[object, tuple[Ref, Ref]] = {}
        self._tangents: dict[object, Ref] = {}
        self.consumes = False

    # --- reverse

    def gradient(self, analysed: Analysed, types: tuple[Type, ...], request: Request) -> Emitted:
        """The function that runs forward and backward."""
        analysed = self._paired(analysed) if request.has_aux else analysed
        self._check_result(analysed, aux=request.has_aux)
        prepared, wrt = self._prepared(analysed, request.wrt)
        sweeps = reverse_sweeps(prepared, wrt, Const(1.0), aux=request.has_aux)
        name = self.program.fresh_name(f"{self.program.name}_grad")
        parts = Joined(request.with_value, request.has_aux)
        made = joined(prepared, sweeps, wrt, name, parts)
        emitted = self._finished(made, types, analysed.fn)
        if not (request.with_value or request.has_aux):
            emitted.call.__dict__["__srcad_fresh__"] = True
        return emitted

    def _check_result(self, analysed: Analysed, *, aux: bool) -> None:
        if is_container(analysed.result) and not aux:
            raise OutputError(
                f"`{analysed.fn.name}` returns a container, not a number",
                source=analysed.fn.source,
                origin=analysed.fn.body[-1].origin,
                why="a gradient is that of one real number",
                instead="return the number alone, or a pair with has_aux=True",
            )
        if analysed.result == Static(None):
            last = analysed.fn.body[-1]
            raise OutputError(
                f"`{analysed.fn.name}` returns None",
                source=analysed.fn.source,
                origin=last.origin,
                why="there is nothing to differentiate",
                instead="return the value: is a `return` missing?",
            )

    def _paired(self, analysed: Analysed) -> Analysed:
        """With the two parts of an auxiliary pair in the return statement itself."""
        *body, last = analysed.fn.body
        assert isinstance(last, Return)
        if isinstance(last.value, Tuple):
            return analysed
        from dataclasses import replace

        value, aux = Var("value"), Var("aux")
        new: Block = (
            *body,
            Unpack((value, aux), last.value, last.origin),
            Return(Tuple((value, aux)), last.origin),
        )
        t = operand_type(last.value, analysed.types)
        parts = t.items if isinstance(t, TupleOf) and len(t.items) == 2 else (UNKNOWN, UNKNOWN)
        types = {**analysed.types, value: parts[0], aux: parts[1]}
        return replace(analysed, fn=replace(analysed.fn, body=new), types=types)

    def _prepared(
        self, analysed: Analysed, wrt: tuple[int, ...]
    ) -> tuple[Prepared, tuple[Var, ...]]:
        activity = self.program.activity(analysed, wrt)
        prepared = prepare(
            analysed.fn, analysed.types, analysed.storage, activity, self._halves_of_call
        )
        return prepared, tuple(analysed.fn.params[i].var for i in wrt)

    def _halves_of_call(
        self, ref: Ref, types: tuple[Type, ...], wanted: tuple[int, ...]
    ) -> tuple[Ref, Ref]:
        from srcad.types.calls import python_function

        fn = python_function(ref.value)
        assert fn is not None
        key = (ref.value, types, wanted)
        if key not in self._halves:
            custom = custom_halves(ref.value, wanted) or self._transposed(ref, types, wanted)
            if custom is not None:
                self._halves[key] = custom
                return custom
            stem = ref.path.replace(".", "_")
            forward = self.program.fresh_name(f"{stem}_forward")
            backward = self.program.fresh_name(f"{stem}_backward")
            self._halves[key] = (Ref(forward, _Later(forward)), Ref(backward, _Later(backward)))
            analysed = self.program.analysed(fn, types)
            self._make_halves(analysed, types, wanted, forward, backward, key, aux=False)
        return self._halves[key]

    def _transposed(
        self, ref: Ref, types: tuple[Type, ...], wanted: tuple[int, ...]
    ) -> tuple[Ref, Ref] | None:
        """The halves of a `custom_jvp`: its tangent, linear in the tangents, transposed."""
        if not hasattr(ref.value, "jvps"):
            return None
        from srcad.custom_text import transposed_text, value_dot_text

        custom: Any = ref.value
        dot = value_dot_text(custom, wanted)
        all_types = (*types, *(types[i] for i in wanted))
        places = tuple(range(len(types), len(all_types)))
        forward, backward = self._halves_of_call(Ref(dot.__name__, dot), all_types, places)
        made = transposed_text(custom, wanted, cast("Any", forward.value))
        return Ref(made.__name__, made), backward

    def halves(
        self,
        analysed: Analysed,
        types: tuple[Type, ...],
        wrt: tuple[int, ...],
        stem: str,
        *,
        aux: bool,
    ) -> tuple[Emitted, Emitted]:
        """The forward and the backward half as functions of their own."""
        analysed = self._paired(analysed) if aux else analysed
        forward = self.program.fresh_name(f"{stem}_forward")
        backward = self.program.fresh_name(f"{stem}_backward")
        return self._make_halves(analysed, types, wrt, forward, backward, None, aux=aux)

    def _make_halves(
        self,
        analysed: Analysed,
        types: tuple[Type, ...],
        wrt: tuple[int, ...],
        forward: str,
        backward: str,
        key: object,
        *,
        aux: bool,
    ) -> tuple[Emitted, Emitted]:
        prepared, wrt_vars = self._prepared(analysed, wrt)
        last = analysed.fn.body[-1]
        assert isinstance(last, Return)
        result = operand_type(last.value, prepared.types)
        base = last.value.base if isinstance(last.value, Var) and last.value.base != "t" else "y"
        seed = prepared.names.fresh(f"{base}_bar")
        sweeps = reverse_sweeps(prepared, wrt_vars, seed, aux=aux)
        back = backward_half(prepared, sweeps, wrt_vars, backward, seed, prepared.types)
        seed_type = result.items[0] if aux and isinstance(result, TupleOf) else result
        forward_typed = self.program.retype(
            forward_half(prepared, sweeps, forward, Tuple(()), aux=aux, outermost=key is None),
            types,
        )
        known = {**prepared.types, **forward_typed.types}
        back_types = tuple(known.get(p.var, UNKNOWN) for p in back.params[:-1])
        typed = self.program.retype(back, (*back_types, seed_type))
        improved = self.program.improved(typed)
        final, saved = pack_backward(improved.fn, prepared.names)
        users = user_names(analysed.fn)
        half = forward_half(prepared, sweeps, forward, saved, aux=aux, outermost=key is None)
        self.consumes = self.consumes or sweeps.consumes
        emitted_forward = self._finished(half, types, analysed.fn)
        emitted_backward = self.program.emit(final, improved.types, users)
        saved_type = operand_type(saved, typed.types)
        self._declare(cast("FunctionType", emitted_forward.call), TupleOf((result, saved_type)))
        wanted = [types[i] for i in wrt]
        self._declare(
            cast("FunctionType", emitted_backward.call),
            wanted[0] if len(wanted) == 1 else TupleOf(tuple(wanted)),
        )
        emitted_backward.call.__dict__["__srcad_fresh__"] = True
        if key is not None:
            self._halves[key] = (
                Ref(forward, emitted_forward.call),
                Ref(backward, emitted_backward.call),
            )
        return emitted_forward, emitted_backward

    def _declare(self, call: FunctionType, result: Type) -> None:
        call.__dict__["__srcad_pure__"] = True
        self.program.declare(call, result)

    def _finished(self, fn: Function, types: tuple[Type, ...], primal: Function) -> Emitted:
        typed = self.program.retype(fn, types)
        improved = self.program.improved(typed)
        return self.program.emit(improved.fn, improved.types, user_names(primal))

    # --- forward

    def tangent(
        self, analysed: Analysed, types: tuple[Type, ...], wrt: tuple[int, ...], *, aux: bool
    ) -> Emitted:
        """The function that carries tangents along."""
        from srcad.transform.forward import forward_function

        analysed = self._paired(analysed) if aux else analysed
        name = self.program.fresh_name(f"{self.program.name}_jvp")
        made, dots = forward_function(
            analysed,
            self.program.activity(analysed, wrt),
            wrt,
            name,
            self._tangent_of_call,
            aux=aux,
        )
        all_types = (*types, *(types[i] for i in wrt))
        assert len(dots) == len(wrt)
        return self._finished(made, all_types, analysed.fn)

    def _tangent_of_call(self, ref: Ref, types: tuple[Type, ...], wanted: tuple[int, ...]) -> Ref:
        from srcad.transform.forward import forward_function
        from srcad.types.calls import python_function

        fn = python_function(ref.value)
        assert fn is not None
        key = (ref.value, types, wanted)
        if key not in self._tangents and hasattr(ref.value, "jvps"):
            from srcad.custom_text import tangent_text

            custom = tangent_text(cast("Any", ref.value), wanted)
            self._tangents[key] = Ref(custom.__name__, custom)
        if key not in self._tangents:
            name = self.program.fresh_name(f"{ref.path.replace('.', '_')}_jvp")
            self._tangents[key] = Ref(name, _Later(name))
            analysed = self.program.analysed(fn, types)
            activity = self.program.activity(analysed, wanted)
            made, _ = forward_function(
                analysed, activity, wanted, name, self._tangent_of_call, aux=False
            )
            all_types = (*types, *(types[i] for i in wanted))
            emitted = self._finished(made, all_types, analysed.fn)
            self._declare(
                cast("FunctionType", emitted.call), TupleOf((analysed.result, analysed.result))
            )
            self._tangents[key] = Ref(name, emitted.call)
        return self._tangents[key]

    # --- putting together

    def link(self) -> None:
        """Give functions that were called before they existed their real values."""
        for emitted in self.program.emitted:
            space = cast("FunctionType", emitted.call).__globals__
            for name, value in list(space.items()):
                if isinstance(value, _Later):
                    space[name] = self.program.links[value.name]

    def compiled(self, emitted: Emitted) -> Callable[..., Any]:
        """The function for the backend."""
        if self.backend == "numba":
            from srcad.backends.numba import compile_with_numba

            return compile_with_numba(cast("FunctionType", emitted.call))
        return emitted.call


class _Later:
    """Stands for a generated function that is not there yet: the recursion's own."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.__srcad_pure__ = True


def custom_halves(value: object, wanted: tuple[int, ...]) -> tuple[Ref, Ref] | None:
    """The halves that the user gave with `custom_vjp`."""
    halves = getattr(value, "halves", None)
    if halves is None:
        return None
    forward, backward = halves(wanted)
    name = getattr(value, "__name__", "custom")
    return Ref(f"{name}_forward", forward), Ref(f"{name}_backward", backward)
