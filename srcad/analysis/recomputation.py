"""What need not be recorded, because the backward sweep computes it again at little cost."""

from __future__ import annotations

import builtins
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from srcad.analysis.reads import NOTHING, Reads
from srcad.analysis.sharing import viewed
from srcad.analysis.storage import Storage
from srcad.analysis.writes import touched
from srcad.ir.nodes import (
    Assign,
    Block,
    Call,
    Const,
    Dict,
    Expr,
    For,
    List,
    Ref,
    Stmt,
    Unpack,
    Var,
    While,
)
from srcad.ir.places import definitions, exposed, mentions
from srcad.ir.walk import blocks, bound, statements, subexpressions, used
from srcad.rules.table import rule_for
from srcad.types.calls import is_computed
from srcad.types.containers import is_container
from srcad.types.iterators import runs_once
from srcad.types.lattice import UNKNOWN, Array, Scalar, Static, Type

__all__ = ["Recomputation", "choose_recomputation"]


@dataclass(frozen=True, slots=True)
class Recomputation:
    """What is computed again.

    Parameters
    ----------
    again
        By statement: those to run again before the reverse of that statement.
    targets
        The variables that these bind.
    reads
        What the reverse of each statement reads, with what those statements read.
    """

    again: Mapping[int, tuple[Stmt, ...]]
    targets: frozenset[Var]
    reads: Mapping[int, Reads]


def choose_recomputation(
    body: Block,
    reads: Mapping[int, Reads],
    types: Mapping[Var, Type],
    storage: Storage,
    *,
    apart: bool,
    lasting: bool = False,
) -> Recomputation:
    """Choose among the statements of the loops of ``body``, or all; see `find_records`."""
    choice = _Choice(body, reads, types, storage, lasting=lasting)
    choice.run(body, in_loop=apart)
    return Recomputation(
        {k: tuple(v) for k, v in choice.again.items()}, frozenset(choice.targets), choice.reads
    )


_CHEAP: Final[frozenset[Callable[..., Any]]] = frozenset(
    {
        operator.add,
        operator.sub,
        operator.mul,
        vars(operator)["truediv"],
        vars(operator)["floordiv"],
        operator.mod,
        operator.neg,
        operator.invert,
        operator.not_,
        operator.lt,
        operator.le,
        operator.gt,
        operator.ge,
        operator.eq,
        operator.ne,
        operator.is_,
        operator.is_not,
        operator.getitem,
        builtins.abs,
        operator.abs,
        len,
        range,
        getattr,
        int,
        float,
        min,
        max,
        np.shape,
        np.ndim,
        math.floor,
    }
)


