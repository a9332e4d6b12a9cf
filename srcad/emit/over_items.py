"""Loops over items where the index is only there to read them: ``for w in ws``.

The transform runs over an index what the user ran over by item, since the reverse of a read of
``ws[i]`` adds to ``ws_bar[i]``. Where the index is not needed for that, the items come back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from srcad.analysis.lengths import made_by, measured
from srcad.analysis.memory import Memory, memory_of
from srcad.ir.names import Names
from srcad.ir.nodes import Assign, Block, Call, Const, Expr, For, Function, Stmt, Unpack, Var
from srcad.ir.rebuild import map_block, map_blocks, same_or_new
from srcad.ir.refs import GETITEM, RANGE, REVERSED, ZIP
from srcad.ir.walk import bound, mention_counts, statements, used, variables
from srcad.types.containers import item_count
from srcad.types.lattice import FixedList, ListOf, TupleOf, Type

__all__ = ["over_items"]


def over_items(
    fn: Function, types: Mapping[Var, Type]
) -> tuple[Function, Mapping[Var, Type], Memory | None]:
    """Run over the items of lists in place of an index that is only used to read them.

    Parameters
    ----------
    fn : Function
        Normal IR. An index of the user's stays.
    types : Mapping
        The types of its variables.

    Returns
    -------
    tuple of Function, Mapping and Memory
        The function, its types with those of new variables, and its memory if that was asked for.
    """
    loops = [s for s in statements(fn) if isinstance(s, For)]
    if not any(_is_made(loop.target) and _range(loop) for loop in loops):
        return fn, types, None
    run = _Rewrite(fn, types)
    body = run.block(fn.body)
    if body is fn.body:
        return fn, types, run.memory
    # The length that nobody asks for any more goes.
    while unread := run.asked - {v for s in statements(body) for v in used(s)}:
        body, run.asked = _without(body, unread), run.asked - unread
    fn, types = replace(fn, body=body), run.types
    return fn, types, None if run.memory is None else run.memory.followed(fn, types)


def _is_made(target: Expr) -> bool:
    return isinstance(target, Var) and target.made


def _range(loop: For) -> tuple[Expr, bool] | None:
    """``n`` of a loop over ``range(n)``, and whether it runs from the last turn to the first."""
    match loop.iter:
        case Call(fn, (n,), ()) if fn == RANGE:
            return n, False
        case Call(back, (Call(fn, (n,), ()),), ()) if back == REVERSED and fn == RANGE:
            return n, True
        case _:
            return None


@dataclass(frozen=True, slots=True)
class _Read:
    """``var = xs[i]`` at the top of a loop's body."""

    place: int
    var: Var
    xs: Var


