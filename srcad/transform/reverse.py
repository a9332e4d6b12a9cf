"""Reverse mode: the statements in reverse, each replaced by what it adds to the adjoints.

The result is a `Sweeps`: the forward sweep is the function itself, with what has to be recorded;
the backward sweep is written here. `transform.assemble` makes functions of the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from srcad.analysis.effects import has_memory
from srcad.analysis.reads import NOTHING, Reads
from srcad.analysis.recording import find_records
from srcad.analysis.unbound import unsure_variables
from srcad.analysis.writes import written
from srcad.ir.nodes import (
    Assign,
    Block,
    Break,
    Call,
    Expr,
    For,
    If,
    List,
    Raise,
    Return,
    Stmt,
    Tuple,
    Var,
    While,
)
from srcad.ir.places import exposed
from srcad.ir.refs import TUPLE
from srcad.ir.walk import bound, statements, used, variables
from srcad.notes import notes_of
from srcad.transform.adjoints import Adjoints, Bar
from srcad.transform.build import Builder, line_only
from srcad.transform.contributions import add
from srcad.transform.helpers import COPIED_TREE
from srcad.transform.placeholders import placeholders
from srcad.transform.prepared import Prepared
from srcad.transform.record_names import RecordNames
from srcad.transform.restoring import restore_variables
from srcad.transform.reverse_branches import reverse_branch
from srcad.transform.reverse_loops import reverse_loop
from srcad.transform.reverse_reads import adjoint_reads, control_reads, reads_of_reverse
from srcad.transform.reverse_statements import reverse_statement
from srcad.transform.saves import forward_sweep
from srcad.transform.slots import Path, closed_parts, slotted_variables
from srcad.transform.sweep import Sweep
from srcad.transform.tuples import tuples_of_any_length
from srcad.transform.zero_reads import zero_reads, zeroed
from srcad.types.lattice import UNKNOWN, Array, Scalar, Static, TupleOf

__all__ = ["Sweeps", "reverse_sweeps"]


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
    given
        Where the arguments that these belong to are found after the backward sweep.
    restored
        The variables whose memory the backward sweep brings back to what it was.
    absent
        Of each cotangent, the parts that are zero and left out.
    consumes
        Whether the backward sweep uses up what the forward sweep saved, so that it can run once
        only.
    """

    forward: Block
    result: Expr
    backward: Block
    gradients: tuple[Bar, ...]
    given: tuple[Var, ...]
    restored: frozenset[Var]
    absent: tuple[frozenset[Path], ...]
    consumes: bool


