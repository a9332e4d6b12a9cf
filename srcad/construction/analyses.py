"""What is found of functions for the types of their arguments: their types, memory and activity."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import FunctionType
from typing import Final, TypeVar

from srcad.analysis.activity import Activity, find_activity
from srcad.analysis.analysed import Analysed
from srcad.analysis.buffers import plan_storage
from srcad.analysis.int_or_float import check_made_of_floats
from srcad.analysis.outside import check_changes, check_updates, outside_result
from srcad.analysis.storage import Storage
from srcad.construction.local_calls import is_single_return, local_functions_in
from srcad.construction.normal import normal_form
from srcad.construction.recursion import calls_itself
from srcad.construction.symmetry import gradient_of
from srcad.errors import MutationError, SrcadError
from srcad.frontend.lifting import lifting_of
from srcad.ir.lookups import Lookup
from srcad.ir.nodes import Call, Capture, Expr, Function, Ref, Var
from srcad.ir.walk import statements
from srcad.passes.defaults import with_defaults_settled
from srcad.passes.index_rows import index_rows
from srcad.passes.inline import Body, inline_calls
from srcad.passes.outputs import plain_outputs
from srcad.passes.read_items import settled_items
from srcad.passes.untangle import untangled
from srcad.passes.webs import separate_webs
from srcad.rules.table import rule_for
from srcad.types.calls import bind_arguments, python_function
from srcad.types.infer import Typed, specialise
from srcad.types.lattice import UNKNOWN, FixedList, ListOf, Static, Type, without_extents
from srcad.types.operands import operand_type
from srcad.types.renaming import canonical, told

__all__ = ["Analyses"]

_Answer = TypeVar("_Answer")

_ROUNDS: Final = 6
_DEPTH: Final = 20
_UNROLLED: Final = 8
"""How often a recursion calls itself before it is taken for one without end."""
_UNROLLED_ALIKE: Final = 3
"""How often, if the types of its arguments stay the same each time."""
_SHORT: Final = 24
_ENDLESS: Final = 1 << 30


class Analyses:
    """Takes functions apart for types, each once, and keeps what it found.

    ``for_reading``: no call has been seen, so that nothing is known of any argument.
    """

    def __init__(self, *, for_reading: bool = False) -> None:
        self.for_reading = for_reading
        self.captures: dict[tuple[int, tuple[str, str]], tuple[FunctionType, Capture]] = {}
        self.functions: dict[FunctionType, None] = {}
        self.lookups: dict[tuple[int, str, bool], Lookup] = {}
        self._typed: dict[tuple[FunctionType, tuple[Type, ...]], Typed] = {}
        self._guesses: dict[tuple[FunctionType, tuple[Type, ...]], Type | None] = {}
        self._guesses_used: set[tuple[FunctionType, tuple[Type, ...]]] = set()
        self._analysed: dict[tuple[FunctionType, tuple[Type, ...]], Analysed] = {}
        self._results: dict[object, tuple[tuple[Type, ...], Type]] = {}
        self._canonical: dict[tuple[Type, ...], tuple[Type, ...]] = {}
        self._growing: set[FunctionType] = set()
        self._in_progress: set[tuple[FunctionType, tuple[Type, ...]]] = set()

    def normal(self, fn: FunctionType) -> Function:
        """``fn`` in normal IR with webs apart."""
        ir = normal_form(fn)
        self.functions[fn] = None
        for capture in ir.captures:
            self.captures.setdefault((id(fn), capture.read), (fn, capture))
        return ir

    def _settled(self, fn: FunctionType, types: tuple[Type, ...]) -> Function:
        """`normal`, as it runs where some parameters are surely ``None``, or surely not."""
        ir = self.normal(fn)
        of = {p.var: t for p, t in zip(ir.params, types, strict=True) if t != UNKNOWN}
        return with_defaults_settled(ir, {v: t == Static(None) for v, t in of.items()})

    def signature(self, fn: FunctionType, types: tuple[Type, ...]) -> tuple[Type, ...]:
        """``types`` by the names of ``fn``; of a recursion without what each call has otherwise.

        In ``f(v, n - 1)`` no two calls have the same known numbers.
        """
        if fn not in self._growing and sum(g is fn for g, _ in self._guesses) >= _UNROLLED:
            self._growing.add(fn)
        if fn in self._growing:
            types = tuple(map(without_extents, types))
        if types not in self._canonical:
            self._canonical[types] = canonical(types)
        return self._canonical[types]

    def result_type(self, fn: FunctionType, types: tuple[Type, ...]) -> Type | None:
        """What ``fn`` returns for arguments of ``types``; ``None`` while that is open."""
        if fn in self._results:
            given, result = self._results[fn]
            return told(result, given, types)
        inside = self.signature(fn, types)
        result = self._result_type(fn, inside)
        return None if result is None else told(result, inside, types)

    def _result_type(self, fn: FunctionType, types: tuple[Type, ...]) -> Type | None:
        if (of := gradient_of(fn)) is not None:
            self.functions[fn] = None
            return of.result(types, self.result_type(of.primal, types) or UNKNOWN)
        key = (fn, types)
        if key in self._typed:
            return self._typed[key].result
        if key in self._guesses:
            self._guesses_used.add(key)
            return self._guesses[key]
        try:
            return self.typed(fn, types).result
        except SrcadError:
            # A function that cannot be differentiated may still be called where no derivative
            # flows.
            return UNKNOWN

    def changed_lists(self, fn: FunctionType, types: tuple[Type, ...]) -> Mapping[int, Type]:
        """By place, the types of lists when the local function ``fn`` has changed them.

        No other function changes lists that it is given.
        """
        if lifting_of(fn) is None or not any(isinstance(t, FixedList | ListOf) for t in types):
            return {}
        inside = self.signature(fn, types)
        if (fn, inside) in self._guesses:
            return {}
        try:
            after = self.typed(fn, inside)
        except SrcadError:
            return {}
        found = (after.types.get(p.var, t) for p, t in zip(after.fn.params, inside, strict=True))
        pairs = enumerate(zip(inside, found, strict=True))
        return {
            i: told(new, inside, types)
            for i, (old, new) in pairs
            if isinstance(old, FixedList | ListOf) and new != old
        }

    def typed(self, fn: FunctionType, types: tuple[Type, ...]) -> Typed:
        """``fn`` resolved for arguments of ``types``; recursion is iterated until it settles."""
        key = (fn, types)
        if key in self._typed:
            return self._typed[key]
        self._guesses[key] = None
        try:
            for _ in range(_ROUNDS):
                self._guesses_used.discard(key)
                found = self.specialised(self._settled(fn, types), types)
                if key not in self._guesses_used or found.result == self._guesses[key]:
                    break
                self._guesses[key] = found.result
            else:
                self._guesses[key] = UNKNOWN
                found = self.specialised(self._settled(fn, types), types)
        finally:
            del self._guesses[key]
        self._typed[key] = found
        return found

    def specialised(
        self, ir: Function, types: tuple[Type, ...], *, generated: bool = False
    ) -> Typed:
        """``ir`` resolved for arguments of ``types``, with the webs apart that this tells apart."""
        while True:
            typed = specialise(ir, types, self.result_type, self.changed_lists, generated=generated)
            self.lookups.update({(id(k.owner), k.name, k.baked): k for k in typed.lookups})
            if not (typed.is_unrolled or typed.rebinds):
                return typed
            ir, old = separate_webs(typed.fn)
            if not typed.is_unrolled and all(v == was for v, was in old.items()):
                return typed

    def analysed(self, fn: FunctionType, types: tuple[Type, ...]) -> Analysed:
        """`typed`, with webs apart again and the memory planned."""
        key = (fn, types)
        if key not in self._analysed:
            typed = self.typed(fn, types)
            rounds: Counter[tuple[FunctionType, tuple[Type, ...]]] = Counter()
            for _ in range(_DEPTH):
                written_out, any_done = inline_calls(typed.fn, self._mutating(typed, rounds))
                if not any_done:
                    break
                ir, _ = separate_webs(written_out)
                typed = self.specialised(ir, types)
            self._analysed[key] = self.plan(typed)
        return self._analysed[key]

    def _mutating(
        self, typed: Typed, rounds: Counter[tuple[FunctionType, tuple[Type, ...]]]
    ) -> Body:
        """Which calls in ``typed`` are to be written out.

        Those that mutate what they are given, and those of a local function of one expression.
        In how many rounds each was is counted in ``rounds``: if the types stay what they are, a
        function that calls itself twice would be written out twice as often each time.
        """
        before = dict(rounds)

        def body_of(call: Call) -> tuple[Function, tuple[Expr, ...]] | None:
            fn = call.fn.value if isinstance(call.fn, Ref) else None
            if not isinstance(fn, FunctionType) or python_function(fn) is None:
                return None
            if rule_for(fn) or self._is_closed(fn):
                return None
            try:
                operands = bind_arguments(fn, call)
                if is_single_return(fn) and self._size(fn) <= _SHORT:
                    return self.normal(fn), operands
                types = tuple(operand_type(o, typed.types) for o in operands)
                key = (fn, types)
                if before.get(key, 0) >= _UNROLLED_ALIKE and calls_itself(fn, self.normal):
                    return None
                touched = self._touches(fn, types)
            except SrcadError:
                return None
            rounds[key] = before.get(key, 0) + touched
            return (self.normal(fn), operands) if touched else None

        return body_of

    def _touches(self, fn: FunctionType, types: tuple[Type, ...]) -> bool:
        """Whether ``fn`` mutates what it is given, or the variables of the function around it."""
        try:
            return bool(self.mutates(fn, types))
        except MutationError:
            # What cannot be changed as a parameter may be plain where it is a local variable.
            if lifting_of(fn) is None:
                raise
            return self._size(fn) < _ENDLESS

    def _size(self, fn: FunctionType, callers: tuple[FunctionType, ...] = ()) -> int:
        """How many statements a local function has with all that it calls."""
        if fn in callers:
            return _ENDLESS
        ir = self.normal(fn)
        inside = (self._size(inner, (*callers, fn)) for inner in local_functions_in(ir))
        return len(statements(ir)) + sum(inside)

    def plan(self, typed: Typed) -> Analysed:
        """The memory plan of a typed function."""
        ir, known = settled_items(typed.fn, typed.types)
        ir, known = plain_outputs(ir, known)
        ir, old = separate_webs(ir)
        types = {**known, **{new: known.get(o, UNKNOWN) for new, o in old.items()}}
        ir, types = index_rows(ir, types)
        result = UNKNOWN if typed.result is None else typed.result
        try:
            found = self._planned(ir, types, result)
        except MutationError:
            plainer = self._untangled(ir, types, result)
            if plainer is None:
                raise
            return plainer
        if found.storage.guarded:
            plainer = self._untangled(ir, types, result)
            if plainer is not None and not plainer.storage.guarded:
                return plainer
        return found

    def _untangled(self, ir: Function, types: Mapping[Var, Type], result: Type) -> Analysed | None:
        """The plan of what is rewritten until it can be proved; ``None`` if it cannot be."""
        for own_names in (False, True):
            plainer, known, copied = untangled(
                ir, types, self.shares, self.outside, own_names=own_names
            )
            try:
                found = self._planned(plainer, known, result)
            except MutationError:
                continue
            changed = found.storage.updated_params | copied
            return replace(found, storage=replace(found.storage, updated_params=changed))
        return None

    def _planned(self, ir: Function, types: Mapping[Var, Type], result: Type) -> Analysed:
        check_updates(ir, types, self.shares, self.outside)
        planned, storage = plan_storage(ir, types, self.shares, self.own, self.mutates)
        if planned is not ir:
            planned, storage, types = self._with_updates_apart(planned, storage, types)
        ir = planned
        check_changes(ir, types, self.shares, self.outside)
        check_made_of_floats(ir, types, storage.buffers)
        return Analysed(ir, types, result, storage)

    def _with_updates_apart(
        self, ir: Function, storage: Storage, types: Mapping[Var, Type]
    ) -> tuple[Function, Storage, Mapping[Var, Type]]:
        """``ir`` and its plan with webs apart: ``w /= s`` may have become ``w = w / s`` since."""
        apart, old = separate_webs(ir)
        if all(new is was for new, was in old.items()):
            return ir, storage, types
        types = {**types, **{new: types.get(was, UNKNOWN) for new, was in old.items()}}
        ir, found = plan_storage(apart, types, self.shares, self.own, self.mutates)
        params = zip(apart.params, ir.params, strict=True)
        updated = frozenset(
            b.var for a, b in params if old.get(a.var, a.var) in storage.updated_params
        )
        return ir, replace(found, updated_params=updated), types

    def shares(self, fn: FunctionType, types: tuple[Type, ...]) -> frozenset[int]:
        """The parameters whose memory the result of ``fn`` may share."""
        return self._summary(fn, types, "result_shares")

    def own(self, fn: FunctionType, types: tuple[Type, ...]) -> frozenset[tuple[int, ...]]:
        """Where in the tuple that ``fn`` returns there is what nobody else holds."""
        return self._asked(fn, types, lambda found: found.storage.result_own, frozenset())

    def mutates(self, fn: FunctionType, types: tuple[Type, ...]) -> frozenset[int]:
        """The parameters that ``fn`` mutates."""
        both = ("mutated_params", "updated_params")
        return frozenset[int]().union(*(self._summary(fn, types, fact) for fact in both))

    def outside(self, fn: FunctionType, types: tuple[Type, ...]) -> str:
        """What ``fn`` may return that was there before it ran; the empty string for nothing."""

        def asked(found: Analysed) -> str:
            return outside_result(found.fn, found.types, self.shares, self.outside)

        return self._asked(fn, types, asked, "")

    def _summary(self, fn: FunctionType, types: tuple[Type, ...], fact: str) -> frozenset[int]:
        def asked(found: Analysed) -> frozenset[int]:
            chosen: frozenset[Var] = getattr(found.storage, fact)
            return frozenset(i for i, p in enumerate(found.fn.params) if p.var in chosen)

        try:
            return self._asked(fn, types, asked, frozenset())
        except MutationError:
            raise
        except SrcadError:
            if fact != "result_shares":
                raise
            return frozenset(range(len(types)))

    def _asked(
        self,
        fn: FunctionType,
        types: tuple[Type, ...],
        ask: Callable[[Analysed], _Answer],
        meanwhile: _Answer,
    ) -> _Answer:
        """What ``ask`` finds of ``fn``; ``meanwhile`` if a recursion asks, or nothing is to see."""
        types = self.signature(fn, types)
        key = (fn, types)
        if self._is_closed(fn) or key in self._in_progress:
            return meanwhile
        self._in_progress.add(key)
        try:
            return ask(self.analysed(fn, types))
        finally:
            self._in_progress.discard(key)

    def activity(self, analysed: Analysed, wrt: tuple[int, ...]) -> Activity:
        """What is active when parameters ``wrt`` are differentiated."""
        chosen = frozenset(analysed.fn.params[i].var for i in wrt)
        return find_activity(analysed.fn, analysed.types, analysed.storage, chosen)

    def _is_closed(self, fn: FunctionType) -> bool:
        """Whether all is known of ``fn`` without a look into it: it is generated, and pure."""
        return fn in self._results or gradient_of(fn) is not None

    def declare(self, fn: FunctionType, types: tuple[Type, ...], result: Type) -> None:
        """Note what a generated function of ``types`` returns: it need not be read to be called."""
        self._results[fn] = (types, result)

    def declared(self, fn: FunctionType) -> tuple[tuple[Type, ...], Type] | None:
        """What was declared of ``fn``, if anything was."""
        return self._results.get(fn)