class _Rewrite:
    def __init__(self, fn: Function, types: Mapping[Var, Type]) -> None:
        self.fn = fn
        self.types = dict(types)
        self.asked: set[Var] = set()
        self._mentions = mention_counts(fn.body)
        self._made = made_by(fn)
        self.memory: Memory | None = None
        self._names: Names | None = None

    def block(self, block: Block) -> Block:
        return map_block(block, self._stmt)

    def _stmt(self, stmt: Stmt) -> Stmt:
        new = map_blocks(stmt, self.block)
        return self._loop(new) if isinstance(new, For) else new

    def _loop(self, loop: For) -> For:
        found = _range(loop)
        index = loop.target
        if found is None or not isinstance(index, Var) or not _is_made(index):
            return loop
        n, backward = found
        reads = self._reads(loop, index)
        lists = self._lists(n, tuple(dict.fromkeys(read.xs for read in reads)))
        if not reads or lists is None:
            return loop
        if backward and len(lists) > 1 and not self._are_equally_long(lists):
            return loop
        if len(reads) != len(lists) or not self._stay(lists, loop):
            return loop
        if isinstance(n, Var):
            lengths = (v for made in self._made[n] if made is not None for v in variables(made))
            self.asked |= {n, *(v for v in lengths if v not in lists)}
        of = {read.xs: read.var for read in reads}
        rest = _without_places(loop.body, {read.place for read in reads})
        if len(lists) == 1:
            (xs,) = lists
            run: Expr = Call(REVERSED, (xs,)) if backward else xs
            return replace(loop, target=of[xs], iter=run, body=_unpacked_first(rest, of[xs]))
        item = self._fresh(TupleOf(tuple(self.types[of[xs]] for xs in lists)))
        unpack = Unpack(tuple(of[xs] for xs in lists), item)
        runs = tuple(Call(REVERSED, (xs,)) for xs in lists) if backward else lists
        return replace(loop, target=item, iter=Call(ZIP, runs), body=(unpack, *rest))

    def _are_equally_long(self, lists: tuple[Var | Const, ...]) -> bool:
        counts = set(map(self._count, lists))
        return len(counts) == 1 and None not in counts

    def _reads(self, loop: For, index: Var) -> list[_Read]:
        """What the body reads at ``index``; nothing if that is not all that the index is for."""
        reads: list[_Read] = []
        seen: Counter[Var] = Counter()
        for place, stmt in enumerate(loop.body):
            match stmt:
                case Assign(Var() as var, Call(fn, (Var() as xs, i), ())) if (
                    fn == GETITEM and i == index and not seen[var]
                ):
                    reads.append(_Read(place, var, xs))
                case _:
                    pass
            seen.update(mention_counts((stmt,)))
        if self._mentions[index] != 1 + len(reads) or len({r.var for r in reads}) < len(reads):
            return []
        return reads

    def _lists(self, n: Expr, read: tuple[Var, ...]) -> tuple[Var, ...] | None:
        """The lists that are ``read``, in the order to write them, if they are ``n`` long."""
        found = measured(n, self._made)
        lists = (ListOf, FixedList, TupleOf)
        if found is None or not all(isinstance(self.types.get(xs), lists) for xs in read):
            return None
        if set(found) != set(read) and not self._are_equally_long((*found, *read)):
            return None
        return tuple(sorted(read, key=lambda xs: found.index(xs) if xs in found else len(found)))

    def _count(self, measured: Var | Const) -> object:
        """How many items a list has, or how many a number says."""
        if isinstance(measured, Const):
            return measured.value
        return item_count(self.types.get(measured))

    def _stay(self, lists: tuple[Var, ...], loop: For) -> bool:
        """Whether ``loop`` changes none of ``lists``, nor binds their names anew."""
        inside = statements(loop.body)
        if any(xs in bound(s) for s in inside for xs in lists):
            return False
        if self.memory is None:
            self.memory = memory_of(self.fn, self.types)
        roots = {self.memory.root(xs) for xs in lists}
        return roots.isdisjoint(self.memory.mutated)

    def _fresh(self, t: Type) -> Var:
        if self._names is None:
            taken = {v.name for v in self._mentions} | {p.var.name for p in self.fn.params}
            self._names = Names(taken | {c.name for c in self.fn.captures})
        var = self._names.fresh("t")
        self.types[var] = t
        return var


def _without_places(block: Block, places: set[int]) -> Block:
    return tuple(s for i, s in enumerate(block) if i not in places)


def _unpacked_first(body: Block, item: Var) -> Block:
    """``body`` with the statement that takes ``item`` apart at its head, if that is all it is for.

    There it becomes the loop's pattern.
    """
    seen: set[Var] = set()
    for place, stmt in enumerate(body):
        if isinstance(stmt, Unpack) and stmt.value == item and seen.isdisjoint(bound(stmt)):
            return (stmt, *body[:place], *body[place + 1 :])
        mentions = mention_counts((stmt,))
        if item in mentions:
            return body
        seen.update(mentions)
    return body


def _without(block: Block, unread: set[Var]) -> Block:
    """``block`` without the assignments of ``unread``."""

    def is_kept(stmt: Stmt) -> bool:
        return not (isinstance(stmt, Assign) and stmt.target in unread)

    return same_or_new(block, [s for s in block if is_kept(s)]) if unread else block
