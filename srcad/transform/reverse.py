"""Reverse mode: the statements in reverse, each replaced by what it adds to the adjoints.

The result is a `Sweeps`: the forward sweep is the function itself, with what has to be recorded;
the backward sweep is written here. `transform.assemble` makes functions of the two.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from srcad import runtime
from srcad.analysis.effects import ARITHMETIC, is_fresh
from srcad.analysis.places import exposed
from srcad.analysis.reads import Reads
from srcad.analysis.recording import Records, block_key, find_records
from srcad.analysis.sharing import is_basic_index
from srcad.analysis.writes import accumulates_at
from srcad.ir.nodes import (
    Assign,
    AugAssign,
    Block,
    Break,
    Call,
    Const,
    Do,
    Expr,
    For,
    If,
    List,
    Origin,
    Raise,
    Ref,
    Return,
    Slice,
    Stmt,
    Store,
    Tuple,
    Unpack,
    Var,
    While,
)
from srcad.ir.refs import APPEND, LIST_APPEND, POP
from srcad.ir.walk import bound, statements, used, variables
from srcad.transform.adjoints import GETITEM, Adjoints, Bar, Cell, slotted_variables
from srcad.transform.build import Builder, substitute
from srcad.transform.prepare import CallHalves, Prepared
from srcad.transform.terms import G, Term, reads_of, reduced_to
from srcad.types.lattice import UNKNOWN, Array, Record, Scalar, TupleOf, Type
from srcad.types.layouts import getitem_type
from srcad.types.operands import operand_type

__all__ = ["Sweeps", "placeholder", "reverse_sweeps"]

MUL: Final = Ref("operator.mul", operator.mul)
REVERSED: Final = Ref("reversed", reversed)
RANGE: Final = Ref("range", range)
LIST: Final = Ref("list", list)
COPY: Final = Ref("np.copy", np.copy)
STORED: Final = Ref("stored_bar", runtime.stored_bar)
NONE: Final = Const(None)


@dataclass(frozen=True, slots=True)
class Sweeps:
    """The forward and the backward sweep, without their first and last lines.

    Parameters
    ----------
    forward, result
        The forward sweep and the operand that the function returns.
    backward
        The backward sweep.
    gradients
        The cotangent of each parameter that is differentiated, as operands.
    restored
        The variables whose memory the backward sweep brings back to what it was.
    consumes
        Whether the backward sweep uses up what the forward sweep saved, so that it can run once
        only.
    """

    forward: Block
    result: Expr
    backward: Block
    gradients: tuple[Bar, ...]
    restored: frozenset[Var]
    consumes: bool


def reverse_sweeps(
    prepared: Prepared,
    wrt: tuple[Var, ...],
    seed: Expr,
    *,
    aux: bool,
) -> Sweeps:
    """Turn ``prepared`` round.

    Parameters
    ----------
    prepared
        The function, with the facts about it.
    wrt
        The parameters to differentiate.
    seed
        The cotangent of the result: an operand.
    aux
        Whether the function returns a pair of which only the first item is differentiated.
    """
    return _Reverse(prepared).run(wrt, seed, aux=aux)


def adjoint_reads(prepared: Prepared) -> dict[int, Reads]:
    """By statement, what its reverse reads, taken off the terms."""
    return {
        id(s): found
        for s in statements(prepared.fn.body)
        if (found := _reads(s, prepared)) != Reads()
    }


def control_reads(prepared: Prepared) -> dict[int, Reads]:
    """What the reverse of each branch and loop reads, if there is anything to do inside."""
    found: dict[int, Reads] = {}
    for stmt in statements(prepared.fn.body):
        match stmt:
            case If(test):
                found[id(stmt)] = Reads(frozenset(variables(test)))
            case For(_, iterable):
                found[id(stmt)] = Reads(frozenset(variables(iterable)))
            case _:
                pass
        if (trips := prepared.trips.get(id(stmt))) is not None:
            found[id(stmt)] = found.get(id(stmt), Reads()) | Reads(frozenset({trips}))
    return found


def _reads(stmt: Stmt, prepared: Prepared) -> Reads:
    found = _term_reads(stmt, prepared)
    storage = prepared.storage
    if storage.views and not isinstance(stmt, If | For | While):
        for var in used(stmt):
            if var in storage.views and var in prepared.active:
                found |= Reads(storage.place_reads(var))
    match stmt:
        case Store(Var() as obj, index) | AugAssign(Var() as obj, index) if obj in storage.buffers:
            # Its contents may have to be restored.
            at = frozenset[Var]() if index is None else frozenset(variables(index))
            found |= Reads(at, frozenset({obj}))
        case _:
            pass
    return found


def _term_reads(stmt: Stmt, prepared: Prepared) -> Reads:
    active = prepared.active

    def any_active(expr: Expr) -> bool:
        return any(v in active for v in variables(expr))

    def read(*exprs: Expr) -> Reads:
        return Reads(frozenset(v for e in exprs for v in variables(e)))

    match stmt:
        case Assign() if id(stmt) in prepared.terms:
            out = Reads()
            for term in prepared.terms[id(stmt)]:
                if any_active(term.operand):
                    out |= term.reads
            return out
        case Unpack() if id(stmt) in prepared.calls:
            # What the callee saved may be any of its operands, or its result, or a view of one.
            held = frozenset((*used(stmt), *bound(stmt))) & prepared.storage.buffers
            return read(prepared.calls[id(stmt)].saved) | Reads(memory=held)
        case Store(Var() as obj, index, value) | AugAssign(Var() as obj, index, _, value) if (
            obj in active and any_active(value)
        ):
            return _likes(obj, index, value, prepared.types)
        case Do(Call(args=(_, index, value))) if (hit := accumulates_at(stmt)) and hit[1] in active:
            at = read(index)
            return at | _likes(hit[1], index, value, prepared.types) if any_active(value) else at
        case If(test, then, orelse) if _has_effect((*then, *orelse), prepared):
            return read(test)
        case For(_, iterable, body) if _has_effect(body, prepared):
            if id(stmt) in prepared.trips:
                return read(iterable, prepared.trips[id(stmt)])
            return read(iterable)
        case While(_, _, body) if _has_effect(body, prepared):
            return read(prepared.trips[id(stmt)])
        case _:
            return Reads()


def _likes(obj: Var, index: Expr | None, value: Expr, types: Mapping[Var, Type]) -> Reads:
    """What is read to sum a cotangent of the shape of ``obj[index]`` down to that of ``value``."""
    part = _item_type(obj, index, types)
    return reads_of(reduced_to(G, value, operand_type(value, types), part))


def _item_type(obj: Var, index: Expr | None, types: Mapping[Var, Type]) -> Type:
    whole = types.get(obj, UNKNOWN)
    if index is None:
        return whole
    try:
        return getitem_type(whole, operand_type(index, types))
    except LookupError:
        return UNKNOWN


def _has_effect(block: Block, prepared: Prepared) -> bool:
    """Whether the reverse of ``block`` does anything: it binds or mutates something active."""
    for stmt in statements(block):
        if any(v in prepared.active for v in bound(stmt)):
            return True
        match stmt:
            case Store(Var() as obj) | AugAssign(Var() as obj) if obj in prepared.active:
                return True
            case Store() | AugAssign():
                return True
            case Do(Call(Ref(_, fn), (Var(), *_))) if fn is LIST_APPEND:
                return True
            case Do() if accumulates_at(stmt):
                return True
            case _:
                pass
    return False


def placeholder(t: Type) -> Const:
    """A value for a variable of type ``t`` that is recorded before it is bound, and never read."""
    if isinstance(t, Scalar):
        return Const({"b": False, "i": 0, "u": 0}.get(t.dtype.kind, 0.0))
    return NONE


class _Reverse:
    def __init__(self, prepared: Prepared) -> None:
        self.p = prepared
        self.types = prepared.types
        storage = self.storage = prepared.storage
        self.names = prepared.names
        self.build = Builder(self.names)
        self._bar_names: dict[Cell, Var] = {}
        self.records: Records = find_records(
            prepared.fn.body,
            adjoint_reads(prepared),
            control_reads(prepared),
            prepared.types,
            storage,
            prepared.active,
        )
        self.adjoints = Adjoints(
            prepared.types,
            storage,
            slotted_variables(prepared.fn, prepared.types),
            prepared.active,
            self.build,
            self.bar_name,
        )
        self._stacks: dict[tuple[Var, bool], Var] = {}
        self._plain: dict[tuple[int, Var, bool], Var] = {}
        self._guided: set[int] = set()

    # --- names

    def bar_name(self, var: Var, path: tuple[object, ...]) -> Var:
        cell = (var, path)
        found = self._bar_names.get(cell)
        if found is None:
            base = "_".join([var.base, *(str(k) for k in path)])
            base = "".join(c if c.isalnum() or c == "_" else "_" for c in base)
            found = self._bar_names[cell] = self.names.fresh(f"{base}_bar")
        return found

    def stack(self, var: Var, *, contents: bool) -> Var:
        key = (var, contents)
        if key not in self._stacks:
            base = f"{var.base}_old" if contents else f"{var.base}_saved"
            self._stacks[key] = self.names.fresh(base)
        return self._stacks[key]

    # --- the whole

    def run(self, wrt: tuple[Var, ...], seed: Expr, *, aux: bool) -> Sweeps:
        *body, last = self.p.fn.body
        assert isinstance(last, Return)
        forward = self.forward(tuple(body), in_loop=False)
        result = last.value
        differentiated = result
        if aux:
            differentiated = self._first(result)
        self.build.origin = last.origin
        self.adjoints.add(differentiated, seed, owned=False)
        self.backward(tuple(body), in_loop=False)
        gradients = tuple(self._gradient(v) for v in wrt)
        stacks = tuple(self._stacks.values())
        made = tuple(Assign(s, List(())) for s in stacks)
        unbound = self._unbound((*made, *forward))
        initial = tuple(Assign(v, placeholder(self.types.get(v, UNKNOWN))) for v in unbound)
        return Sweeps(
            (*initial, *self._with_stacks(forward, made)),
            result,
            self.build.block(),
            gradients,
            self._restored(),
            bool(self.records.contents),
        )

    def _restored(self) -> frozenset[Var]:
        found: set[Var] = set()
        for stmt in statements(self.p.fn.body):
            region = self._region(stmt) if id(stmt) in self.records.contents else None
            if region is not None:
                found |= self.storage.members.get(region[0], frozenset({region[0]}))
        return frozenset(found)

    def _first(self, result: Expr) -> Expr:
        if isinstance(result, Tuple):
            return result.items[0]
        return result

    def _gradient(self, var: Var) -> Bar:
        self.build.origin = None
        for cell, leaf in self.adjoints.leaves(var):
            bar = self.adjoints.cells.get(cell)
            if isinstance(leaf, Array) and bar is not None and not bar.owned:
                # What is returned belongs to the caller alone.
                self.adjoints.ensure_owned(*cell)
        bar = self.adjoints.whole(var)
        t = self.types.get(var, UNKNOWN)
        if var not in self.adjoints.slotted and isinstance(t, TupleOf):
            return Bar(self.build.temp(Call(Ref("tuple", tuple), (bar.value,))), bar.owned)
        return bar

    def _with_stacks(self, forward: Block, made: tuple[Assign, ...]) -> Block:
        """``forward`` with each list made just before the first statement that uses it."""
        left = list(made)
        out: list[Stmt] = []
        for stmt in forward:
            inside = {v for s in statements((stmt,)) for v in used(s)}
            for init in [m for m in left if m.target in inside]:
                out.append(init)
                left.remove(init)
            out.append(stmt)
        return (*left, *out)

    def _unbound(self, forward: Block) -> list[Var]:
        """The variables that would be recorded before they are bound."""
        saved = {v for v, _ in self._stacks} | {v for _, v, _ in self._plain}
        loose = exposed(forward) & saved
        loose -= {p.var for p in self.p.fn.params}
        return sorted(loose, key=lambda v: v.name)

    # --- the forward sweep

    def forward(self, block: Block, *, in_loop: bool) -> Block:
        out: list[Stmt] = []
        for stmt in block:
            out.extend(self._saves_before(stmt, in_loop=in_loop))
            match stmt:
                case If(_, then, orelse):
                    out.append(
                        replace(
                            stmt,
                            then=self._forward_block(stmt, "then", then, in_loop=in_loop),
                            orelse=self._forward_block(stmt, "orelse", orelse, in_loop=in_loop),
                        )
                    )
                case For(_, _, body) | While(_, _, body):
                    out.append(
                        replace(stmt, body=self._forward_block(stmt, "body", body, in_loop=True))
                    )
                case _:
                    out.append(stmt)
        return tuple(out)

    def _forward_block(self, owner: Stmt, which: str, block: Block, *, in_loop: bool) -> Block:
        inner = self.forward(block, in_loop=in_loop)
        saves = tuple(
            self._push(v, contents=False)
            for v in self.records.at_end.get(block_key(owner, which), ())
        )
        return _at_every_end(inner, saves)

    def _push(self, var: Var, *, contents: bool, value: Expr | None = None) -> Stmt:
        stack = self.stack(var, contents=contents)
        return Do(Call(APPEND, (stack, var if value is None else value), spell=".append"))

    def _saves_before(self, stmt: Stmt, *, in_loop: bool) -> list[Stmt]:
        out: list[Stmt] = []
        for var in sorted(self.records.before.get(id(stmt), ()), key=lambda v: v.name):
            if in_loop:
                out.append(self._push(var, contents=False))
            else:
                out.append(Assign(self._plain_name(stmt, var, contents=False), var))
        if id(stmt) in self.records.contents:
            out.extend(self._save_contents(stmt, in_loop=in_loop))
        return out

    def _plain_name(self, stmt: Stmt, var: Var, *, contents: bool) -> Var:
        key = (id(stmt), var, contents)
        if key not in self._plain:
            self._plain[key] = self.names.fresh(f"{var.base}_{'old' if contents else 'saved'}")
        return self._plain[key]

    def _region(self, stmt: Stmt) -> tuple[Var, Expr] | None:
        """The memory that ``stmt`` overwrites: an array and an index into it."""
        match stmt:
            case Store(Var() as obj, index, _):
                return obj, index
            case AugAssign(Var() as obj, index, _, _):
                return obj, Const(Ellipsis) if index is None else index
            case Do(Call(args=(Var() as obj, index, _))) if accumulates_at(stmt):
                return obj, index
            case _:
                return None

    def _save_contents(self, stmt: Stmt, *, in_loop: bool) -> list[Stmt]:
        region = self._region(stmt)
        if region is None:  # a list: its reverse undoes it without a record
            return []
        obj, index = region
        out: list[Stmt] = []
        old: Expr = Call(GETITEM, (obj, index))
        t = self.types.get(obj, UNKNOWN)
        scalar = isinstance(t, Array) and _counts(index, self.types) == t.ndim
        first = self.names.fresh("t")
        out.append(Assign(first, old, stmt.origin))
        value: Expr = first
        if not scalar:
            copy = self.names.fresh("t")
            out.append(Assign(copy, Call(COPY, (first,), spell=".copy"), stmt.origin))
            value = copy
        if in_loop:
            out.append(self._push(obj, contents=True, value=value))
        else:
            out.append(Assign(self._plain_name(stmt, obj, contents=True), value))
        return out

    # --- the backward sweep

    def backward(self, block: Block, *, in_loop: bool) -> None:
        for stmt in reversed(block):
            self.build.origin = _line_only(stmt)
            for repeated in self.records.again.get(id(stmt), ()):
                self._run_again(repeated)
            self._stmt(stmt, in_loop=in_loop)

    def _run_again(self, stmt: Stmt) -> None:
        self.build.add(replace(stmt, origin=self.build.origin))  # pyright: ignore[reportCallIssue]  # every statement has an origin

    def _restore(self, stmt: Stmt, *, in_loop: bool) -> None:
        for var in sorted(self.records.before.get(id(stmt), ()), key=lambda v: v.name):
            if in_loop:
                self._pop(var)
            else:
                self.build.assign(var, self._plain_name(stmt, var, contents=False))

    def _pop(self, var: Var) -> None:
        stack = self.stack(var, contents=False)
        self.build.add(Assign(var, Call(POP, (stack,), spell=".pop"), self.build.origin))

    def _restore_contents(self, stmt: Stmt, *, in_loop: bool) -> None:
        if id(stmt) not in self.records.contents:
            return
        region = self._region(stmt)
        if region is None:
            self._undo_list(stmt)
            return
        obj, index = region
        if in_loop:
            stack = self.stack(obj, contents=True)
            value: Expr = self.build.temp(Call(POP, (stack,), spell=".pop"))
        else:
            value = self._plain_name(stmt, obj, contents=True)
        self.build.add(Store(obj, index, value, self.build.origin))

    def _undo_list(self, stmt: Stmt) -> None:
        match stmt:
            case Do(Call(_, (xs, _))):
                self.build.temp(Call(POP, (xs,), spell=".pop"))
            case Assign(target, Call(_, (xs,))):
                self.build.add(Do(Call(APPEND, (xs, target), spell=".append")))
            case _:
                pass

    def _stmt(self, stmt: Stmt, *, in_loop: bool) -> None:
        match stmt:
            case If():
                self._if(stmt, in_loop=in_loop)
            case For() | While():
                self._loop(stmt, in_loop=in_loop)
            case Break() | Raise():
                return
            case _:
                before = self.records.before.get(id(stmt), frozenset())
                own = before & (self._own_reads(stmt) & frozenset(used(stmt)))
                if own:
                    self._take_first(stmt, in_loop=in_loop)
                else:
                    self._reverse_simple(stmt)
                    self._restore(stmt, in_loop=in_loop)

    def _own_reads(self, stmt: Stmt) -> frozenset[Var]:
        return _reads(stmt, self.p).names

    def _take_first(self, stmt: Stmt, *, in_loop: bool) -> None:
        self._restore(stmt, in_loop=in_loop)
        self._reverse_simple(stmt)

    def _reverse_simple(self, stmt: Stmt) -> None:
        match stmt:
            case Assign(Var() as target, value):
                self._assign(stmt, target, value)
            case Unpack(targets, value):
                if id(stmt) in self.p.calls:
                    self._call(self.p.calls[id(stmt)])
                else:
                    self._unpack(targets, value)
            case Store(Var() as obj, index, value):
                self._store(stmt, obj, index, value)
            case AugAssign(Var() as obj, index, op, value):
                self._aug_assign(stmt, obj, index, op, value)
            case Do(Call(Ref(_, fn), (Var() as xs, item))) if fn is LIST_APPEND:
                self._append(stmt, xs, item)
            case Do() if (hit := accumulates_at(stmt)) is not None:
                self._restore_contents(stmt, in_loop=self._in_loop(stmt))
                call, obj = hit
                if obj in self.p.active and not self.adjoints.is_absent(obj):
                    bar = self.adjoints.whole(obj).value
                    item: Expr = Call(GETITEM, (bar, call.args[1]))
                    if self._would_alias(call.args[2]):
                        item = Call(COPY, (item,), spell=".copy")
                    self._add_reduced(call.args[2], item, obj, call.args[1])
            case _:
                return

    def _in_loop(self, stmt: Stmt) -> bool:
        region = self._region(stmt)
        return region is not None and (id(stmt), region[0], True) not in self._plain

    # --- simple statements

    def _assign(self, stmt: Assign, target: Var, value: Expr) -> None:
        if isinstance(value, Call) and value.fn == POP:
            self._reverse_pop(stmt, target, value)
            return
        if target not in self.p.active or target in self.storage.views:
            return
        if isinstance(value, Call) and value.fn == Ref("", getattr):
            bar = self.adjoints.take(target)
            if bar is not None:
                name = value.args[1]
                assert isinstance(name, Const)
                self.adjoints.add_field(value.args[0], str(name.value), bar.value, owned=bar.owned)
            return
        bar = self.adjoints.take(target)
        if bar is None:
            return
        if not isinstance(value, Call):
            self.adjoints.add(value, bar.value, owned=bar.owned)
            return
        if (
            isinstance(value.fn, Ref)
            and isinstance(value.fn.value, type)
            and id(stmt) not in self.p.terms
        ):
            self._reverse_record(target, value, bar)
            return
        self._contribute(self.p.terms[id(stmt)], bar)

    def _contribute(self, terms: tuple[Term, ...], bar: Bar) -> None:
        values = [substitute(t.value, {G: bar.value}) for t in terms]
        passed_on = sum(not self._is_fresh(v) for v in values)
        if len(terms) == 2 and terms[0] == terms[1] and terms[0].index is None:
            # x * x, x + x: one term twice.
            terms, values = terms[:1], [Call(MUL, (Const(2), values[0]))]
        for term, value in zip(terms, values, strict=True):
            owned = self._is_fresh(value) or (value == bar.value and bar.owned and passed_on == 1)
            if term.index is not None:
                self.adjoints.add_at(term.operand, term.index, value, owned=owned)
            else:
                self.adjoints.add(term.operand, value, owned=owned and not term.joint)

    def _is_fresh(self, value: Expr) -> bool:
        if not (isinstance(value, Call) and isinstance(value.fn, Ref)):
            return False
        # Adjoints are numbers and arrays, of which arithmetic always makes new ones.
        return value.fn.value in ARITHMETIC or is_fresh(value, self.types)

    def _reverse_record(self, target: Var, call: Call, bar: Bar) -> None:
        t = self.types.get(target, UNKNOWN)
        assert isinstance(t, Record), "only records are made by calling a class"
        names = [n for n, _ in t.fields]
        given = {**dict(zip(names, call.args, strict=False)), **dict(call.kwargs)}
        value = bar.value
        for name, operand in given.items():
            self.adjoints.add(
                operand, Call(Ref("getattr", getattr), (value, Const(name))), owned=False
            )

    def _unpack(self, targets: tuple[Var | None, ...], value: Expr) -> None:
        for i, target in enumerate(targets):
            if target is None or target not in self.p.active or target in self.storage.views:
                continue
            bar = self.adjoints.take(target)
            if bar is None:
                continue
            if isinstance(value, Var):
                self.adjoints.add_at(value, Const(i), bar.value, owned=bar.owned)

    def _call(self, call: CallHalves) -> None:
        bar = self.adjoints.take(call.result)
        if bar is None:
            return
        value = self.build.operand(bar.value)
        made = Call(call.backward, (call.saved, value))
        operands = call.operands
        if len(operands) == 1:
            self.adjoints.add(operands[0], made, owned=True)
            return
        self.adjoints.add(Tuple(operands), made, owned=True)

    def _store(self, stmt: Store, obj: Var, index: Expr, value: Expr) -> None:
        self._restore_contents(stmt, in_loop=self._in_loop(stmt))
        if obj not in self.p.active or self.adjoints.is_absent(obj):
            return
        bar = self.adjoints.ensure_buffer(obj)
        if any(v in self.p.active for v in variables(value)):
            item: Expr = Call(GETITEM, (bar, index))
            t = self.types.get(obj, UNKNOWN)
            scalar = isinstance(t, Array) and _counts(index, self.types) == t.ndim
            if is_basic_index(index, self.types) is not True and not self._is_mask(index):
                item = Call(STORED, (bar, index))
            elif not scalar and not self._is_mask(index):
                item = Call(COPY, (item,), spell=".copy")
            kept = self.build.temp(item, "t_bar")
            self.build.add(Store(bar, index, Const(0), self.build.origin))
            self._add_reduced(value, kept, obj, index, owned=True)
            return
        self.build.add(Store(bar, index, Const(0), self.build.origin))

    def _is_mask(self, index: Expr) -> bool:
        t = operand_type(index, self.types)
        return isinstance(t, Array) and t.dtype.kind == "b"

    def _aug_assign(
        self, stmt: AugAssign, obj: Var, index: Expr | None, op: Ref, value: Expr
    ) -> None:
        self._restore_contents(stmt, in_loop=self._in_loop(stmt))
        if obj not in self.p.active or self.adjoints.is_absent(obj):
            return
        if not any(v in self.p.active for v in variables(value)):
            return
        bar = self.adjoints.whole(obj).value
        item: Expr = bar
        if index is not None:
            item = Call(GETITEM, (bar, index))
            if is_basic_index(index, self.types) is not True and not self._is_mask(index):
                item = Call(STORED, (bar, index))
        if op.value is operator.sub:
            item = Call(Ref("operator.neg", operator.neg), (item,))
        elif self._would_alias(value):
            item = Call(COPY, (item,), spell=".copy")
        self._add_reduced(value, item, obj, index)

    def _would_alias(self, operand: Expr) -> bool:
        """Whether the adjoint of ``operand`` would become a part of a buffer, not a sum with it."""
        if not isinstance(operand, Var) or isinstance(self.types.get(operand), Scalar):
            return False
        return operand not in self.storage.views and self.adjoints.is_absent(operand)

    def _add_reduced(
        self, operand: Expr, value: Expr, obj: Var, index: Expr | None, *, owned: bool = False
    ) -> None:
        """Add ``value``, shaped as ``obj[index]``, to the adjoint of what was broadcast into it."""
        part = _item_type(obj, index, self.types)
        reduced = reduced_to(value, operand, operand_type(operand, self.types), part)
        self.adjoints.add(operand, reduced, owned=owned and reduced == value)

    def _append(self, stmt: Stmt, xs: Var, item: Expr) -> None:
        self._restore_contents(stmt, in_loop=True)
        if xs not in self.p.active or self.adjoints.is_absent(xs):
            return
        bar = self.adjoints.ensure_owned(xs)
        value = Call(POP, (bar,), spell=".pop")
        if any(v in self.p.active for v in variables(item)):
            self.adjoints.add(item, self.build.temp(value, "t_bar"), owned=False)
        else:
            self.build.temp(value)

    def _reverse_pop(self, stmt: Assign, target: Var, call: Call) -> None:
        self._restore_contents(stmt, in_loop=True)
        xs = call.args[0]
        assert isinstance(xs, Var)
        if xs not in self.p.active:
            return
        bar = self.adjoints.whole(target)
        for cell, _ in self.adjoints.leaves(target):
            self.adjoints.cells.pop(cell, None)
        stack = self.adjoints.ensure_owned(xs)
        value = self.build.operand(bar.value)
        self.build.add(Do(Call(APPEND, (stack, value), spell=".append"), self.build.origin))

    # --- branches

    def _if(self, stmt: If, *, in_loop: bool) -> None:
        before = dict(self.adjoints.cells)
        outer = self.build
        sides: list[tuple[Builder, dict[Cell, Bar], bool]] = []
        for which, block in (("then", stmt.then), ("orelse", stmt.orelse)):
            self._enter(outer.nested(), before)
            for var in self.records.at_end.get(block_key(stmt, which), ()):
                if in_loop:
                    self._pop(var)
            self.backward(block, in_loop=in_loop)
            dead = bool(block) and isinstance(block[-1], Raise)
            sides.append((self.build, dict(self.adjoints.cells), dead))
        (then, a, then_dead), (orelse, b, else_dead) = sides
        if then_dead or else_dead:
            kept, cells, _ = sides[1] if then_dead else sides[0]
            self._enter(outer, cells)
            outer.out.extend(kept.out)
            return
        origin = _line_only(stmt)
        for build, mine, other in ((then, a, b), (orelse, b, a)):
            self._enter(build, mine)
            build.origin = origin
            for cell in sorted({*mine, *other}, key=_cell_order):
                if mine.get(cell) == other.get(cell):
                    continue
                if cell not in self.adjoints.cells:
                    self.adjoints.zero_cell(cell)
                else:
                    self.adjoints.canonical(cell)
            mine.clear()
            mine.update(self.adjoints.cells)
        joined = {
            cell: Bar(bar.value, bar.owned and b[cell].owned)
            for cell, bar in a.items()
            if cell in b
        }
        self._enter(outer, joined)
        if then.out or orelse.out:
            outer.add(If(stmt.test, then.block(), orelse.block(), origin))

    def _enter(self, build: Builder, cells: Mapping[Cell, Bar]) -> None:
        self.build = build
        self.adjoints.build = build
        self.adjoints.cells = dict(cells)

    # --- loops

    def _loop(self, stmt: For | While, *, in_loop: bool) -> None:
        outer = self.build
        origin = _line_only(stmt)
        touched = self._touched_cells(stmt.body)
        outer.origin = origin
        for cell in touched:
            if cell not in self.adjoints.cells:
                self.adjoints.zero_cell(cell)
            else:
                self.adjoints.canonical(cell)
        entry = dict(self.adjoints.cells)
        promoted: set[Cell] = set()
        while True:
            inner = outer.nested()
            self._enter(inner, entry)
            self.adjoints.copied = set()
            for var in reversed(self.records.at_end.get(block_key(stmt, "body"), ())):
                self._pop(var)
            self.backward(stmt.body, in_loop=True)
            inner.origin = origin
            weaker = dict(entry)
            for cell, bar in entry.items():
                now = self.adjoints.cells.get(cell)
                if now is None:
                    self.adjoints.zero_cell(cell)
                elif now != bar:
                    self.adjoints.canonical(cell)
                if bar.owned and not self.adjoints.cells[cell].owned:
                    if cell in promoted:
                        self.adjoints.ensure_owned(*cell)
                    else:
                        weaker[cell] = Bar(bar.value, False)
            shared = [c for c, b in entry.items() if not b.owned and c in self.adjoints.copied]
            if shared:
                promoted.update(shared)
                # One copy before the loop in place of one in each turn.
                self._enter(outer, entry)
                for cell in shared:
                    self.adjoints.ensure_owned(*cell)
                entry = dict(self.adjoints.cells)
                continue
            if weaker == entry:
                break
            entry = weaker
        self._enter(outer, entry)
        if inner.out:
            outer.add(self._loop_head(stmt, inner.block(), origin, in_loop=in_loop))

    def _loop_head(
        self, stmt: For | While, body: Block, origin: Origin | None, *, in_loop: bool
    ) -> Stmt:
        trips = self.p.trips.get(id(stmt))
        if isinstance(stmt, While):
            assert trips is not None
            guide = None if in_loop else self._guide(body)
            if guide is not None:
                return While((), guide, body, (), origin)
            turn = self.names.fresh("_")
            return For(turn, Call(RANGE, (trips,)), body, (), origin)
        return For(stmt.target, self._reversed(stmt.iter, trips), body, (), origin)

    def _guide(self, body: Block) -> Var | None:
        """A stack of which each turn pops exactly one item, so that it tells when to stop."""
        counts: dict[Var, int] = {}
        for s in statements(body):
            for v in used(s):
                if isinstance(s, Assign) and isinstance(s.value, Call) and s.value.fn == POP:
                    counts[v] = counts.get(v, 0) + 1
        tops = [
            s.value.args[0]
            for s in body
            if isinstance(s, Assign) and isinstance(s.value, Call) and s.value.fn == POP
        ]
        stacks = set(self._stacks.values())
        for v in tops:
            if isinstance(v, Var) and v in stacks and counts[v] == 1 and self._pushed_once(v):
                return v
        return None

    def _pushed_once(self, stack: Var) -> bool:
        (var, contents) = next(k for k, v in self._stacks.items() if v == stack)
        if contents:
            return False
        places = sum(var in vs for vs in self.records.before.values())
        places += sum(var in vs for vs in self.records.at_end.values())
        return places == 1

    def _reversed(self, iterable: Expr, trips: Var | None) -> Expr:
        match iterable:
            case Call(Ref(_, fn)) if fn is range:
                run: Expr = iterable
                if trips is not None:
                    run = self.build.temp(Call(GETITEM, (self.build.temp(run), _first_n(trips))))
                return Call(REVERSED, (run,))
            case Call():
                listed = self.build.temp(Call(LIST, (self._hoisted(iterable),)))
                if trips is not None:
                    listed = self.build.temp(Call(GETITEM, (listed, _first_n(trips))))
                return Call(REVERSED, (listed,))
            case _:
                t = operand_type(iterable, self.types)
                if trips is not None:
                    iterable = self.build.temp(Call(GETITEM, (iterable, _first_n(trips))))
                if isinstance(t, Array):
                    flip = Slice(NONE, NONE, Const(-1))
                    return self.build.temp(Call(GETITEM, (iterable, flip)))
                return Call(REVERSED, (iterable,))

    def _hoisted(self, expr: Expr) -> Expr:
        """Nested iterator calls, each in a variable of its own."""
        if isinstance(expr, Call):
            args = tuple(
                self.build.temp(self._hoisted(a)) if isinstance(a, Call) else a for a in expr.args
            )
            return replace(expr, args=args)
        return expr

    def _touched_cells(self, body: Block) -> list[Cell]:
        """The cells, of variables that outlive a turn, to which the reverse of ``body`` may add."""
        inside = {id(s) for s in statements(body)}
        open_ = exposed(body)
        defined: dict[Var, bool] = {}
        for stmt in statements(self.p.fn.body):
            for var in (*bound(stmt), *used(stmt)):
                if id(stmt) not in inside:
                    defined[var] = True
        params = {p.var for p in self.p.fn.params}
        found: dict[Cell, None] = {}
        for stmt in statements(body):
            for var in (*used(stmt), *bound(stmt), *self._mutated(stmt)):
                if var not in self.p.active:
                    continue
                root, _ = self.adjoints.place(var)
                if not (root in params or root in defined or root in open_):
                    continue
                for cell, _ in self.adjoints.leaves(root):
                    if cell in self.adjoints.cells or self._gains(cell, body):
                        found[cell] = None
        return list(found)

    def _mutated(self, stmt: Stmt) -> tuple[Var, ...]:
        region = self._region(stmt)
        return () if region is None else (region[0],)

    def _gains(self, cell: Cell, body: Block) -> bool:
        """Whether the reverse of ``body`` reads ``cell``'s variable as an active operand."""
        var, _ = cell
        group = self.storage.members.get(var, frozenset({var}))
        for stmt in statements(body):
            reads = set(used(stmt))
            if group & reads:
                targets = set(bound(stmt)) | set(self._mutated(stmt)) | _listed(stmt)
                if targets & self.p.active or isinstance(stmt, AugAssign | Store):
                    return True
        return False