def reverse_sweeps(
    prepared: Prepared,
    wrt: tuple[Var, ...],
    seed: Expr,
    *,
    aux: bool,
    apart: bool = False,
    in_part: bool = False,
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
    apart
        Whether the sweeps become functions of their own: then what is cheap is computed again
        rather than handed over.
    in_part
        Whether parts of a container to which nothing is added are left out of its cotangent.
    """
    *body, last = prepared.fn.body
    assert isinstance(last, Return)
    sweep = _new_sweep(prepared, apart=apart)
    block = tuple(body)
    forward = forward_sweep(block, sweep.records, sweep.kept, prepared.types, prepared.names)
    sweep.build.origin = last.origin
    differentiated = last.value
    if aux and isinstance(differentiated, Tuple):
        differentiated = differentiated.items[0]
    add(sweep.adjoints, differentiated, seed, owned=False)
    backward(sweep, block, in_loop=False)
    kept = {v: prepared.names.fresh(v) for v in wrt if _is_lost(sweep, v)}
    sweep.adjoints.like.update(kept)
    absent = tuple(_left_out(sweep, v) if in_part else frozenset[Path]() for v in wrt)
    gradients = tuple(_gradient(sweep, v, parts) for v, parts in zip(wrt, absent, strict=True))
    # What may have no value must be there to be handed over, and nothing reads it.
    unbound = sorted(sweep.adjoints.unbound, key=lambda v: v.name)
    return Sweeps(
        (
            *placeholders(unbound, sweep.types, prepared.names),
            *(Assign(new, old) for old, new in kept.items()),
            *_with_records(sweep, forward),
        ),
        last.value,
        sweep.build.block(),
        gradients,
        tuple(kept.get(v, v) for v in wrt),
        _restored(sweep),
        absent,
        bool(sweep.records.contents),
    )


def _new_sweep(prepared: Prepared, *, apart: bool) -> Sweep:
    types, storage, active = prepared.types, prepared.storage, prepared.active
    slotted = slotted_variables(prepared.fn, types)
    records = find_records(
        prepared.fn.body,
        frozenset(p.var for p in prepared.fn.params),
        _joined(adjoint_reads(prepared), zero_reads(prepared, slotted)),
        control_reads(prepared),
        types,
        storage,
        active,
        apart=apart,
        lasting=prepared.lasting,
    )
    params = tuple(p.var for p in prepared.fn.params)
    tuples = tuples_of_any_length(prepared.fn, types, given=params if apart else ())
    closed = closed_parts(prepared.fn, types, slotted)
    build = Builder(prepared.names)
    adjoints = Adjoints(types, storage, slotted, closed, active, build, params, tuples)
    unsure = unsure_variables(prepared.fn, prepared.leaving, storage)
    return Sweep(prepared, records, RecordNames(prepared.names, prepared.types), adjoints, unsure)


def _joined(*found: Mapping[int, Reads]) -> dict[int, Reads]:
    out: dict[int, Reads] = {}
    for reads in found:
        for key, more in reads.items():
            out[key] = out.get(key, NOTHING) | more
    return out


def backward(sweep: Sweep, block: Block, in_loop: bool) -> None:
    """Write the reverse of ``block``."""
    for stmt in reversed(block):
        origin = sweep.build.origin = line_only(stmt.origin)
        for again in sweep.records.again.get(id(stmt), ()):
            sweep.build.add(replace(again, origin=origin))  # pyright: ignore[reportCallIssue]  # every statement has an origin
        match stmt:
            case If():
                reverse_branch(sweep, stmt, backward, in_loop=in_loop)
            case For() | While():
                reverse_loop(sweep, stmt, backward, in_loop=in_loop)
            case Break() | Raise():
                pass
            case _:
                _reverse_and_restore(sweep, stmt, in_loop=in_loop)


def _reverse_and_restore(sweep: Sweep, stmt: Stmt, *, in_loop: bool) -> None:
    overwritten = sweep.records.before.get(id(stmt), frozenset[Var]())
    if overwritten and not overwritten.isdisjoint(_wanted(stmt, sweep.prepared)):
        restore_variables(sweep, stmt, in_loop=in_loop)
        reverse_statement(sweep, stmt, in_loop=in_loop)
    else:
        reverse_statement(sweep, stmt, in_loop=in_loop)
        restore_variables(sweep, stmt, in_loop=in_loop)


def _wanted(stmt: Stmt, prepared: Prepared) -> frozenset[Var]:
    """What the reverse of ``stmt`` has to find as it was before ``stmt``.

    It reads the old value of what ``stmt`` binds, or makes a zero adjoint like it.
    """
    own = reads_of_reverse(stmt, prepared).names & frozenset(used(stmt))
    return own | zeroed(stmt, prepared)


def _restored(sweep: Sweep) -> frozenset[Var]:
    prepared = sweep.prepared
    found: set[Var] = set()
    if any(notes_of(call.backward.value).restores for call in prepared.calls.values()):
        # It may be the array that a call returned, or hold it.
        returned = prepared.fn.body[-1]
        assert isinstance(returned, Return)
        found |= {v for v in variables(returned.value) if has_memory(sweep.types.get(v, UNKNOWN))}
    for stmt in statements(prepared.fn):
        part = written(stmt) if id(stmt) in sweep.records.contents else None
        if part is not None:
            found |= sweep.storage.memory(part[0])
    return frozenset(found)


def _is_lost(sweep: Sweep, param: Var) -> bool:
    """Whether after the backward sweep ``param`` may be what took the place of the argument."""
    if isinstance(sweep.types.get(param, UNKNOWN), (Scalar, Static)):
        return False
    return any(
        param in bound(stmt) and param not in sweep.records.before.get(id(stmt), ())
        for stmt in statements(sweep.prepared.fn)
    )


def _left_out(sweep: Sweep, var: Var) -> frozenset[Path]:
    """The parts of ``var``'s cotangent that are left out: not all of it."""
    absent = sweep.adjoints.absent_parts(var)
    return frozenset() if () in absent else absent


def _gradient(sweep: Sweep, var: Var, without: frozenset[Path]) -> Bar:
    adjoints = sweep.adjoints
    sweep.build.origin = None
    for cell, leaf in adjoints.leaves(var):
        bar = adjoints.cells.get(cell)
        if isinstance(leaf, Array) and bar is not None and not bar.owned:
            # What is returned belongs to the caller alone.
            adjoints.ensure_owned(cell)
        elif bar is not None and (
            adjoints.is_shallow(bar.value) or not (bar.owned or isinstance(leaf, Scalar))
        ):
            adjoints.bind(cell, Call(COPIED_TREE, (bar.value,)), owned=True)
    bar = adjoints.whole(var, without)
    t = sweep.types.get(var, UNKNOWN)
    if var not in adjoints.slotted and isinstance(t, TupleOf):
        return Bar(sweep.build.temp(Call(TUPLE, (bar.value,))), bar.owned)
    return bar


# --- the forward sweep's first lines


def _with_records(sweep: Sweep, forward: Block) -> Block:
    """``forward`` with the lists and variables that it records made first."""
    made = tuple(Assign(s, List(())) for s in sweep.kept.stacks)
    loose = exposed((*made, *forward)) & sweep.kept.recorded
    loose -= {p.var for p in sweep.prepared.fn.params}
    return (*placeholders(loose, sweep.types, sweep.build.names), *_each_made_late(forward, made))


def _each_made_late(forward: Block, made: tuple[Assign, ...]) -> Block:
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
