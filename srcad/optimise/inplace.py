"""In-place sums: ``x_bar += g`` where ``x_bar`` is an array that nobody else holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace

from srcad.analysis.memory import Memory, memory_of
from srcad.analysis.owned import held_objects, is_new
from srcad.ir.naming import TEMPORARY, same_name, standing
from srcad.ir.nodes import Assign, AugAssign, Block, Call, Const, Expr, Function, Stmt, Unpack, Var
from srcad.ir.places import occurrences
from srcad.ir.rebuild import map_block, map_blocks, renamed
from srcad.ir.refs import ADD, ADDING, SUB, refers_to
from srcad.ir.walk import assigned_call, bound, mention_counts, mentioned, statements, used
from srcad.types.lattice import Array, Scalar, Type

__all__ = ["in_place", "owned_arrays"]


def in_place(fn: Function, types: Mapping[Var, Type], memory: Memory | None = None) -> Function:
    """Write ``x += e`` for ``x = x + e``, and ``-=`` likewise, where nobody can tell.

    Accepts and returns normal IR. ``x`` must be an array of known shape which all its definitions
    make anew and whose memory no other variable ever shares. That the type of ``x`` covers both the
    old and the new value is what says that the sum has the shape and dtype of ``x``. A sum of ``x``
    that has another version of the name, ``x_1 = x + e``, takes the place of ``x`` where that is
    read no more.
    """
    if memory is None:
        memory = memory_of(fn, types)
    owned = owned_arrays(fn, types, memory, _summed(fn.body))
    body = _Sums(types, owned, mention_counts(fn.body)).block(fn.body) if owned else fn.body
    return fn if body is fn.body else replace(fn, body=body)


def _summed(body: Block) -> set[Var]:
    """The variables that sums are made in, and those that they are made of."""
    found: set[Var] = set()
    for stmt in statements(body):
        if (made := assigned_call(stmt)) is not None and refers_to(made[1].fn, ADDING):
            found.update(bound(stmt), used(stmt))
    return found


def owned_arrays(
    fn: Function,
    types: Mapping[Var, Type],
    memory: Memory,
    asked: Iterable[Var],
    besides: Callable[[Var], Set[Var]] = lambda x: frozenset(),
) -> frozenset[Var]:
    """The arrays among ``asked`` that ``fn`` makes itself and that have one name only.

    Or other names that are among those ``besides`` it. Their shape is known.
    """
    arrays = {x for x in asked if _is_shaped(types.get(x))}
    made: set[Var] = set()
    lent = {p.var for p in fn.params}
    for stmt in statements(fn):
        if not arrays.isdisjoint(bound(stmt)):
            (made if _makes(stmt, types) else lent).update(bound(stmt))
    if not (made := made & arrays - lent):
        return frozenset()
    others = memory.outside | held_objects(fn, memory)
    there = occurrences(fn.body)  # names that are gone may have held the array too

    def is_alone(x: Var) -> bool:
        objects = memory.objects(x)
        names = {v for obj in objects for v in memory.holders(obj)}
        if not objects.isdisjoint(others):
            return False
        names = names & there - {x}
        return not names or names <= besides(x)

    return frozenset(filter(is_alone, made))


def _is_shaped(t: Type | None) -> bool:
    return isinstance(t, Array) and t.ndim > 0 and None not in t.shape


def _makes(stmt: Stmt, types: Mapping[Var, Type]) -> bool:
    call = stmt.value if isinstance(stmt, (Assign, Unpack)) else None
    return isinstance(call, Call) and is_new(call, types)


@dataclass(frozen=True, slots=True)
class _Sums:
    types: Mapping[Var, Type]
    owned: frozenset[Var]
    mentions: Counter[Var]

    def block(self, block: Block) -> Block:
        return map_block(self._joined(block), self._stmt)

    def _joined(self, body: Block) -> Block:
        """``x = x + e`` for ``x_1 = x + e`` in ``body``, after which ``x`` is not mentioned."""
        pairs = [(i, x, y) for i, stmt in enumerate(body) for x, y in self._versions(stmt)]
        if not pairs:
            return body
        made = Counter(v for s in statements(body) for v in bound(s))
        last = {v: i for i, stmt in enumerate(body) for v in mentioned(stmt)}
        inside = mention_counts(body)
        names: dict[Var, Var] = {}
        for i, x, y in pairs:
            once = made[x] == made[y] == 1 and last[x] == i
            private = all(inside[v] == self.mentions[v] for v in (x, y))
            if once and private and y not in names:
                names[y] = names.get(x, x)
        return renamed(body, names) if names else body

    def _versions(self, stmt: Stmt) -> Iterator[tuple[Var, Var]]:
        """``x`` and ``x_1`` of ``x_1 = x + e`` that are arrays alike."""
        match stmt:
            case Assign(Var() as y, Call(fn, (left, right), ())) if refers_to(fn, ADDING):
                pass
            case _:
                return
        for x, e in ((left, right), (right, left)):
            if fn == SUB and x is not left:
                continue
            if not (isinstance(x, Var) and self._is_version(x, y) and x != e):
                continue
            if standing(x) == TEMPORARY:
                continue  # it reads better inside the expression that uses it
            if self.types[x] == self.types[y]:
                yield x, y
                return

    def _is_version(self, x: Var, y: Var) -> bool:
        return x != y and same_name(x, y) and {x, y} <= self.owned

    def _stmt(self, stmt: Stmt) -> Stmt:
        made = assigned_call(stmt)
        if made is None:
            return map_blocks(stmt, self.block)
        x, call = made
        if x not in self.owned or not refers_to(call.fn, ADDING):
            return stmt
        left, right = call.args
        if left == x and self._adds(right):
            return AugAssign(x, None, call.fn, right, stmt.origin)
        if call.fn == ADD and right == x and self._adds(left):
            return AugAssign(x, None, call.fn, left, stmt.origin)
        return stmt

    def _adds(self, e: Expr) -> bool:
        if isinstance(e, Const):
            return isinstance(e.value, (int, float, complex))
        return isinstance(e, Var) and isinstance(self.types.get(e), (Array, Scalar))