class _Choice:
    def __init__(
        self,
        body: Block,
        reads: Mapping[int, Reads],
        types: Mapping[Var, Type],
        storage: Storage,
        *,
        lasting: bool,
    ) -> None:
        self.lasting = lasting
        self.types = types
        self.storage = storage
        self.reads = dict(reads)
        self.defs = definitions(body)
        self.again: dict[int, list[Stmt]] = {}
        self.targets: set[Var] = set()
        self._inside = mentions(body)
        # The reverse of what reads a view reads the index by which it was made.
        self._readers: dict[Var, set[int]] = {}
        for at, found in reads.items():
            for v in found.names:
                self._readers.setdefault(v, set()).add(at)
        changed = (v for v in map(touched, statements(body)) if v is not None)
        self._changed_lists = {v for v in changed if is_container(types.get(v, UNKNOWN))}

    def run(self, block: Block, *, in_loop: bool, around: Stmt | None = None) -> None:
        """``around`` is the outermost loop that ``block`` is in, if it is in one."""
        for stmt in block:
            outermost = around or (stmt if isinstance(stmt, (For, While)) else None)
            for b in blocks(stmt):
                self.run(b, in_loop=in_loop or outermost is not None, around=outermost)
        if in_loop:
            again = {id(s) for s in statements(block if around is None else (around,))}
            self._recompute_in(block, again)

    def _recompute_in(self, block: Block, again: set[int]) -> None:
        """``again`` are the statements that may be reversed after this block has been."""
        needs = [self._reads_within(stmt) for stmt in block]
        names = [read.names for read in needs]
        writes = [self._written(stmt) for stmt in block]
        exposed_here = exposed(block)
        mine = {id(s) for s in statements(block)}
        made_here = _bound(block)
        for d in range(len(block) - 1, -1, -1):
            stmt = block[d]
            targets = bound(stmt)
            if not targets or not self._is_cheap(stmt):
                continue
            if any(v in self.storage.buffers and v not in self.storage.views for v in targets):
                continue  # by its name an array is changed: the other names are not watched
            if any(v in self._changed_lists for v in targets):
                continue  # computed again, a list would be as it was made
            if any(
                len(self.defs.get(v, ())) != 1
                or v in exposed_here
                or not self._inside[v] <= mine
                or not self._readers.get(v, set()) & again <= mine
                for v in targets
            ):
                continue
            readers = [e for e, read in enumerate(names) if not read.isdisjoint(targets)]
            if not readers or readers[0] < d:
                continue  # read by none, or in the turn after, as the index of a view
            last = readers[-1]
            sources = frozenset(used(stmt))
            asks_shape = self._asks_shape(stmt)
            if not all(map(sources.isdisjoint, writes[d + 1 : last + 1])):
                there = sources.isdisjoint(made_here) or any(map(sources.issubset, names[d + 1 :]))
                if not (
                    asks_shape and there and sources.isdisjoint(_bound(block[d + 1 : last + 1]))
                ):
                    continue
            found = (
                Reads(objects=sources)
                if asks_shape
                else self._sources(stmt, sources, targets, needs)
            )
            needs[last] = (needs[last] | found).without(frozenset(targets))
            names[last] = needs[last].names
            key = id(block[last])
            self.reads[key] = self.reads.get(key, NOTHING) | found
            self.again.setdefault(key, []).insert(0, stmt)
            self.targets.update(targets)

    def _sources(
        self, stmt: Stmt, names: frozenset[Var], targets: tuple[Var, ...], needs: list[Reads]
    ) -> Reads:
        """What running ``stmt`` again reads: of the array behind a view perhaps the object only."""
        if any(v in n.values for n in needs for v in targets):
            return Reads(names)
        value = getattr(stmt, "value", None)
        view = viewed(value, self.types) if isinstance(value, Call) else None
        held = frozenset[Var]() if view is None else frozenset({view[0]})
        return Reads(names - held, held)

    def _asks_shape(self, stmt: Stmt) -> bool:
        """Whether ``stmt`` asks for the shape of an array, which no change of the array changes."""
        match stmt:
            case Assign(_, Call(Ref(_, fn), (Var() as x,), ())) if fn in (np.shape, len, np.ndim):
                return isinstance(self.types.get(x), Array)
            case _:
                return False

    def _reads_within(self, stmt: Stmt) -> Reads:
        out = self.reads.get(id(stmt), NOTHING)
        for inner in blocks(stmt):
            for s in inner:
                out = out | self._reads_within(s)
        return out

    def _is_cheap(self, stmt: Stmt) -> bool:
        match stmt:
            case Assign(Var() as target, Call(Ref(_, fn)) as call):
                view = viewed(call, self.types)
                if view is not None:
                    return view[1] == "view"
                if fn is np.square or fn is vars(operator)["pow"]:
                    # A square is one product; other powers are dear, but for those that count.
                    squares = fn is np.square or call.args[1:] in ((Const(2),), (Const(2.0),))
                    counts = all(isinstance(a, Const) or self._is_int(a) for a in call.args)
                    return (squares or counts) and isinstance(self.types.get(target), Scalar)
                if _is_of_constants(call):
                    return isinstance(self.types.get(target), Scalar)
                if fn not in _CHEAP:
                    return False
                if fn is getattr and _is_of_live_object(call, self.types):
                    return not self.lasting
                if fn in (operator.getitem, getattr):
                    base = call.args[0]
                    t = self.types.get(base, UNKNOWN) if isinstance(base, Var) else UNKNOWN
                    is_number = isinstance(self.types.get(target), Scalar)
                    return is_container(t) or (isinstance(t, Array) and is_number)
                return isinstance(self.types.get(target), Scalar) or fn in (np.shape, len, range)
            case Assign(Var(), value) if not isinstance(value, Call):
                # A list that is written out is a new one each time.
                return not any(isinstance(e, (List, Dict)) for e in subexpressions(value))
            case Unpack(_, Var() as items):
                return not runs_once(items, self.types, frozenset())
            case _:
                return False

    def _is_int(self, expr: Expr) -> bool:
        t = self.types.get(expr) if isinstance(expr, Var) else None
        return isinstance(t, Scalar) and t.dtype.kind == "i"

    def _written(self, stmt: Stmt) -> set[Var]:
        """The variables that ``stmt`` and what is inside it bind, or whose memory they change."""
        found: set[Var] = set()
        for inner in statements((stmt,)):
            found.update(bound(inner))
            if (changed := touched(inner)) is not None:
                found |= self.storage.memory(changed)
        return found


def _bound(block: Block) -> set[Var]:
    return {v for s in statements(block) for v in bound(s)}


def _is_of_constants(call: Call) -> bool:
    """Whether ``call`` is one such as ``np.sqrt(2)``, which is not worth a record."""
    rule = rule_for(call.fn.value) if isinstance(call.fn, Ref) and not call.kwargs else None
    elementwise = rule is not None and rule.kind == "elementwise"
    return elementwise and all(isinstance(arg, Const) for arg in call.args)


def _is_of_live_object(call: Call, types: Mapping[Var, Type]) -> bool:
    """Whether ``call`` reads an attribute that is the same all the time, and runs no code."""
    match call.args:
        case (Ref(_, live), Const(str(name))):
            return not is_computed(live, name)
        case (Var() as of, Const(str(name))):
            t = types.get(of, UNKNOWN)
            return isinstance(t, Static) and not is_computed(t.value, name)
        case _:
            return False