def _listed(stmt: Stmt) -> set[Var]:
    match stmt:
        case Do(Call(Ref(_, fn), (Var() as xs, *_))) if fn is LIST_APPEND:
            return {xs}
        case _:
            return set()


def _cell_order(cell: Cell) -> tuple[str, str]:
    return cell[0].name, str(cell[1])


def _line_only(stmt: Stmt) -> Origin | None:
    origin = stmt.origin
    return None if origin is None else replace(origin, comment="", above=())


def _first_n(count: Var) -> Expr:
    return Slice(NONE, count, NONE)


def _counts(index: Expr, types: Mapping[Var, Type]) -> int:
    """How many integers an index is made of; -1 if anything else is in it."""
    parts = index.items if isinstance(index, Tuple) else (index,)
    if all(isinstance(t := operand_type(p, types), Scalar) and t.dtype.kind in "iu" for p in parts):
        return len(parts)
    return -1


def _at_every_end(block: Block, saves: Block) -> Block:
    """``block`` followed by ``saves`` on every path that reaches its end or leaves the loop."""
    if not saves:
        return block
    if block and isinstance(block[-1], Break):
        return (*block[:-1], *saves, block[-1])
    if block and isinstance(block[-1], Raise):
        return block
    if block and isinstance(block[-1], If) and _breaks(block[-1]):
        last = block[-1]
        return (
            *block[:-1],
            replace(
                last,
                then=_at_every_end(last.then, saves),
                orelse=_at_every_end(last.orelse, saves),
            ),
        )
    return (*block, *saves)


def _breaks(stmt: If) -> bool:
    for block in (stmt.then, stmt.orelse):
        for inner in block:
            if isinstance(inner, Break) or (isinstance(inner, If) and _breaks(inner)):
                return True
    return False
