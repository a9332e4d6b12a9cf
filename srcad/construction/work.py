"""The functions of one derivative, transformed as their calls are met: callees before callers."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from types import FunctionType
from typing import Any, Final, cast

from srcad.analysis.activity import Activity
from srcad.analysis.analysed import Analysed
from srcad.analysis.effects import calls_in
from srcad.analysis.foreign import with_plain_operands
from srcad.analysis.owned import owns_tangent
from srcad.calls.guards import guards_of, watched
from srcad.construction.custom_text import tangent_text, transposed_text, value_dot_text
from srcad.construction.handed_over import handed_over, known_of, names_in
from srcad.construction.later import Later, link
from srcad.construction.program import Emitted, Program, user_names
from srcad.construction.returned import check_result, paired
from srcad.construction.symmetry import (
    GradientOf,
    backward_of_gradient,
    forward_of_gradient,
    gives_gradient,
    gradient_of,
    tangent_of_gradient,
    with_unit_direction,
)
from srcad.construction.unshifted import unshifted
from srcad.construction.users_own import custom_halves, has_own
from srcad.ir.naming import is_nameless
from srcad.ir.nodes import Const, Function, Param, Ref, Return, Var
from srcad.ir.walk import statements
from srcad.notes import note, notes_of
from srcad.optimise import WRITING
from srcad.optimise.copies import made_in_place
from srcad.rules.table import rule_for
from srcad.transform.assemble import (
    Joined,
    backward_half,
    forward_half,
    joined,
    pack_backward,
    packed,
    thinned,
)
from srcad.transform.forward import Returns, forward_function
from srcad.transform.prepare import Prepared, prepare
from srcad.transform.reverse import Sweeps, reverse_sweeps
from srcad.transform.slots import without_parts
from srcad.types.calls import python_function
from srcad.types.lattice import UNKNOWN, Array, Scalar, TupleOf, Type
from srcad.types.operands import operand_type

__all__ = ["Work"]

_GRADIENT_ALONE: Final = Joined(with_value=False, aux=False)
_NO_SEED: Final = Ref("math.nan", math.nan)


class Work:
    """Transforms the functions of one request.

    Parameters
    ----------
    program
        Where the functions are analysed and emitted.
    backend
        ``"numpy"`` or ``"numba"``.
    lasting
        Whether what the forward half saves lasts longer than a call, as that of `vjp` does.

    Attributes
    ----------
    consumes : bool
        Whether a backward half uses up what was saved for it.
    exact : bool
        Whether every derivative used is sure to be the true one, so that its own is symmetric.
    """

    def __init__(self, program: Program, backend: str, *, lasting: bool = False) -> None:
        self.program = program
        self.backend = backend
        self.lasting = lasting
        self._halves: dict[object, tuple[Ref, Ref]] = {}
        self._tangents: dict[object, Ref] = {}
        # Functions that were called while their halves were being made.
        self._recursive: set[object] = set()
        self.consumes = False
        self.exact = True

    # --- reverse

    def gradient(
        self,
        fn: FunctionType,
        types: tuple[Type, ...],
        wrt: tuple[int, ...],
        parts: Joined = _GRADIENT_ALONE,
        name: str = "",
    ) -> Emitted:
        """The function that runs forward and backward, called ``name``, or else after ``fn``."""
        analysed = self.program.analysed(fn, types)
        analysed = self._paired(analysed) if parts.aux else analysed
        check_result(analysed, aux=parts.aux)
        prepared, variables = self._prepared(analysed, wrt)
        # An array is refused with its extents, which the caller knows: until then `1.0` would be
        # indexed, of which Python warns.
        is_array = isinstance(analysed.result, Array) and analysed.result.ndim > 0
        seed = _NO_SEED if is_array else Const(1.0)
        sweeps = reverse_sweeps(prepared, variables, seed, aux=parts.aux)
        name = name or self.program.fresh_name(f"{analysed.fn.name}_grad")
        made = joined(prepared, sweeps, name, parts)
        emitted = self._finished(made, types, analysed.fn)
        if not parts.aux:
            if not parts.with_value:
                note(emitted.function, fresh=_is_fresh(sweeps, [types[i] for i in wrt]))
            if self.exact:
                note(emitted.function, gradient=GradientOf(fn, wrt, parts.with_value))
        return emitted

    def _paired(self, analysed: Analysed) -> Analysed:
        return paired(analysed, for_reading=self.program.for_reading)

    def _prepared(
        self, analysed: Analysed, wrt: tuple[int, ...]
    ) -> tuple[Prepared, tuple[Var, ...]]:
        analysed, activity = self._active(analysed, wrt)
        self.exact = self.exact and _is_exact(analysed.fn)
        prepared = prepare(
            analysed.fn, analysed.types, analysed.storage, activity, self._halves_of_call
        )
        prepared = replace(prepared, lasting=self.lasting)
        return prepared, tuple(analysed.fn.params[i].var for i in wrt)

    def _active(self, analysed: Analysed, wrt: tuple[int, ...]) -> tuple[Analysed, Activity]:
        """What is active, and ``analysed`` with its operands checked."""
        activity = self.program.activity(analysed, wrt)
        if self.program.for_reading:
            return analysed, activity
        checked = with_plain_operands(analysed.fn, analysed.types, activity.varied)
        return replace(analysed, fn=checked), activity

    def _halves_of_call(
        self, ref: Ref, types: tuple[Type, ...], wanted: tuple[int, ...]
    ) -> tuple[Ref, Ref]:
        fn = python_function(ref.value)
        assert fn is not None
        types = self.program.signature(fn, types)
        key = (ref.value, types, wanted)
        if key in self._halves and notes_of(self._halves[key][1].value).later:
            self._recursive.add(key)
        if key not in self._halves:
            custom = custom_halves(ref.value, wanted) or self._transposed(ref, types, wanted)
            if custom is not None:
                self.exact = False
                self._halves[key] = custom
                return custom
            of = gradient_of(fn)
            stem = ref.path.replace(".", "_") if of is None else fn.__name__
            forward = self.program.fresh_name(f"{stem}_forward")
            backward = self.program.fresh_name(f"{stem}_backward")
            if of is not None:
                made = self._gradient_halves(fn, of, types, wanted, (forward, backward))
                self._halves[key] = made
                return made
            later = Later(backward)
            note(later, restores=True)  # for all that is known yet
            self._halves[key] = (Ref(forward, Later(forward)), Ref(backward, later))
            analysed = self.program.analysed(fn, types)
            self._make_halves(analysed, types, wanted, forward, backward, key, aux=False)
        return self._halves[key]

    def _transposed(
        self, ref: Ref, types: tuple[Type, ...], wanted: tuple[int, ...]
    ) -> tuple[Ref, Ref] | None:
        """The halves of a `custom_jvp`: its tangent, linear in the tangents, transposed."""
        if not has_own(ref.value, "jvps"):
            return None
        custom: Any = ref.value
        dot = value_dot_text(custom, wanted)
        all_types = (*types, *(types[i] for i in wanted))
        places = tuple(range(len(types), len(all_types)))
        forward, backward = self._halves_of_call(Ref(dot.__name__, dot), all_types, places)
        made = transposed_text(custom, wanted, cast("Any", forward.value))
        return Ref(made.__name__, made), backward

    def halves(
        self,
        fn: FunctionType,
        types: tuple[Type, ...],
        wrt: tuple[int, ...],
        *,
        aux: bool,
    ) -> tuple[Emitted, Emitted]:
        """The forward and the backward half as functions of their own."""
        analysed = self.program.analysed(fn, types)
        stem = analysed.fn.name
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
        base = "y"
        if isinstance(last.value, Var) and not is_nameless(last.value):
            base = last.value.base
        seed = prepared.names.fresh(f"{base}_bar")
        # Numba has no lists with `None` among arrays; who called it before expects all parts.
        in_part = key is not None and key not in self._recursive and self.backend != "numba"
        sweeps = reverse_sweeps(prepared, wrt_vars, seed, aux=aux, apart=True, in_part=in_part)
        seed_type = result.items[0] if aux and isinstance(result, TupleOf) else result

        def both_at_once() -> Function:
            both = joined(prepared, sweeps, forward, _GRADIENT_ALONE)
            seeded = replace(both, params=(*both.params, Param(seed)))
            return self.program.improved(self.program.retype(seeded, (*types, seed_type))).fn

        sweeps = unshifted(sweeps, both_at_once)
        own = None if key is None else self._halves[key][1].value
        restores = sweeps.consumes or any(
            notes_of(call.backward.value).restores
            for call in prepared.calls.values()
            if call.backward.value is not own
        )
        if own is not None:
            note(own, restores=restores)
        back = backward_half(prepared, sweeps, backward, seed, prepared.types)
        read = [p.var for p in back.params[:-1]]
        saving_all = forward_half(prepared, sweeps, forward, packed(read), aux=aux, outermost=False)
        forward_typed = self.program.retype(saving_all, types)
        # Where both know a name, it may be another web's in the forward half.
        known = {**forward_typed.types, **prepared.types}
        back_types = tuple(known.get(v, UNKNOWN) for v in read)
        typed = self.program.retype(back, (*back_types, seed_type))
        made_by = known_of(forward_typed.fn, forward_typed.types, read)
        improved = self.program.improved(typed, made_by)
        back, free = thinned(improved.fn)
        half = forward_half(prepared, sweeps, forward, packed(free), aux=aux, outermost=key is None)
        improved_half = self.program.improved(self.program.retype(half, types))
        handed = handed_over(improved_half.fn, back, free, improved.types)
        self.consumes = self.consumes or sweeps.consumes
        users = user_names(analysed.fn)
        emitted_forward = self.program.emit(handed.forward, improved_half.types, users)
        # What has no name is unpacked under that of its copy.
        packed_back = made_in_place(pack_backward(handed.backward, handed.saved, prepared.names))
        called = names_in(emitted_forward.printed, packed_back)
        emitted_backward = self.program.emit(packed_back, improved.types, users, called)
        saved_type = operand_type(packed(handed.saved), typed.types)
        self._declare(emitted_forward.function, types, TupleOf((result, saved_type)))
        wanted = [types[i] for i in wrt]
        left = tuple(map(without_parts, wanted, sweeps.absent))
        given = (saved_type, seed_type)
        self._declare(
            emitted_backward.function, given, left[0] if len(left) == 1 else TupleOf(left)
        )
        note(
            emitted_backward.function,
            fresh=_is_fresh(sweeps, wanted),
            restores=restores,
            absent=sweeps.absent,
        )
        if key is not None:
            made = emitted_forward, emitted_backward
            if key not in self._recursive:  # nobody calls them by these names yet
                made = tuple(map(self.program.once, made))
            forth, back = [Ref(e.name, e.function) for e in made]
            self._halves[key] = forth, back
        return emitted_forward, emitted_backward

    # --- derivatives of gradients

    def _gradient_halves(
        self,
        fn: FunctionType,
        of: GradientOf,
        types: tuple[Type, ...],
        wanted: tuple[int, ...],
        names: tuple[str, str],
    ) -> tuple[Ref, Ref]:
        """The halves of a gradient function: the backward one is the slope of `f_dot`."""
        value = self._value_type(of, types)
        dot = self._dot(of.primal, types, of.wrt, "sum" if of.with_value else "dot")
        more = (value,) if of.with_value else ()
        slope = self.gradient(dot, (*types, *(types[i] for i in of.wrt), *more), wanted)
        like = self.program.normal(of.primal)
        made = (
            forward_of_gradient(like, Ref(fn.__name__, fn), names[0]),
            backward_of_gradient(like, of, Ref(slope.name, slope.function), names[1]),
        )
        result, saved = of.result(types, value), types[0] if len(types) == 1 else TupleOf(types)
        cotangents = (
            types[wanted[0]] if len(wanted) == 1 else TupleOf(tuple(types[i] for i in wanted))
        )
        forward = self._finished(made[0], types, like)
        backward = self._finished(made[1], (saved, result), like)
        self._declare(forward.function, types, TupleOf((result, saved)))
        self._declare(backward.function, (saved, result), cotangents)
        return Ref(names[0], forward.function), Ref(names[1], backward.function)

    def tangent_of_gradient(
        self, fn: FunctionType, of: GradientOf, types: tuple[Type, ...], wanted: tuple[int, ...]
    ) -> Emitted:
        """The tangent function of a gradient function."""
        name = self.program.fresh_name(f"{fn.__name__}_jvp")
        value = self._value_type(of, types)
        result = of.result(types, value)
        all_types = (*types, *(types[i] for i in wanted))
        dot = self._dot(of.primal, types, wanted, "dot, value" if of.with_value else "dot")
        by_directions: tuple[int, ...] = ()
        if gives_gradient(of, wanted):
            by_directions = tuple(len(types) + wanted.index(i) for i in of.wrt)
        wrt, parts = (*by_directions, *of.wrt), Joined(of.with_value, of.with_value)
        if len(by_directions) == 1 and not of.with_value:
            emitted = self.gradient(dot, all_types, wrt, parts, name)
        else:
            slope = self.gradient(dot, all_types, wrt, parts)
            like = self.program.normal(of.primal)
            refs = Ref(fn.__name__, fn), Ref(slope.name, slope.function)
            made = tangent_of_gradient(like, of, *refs, wanted, name)
            emitted = self._finished(made, all_types, like)
        self._declare(emitted.function, all_types, TupleOf((result, result)))
        return emitted

    def gradient_of_number(
        self, fn: FunctionType, of: GradientOf, types: tuple[Type, ...], wrt: tuple[int, ...]
    ) -> Emitted:
        """The gradient of a gradient that is a single number."""
        dot = self._dot(of.primal, types, of.wrt, "dot", unit=True)
        return self.gradient(dot, types, wrt, name=self.program.fresh_name(f"{fn.__name__}_grad"))

    def _value_type(self, of: GradientOf, types: tuple[Type, ...]) -> Type:
        return (self.program.result_type(of.primal, types) or UNKNOWN) if of.with_value else UNKNOWN

    def _dot(
        self,
        fn: FunctionType,
        types: tuple[Type, ...],
        wrt: tuple[int, ...],
        returns: Returns,
        *,
        unit: bool = False,
    ) -> FunctionType:
        """``f_dot`` as Python that can be read and differentiated; only its derivative is shown."""
        inner = Work(Program(self.program.without | WRITING), "numpy")
        emitted = inner.tangent(fn, types, wrt, returns=returns, unit=unit)
        inner.link()
        read = inner.program
        guards = guards_of(
            tuple(read.captures.values()), tuple(read.functions), tuple(read.lookups.values())
        )
        return watched(emitted.function, guards)

    def _declare(self, call: FunctionType, types: tuple[Type, ...], result: Type) -> None:
        note(call, pure=True)
        self.program.declare(call, types, result)

    def _finished(self, fn: Function, types: tuple[Type, ...], primal: Function) -> Emitted:
        typed = self.program.retype(fn, types)
        improved = self.program.improved(typed)
        return self.program.emit(improved.fn, improved.types, user_names(primal))

    # --- forward

    def tangent(
        self,
        fn: FunctionType,
        types: tuple[Type, ...],
        wrt: tuple[int, ...],
        *,
        aux: bool = False,
        returns: Returns = "both",
        unit: bool = False,
    ) -> Emitted:
        """The function that carries tangents along; with ``unit`` they are the number one."""
        analysed = self.program.analysed(fn, types)
        analysed = self._paired(analysed) if aux else analysed
        verb = "jvp" if returns == "both" else "dot"
        analysed, activity = self._active(analysed, wrt)
        made, dots = forward_function(
            analysed,
            activity,
            wrt,
            self.program.fresh_name(f"{analysed.fn.name}_{verb}"),
            self._tangent_of_call,
            aux=aux,
            returns=returns,
        )
        assert len(dots) == len(wrt)
        if unit:
            return self._finished(with_unit_direction(made, dots), types, analysed.fn)
        more = (analysed.result,) if returns == "sum" else ()
        return self._finished(made, (*types, *(types[i] for i in wrt), *more), analysed.fn)

    def _tangent_of_call(self, ref: Ref, types: tuple[Type, ...], wanted: tuple[int, ...]) -> Ref:
        fn = python_function(ref.value)
        assert fn is not None
        types = self.program.signature(fn, types)
        key = (ref.value, types, wanted)
        if key not in self._tangents and has_own(ref.value, "jvps"):
            custom = tangent_text(cast("Any", ref.value), wanted)
            self._tangents[key] = Ref(custom.__name__, custom)
        if key not in self._tangents and (of := gradient_of(fn)) is not None:
            made = self.tangent_of_gradient(fn, of, types, wanted)
            self._tangents[key] = Ref(made.name, made.call)
        if key not in self._tangents:
            name = self.program.fresh_name(f"{ref.path.replace('.', '_')}_jvp")
            self._tangents[key] = Ref(name, Later(name))
            analysed, activity = self._active(self.program.analysed(fn, types), wanted)
            made, _ = forward_function(
                analysed, activity, wanted, name, self._tangent_of_call, aux=False
            )
            all_types = (*types, *(types[i] for i in wanted))
            improved = self.program.improved(self.program.retype(made, all_types))
            emitted = self.program.emit(improved.fn, improved.types, user_names(analysed.fn))
            note(emitted.call, own_tangent=owns_tangent(improved.fn, improved.types))
            self._declare(emitted.function, all_types, TupleOf((analysed.result, analysed.result)))
            self._tangents[key] = Ref(name, emitted.function)
        return self._tangents[key]

    # --- putting together

    def link(self) -> None:
        """Give functions that were called before they existed their real values."""
        link([e.function for e in self.program.emitted], self.program.links)

    def compiled(self, emitted: Emitted) -> Callable[..., Any]:
        """The function for the backend."""
        if self.backend == "numba":
            from srcad.backends.numba import compile_with_numba

            return compile_with_numba(emitted.function)
        return emitted.function


def _is_fresh(sweeps: Sweeps, wanted: list[Type]) -> bool:
    """Whether nobody else can hold an array of the gradients, which are like ``wanted``."""
    return all(
        bar.owned or isinstance(t, Scalar) for bar, t in zip(sweeps.gradients, wanted, strict=True)
    )


def _is_exact(fn: Function) -> bool:
    """Whether no rule that ``fn`` uses is the user's own word for a derivative."""
    rules = (
        rule_for(c.fn.value) for s in statements(fn) for c in calls_in(s) if isinstance(c.fn, Ref)
    )
    return all(rule is None or rule.exact for rule in rules)
