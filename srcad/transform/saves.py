"""The forward sweep: the function itself, with the statements that make the records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from srcad.analysis.indices import picks_one_item
from srcad.analysis.recording import Records, block_key
from srcad.analysis.writes import written
from srcad.ir.names import Names
from srcad.ir.nodes import Assign, Block, Break, Call, Do, Expr, For, If, Raise, Stmt, Var, While
from srcad.ir.refs import APPEND, COPY, GETITEM
from srcad.ir.walk import bound, statements, used
from srcad.transform.record_names import RecordNames
from srcad.types.lattice import Type

__all__ = ["forward_sweep"]


def forward_sweep(
    body: Block, records: Records, kept: RecordNames, types: Mapping[Var, Type], names: Names
) -> Block:
    """``body`` with ``records`` made under the names of ``kept``."""
    return _Saving(records, kept, types, names).block(body, in_loop=False)


@dataclass(frozen=True, slots=True)
class _Saving:
    records: Records
    kept: RecordNames
    types: Mapping[Var, Type]
    names: Names

    def block(self, block: Block, *, in_loop: bool) -> Block:
        out: list[Stmt] = []
        for stmt in block:
            out.extend(self._saves_before(stmt, in_loop=in_loop))
            match stmt:
                case If(_, then, orelse):
                    out.append(
                        replace(
                            stmt,
                            then=self._inner(stmt, "then", then, in_loop=in_loop),
                            orelse=self._inner(stmt, "orelse", orelse, in_loop=in_loop),
                        )
                    )
                case For(_, _, body) | While(_, _, body):
                    out.append(replace(stmt, body=self._inner(stmt, "body", body, in_loop=True)))
                case _:
                    out.append(stmt)
        return tuple(out)

    def _inner(self, owner: Stmt, which: str, block: Block, *, in_loop: bool) -> Block:
        inner = self.block(block, in_loop=in_loop)
        wanted = self.records.at_end.get(block_key(owner, which), ())
        return _at_every_end(inner, tuple(_push(self.kept.values(v), v) for v in wanted))

    def _saves_before(self, stmt: Stmt, *, in_loop: bool) -> list[Stmt]:
        out: list[Stmt] = []
        for var in sorted(self.records.before.get(id(stmt), ()), key=lambda v: v.name):
            if in_loop:
                out.append(_push(self.kept.values(var), var))
            else:
                out.append(Assign(self.kept.plain(stmt, var, contents=False), var))
        if id(stmt) in self.records.contents:
            out.extend(self._save_contents(stmt, in_loop=in_loop))
        return out

    def _save_contents(self, stmt: Stmt, *, in_loop: bool) -> list[Stmt]:
        part = written(stmt)
        if part is None:  # a list: its reverse undoes it without a record
            return []
        obj, index = part
        old = self.names.fresh("t")
        out: list[Stmt] = [Assign(old, Call(GETITEM, (obj, index)), stmt.origin)]
        value = old
        if not picks_one_item(obj, index, self.types):
            value = self.names.fresh("t")
            out.append(Assign(value, Call(COPY, (old,), spell=".copy"), stmt.origin))
        if in_loop:
            out.append(_push(self.kept.contents(obj, index), value))
        else:
            out.append(Assign(self.kept.plain(stmt, obj, contents=True), value))
        return out


def _push(stack: Var, value: Expr) -> Stmt:
    return Do(Call(APPEND, (stack, value), spell=".append"))


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
        made = {v for s in statements(block[-1:]) for v in bound(s)}
        early = tuple(s for s in saves if made.isdisjoint(used(s)))
        late = tuple(s for s in saves if not made.isdisjoint(used(s)))
        decided = _before_test(block, early)
        return (
            *block[:decided],
            *early,
            *block[decided:-1],
            replace(
                last,
                then=_at_every_end(last.then, late),
                orelse=_at_every_end(last.orelse, late),
            ),
        )
    return (*block, *saves)


def _before_test(block: Block, saves: Block) -> int:
    """Where ``saves`` do not come between the last statement, an `If`, and what makes its test."""
    at = len(block) - 1
    saved = {v for s in saves for v in used(s)}
    needed = set(used(block[at]))
    while at and (made := bound(block[at - 1])) and needed.issuperset(made):
        if not (isinstance(block[at - 1], Assign) and saved.isdisjoint(made)):
            break
        at -= 1
        needed.update(used(block[at]))
    return at


def _breaks(stmt: If) -> bool:
    for block in (stmt.then, stmt.orelse):
        for inner in block:
            if isinstance(inner, Break) or (isinstance(inner, If) and _breaks(inner)):
                return True
    return False
