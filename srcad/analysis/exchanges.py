"""Copies that only exchange the names of variables, written as one exchange.

``a, b = b, a`` reaches the analysis as ``t = b; b = a; a = t``. As one ``Unpack((a, b), (b, a))``
it says what matters of arrays that are changed in place: each has exactly one of the names still.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace

from srcad.ir.nodes import Assign, Block, Function, Origin, Stmt, Tuple, Unpack, Var
from srcad.ir.rebuild import map_blocks, same_or_new
from srcad.ir.walk import mention_counts

__all__ = ["exchanged_names", "with_exchanges"]


def exchanged_names(stmt: Stmt) -> dict[Var, Var]:
    """By variable, the name that its object has after ``stmt``, if that is an exchange.

    Examples
    --------
    >>> a, b = Var("a"), Var("b")
    >>> exchanged_names(Unpack((a, b), Tuple((b, a)))) == {a: b, b: a}
    True
    """
    match stmt:
        case Unpack(targets, Tuple(items)) if len(targets) > 1 and len(targets) == len(items):
            moved = {
                item: target
                for item, target in zip(items, targets, strict=True)
                if isinstance(item, Var) and target is not None
            }
            complete = len(moved) == len(targets) and set(moved) == set(moved.values())
            return moved if complete else {}
        case _:
            return {}


def with_exchanges(fn: Function, wanted: Callable[[frozenset[Var]], bool]) -> Function:
    """``fn`` with each run of copies that exchanges variables as an exchange, where ``wanted``.

    Accepts and returns normal IR; ``fn`` itself if there is nothing to do.
    """
    body = _exchanged(fn.body, mention_counts(fn.body), wanted)
    return fn if body is fn.body else replace(fn, body=body)


def _exchanged(
    block: Block, counts: Counter[Var], wanted: Callable[[frozenset[Var]], bool]
) -> Block:
    out: list[Stmt] = []
    i = 0
    while i < len(block):
        end = _run_end(block, i)
        made = _first_exchange(block[i:end], counts) if end - i > 2 else None
        if made is not None and wanted(frozenset(exchanged_names(made[1]))):
            length, exchange = made
            out.append(exchange)
            i += length
        else:
            out.append(map_blocks(block[i], lambda inner: _exchanged(inner, counts, wanted)))
            i += 1
    return same_or_new(block, out)


def _run_end(stmts: Block, start: int) -> int:
    end = start
    while end < len(stmts) and _copied(stmts[end]) is not None:
        end += 1
    return end


def _copied(stmt: Stmt) -> tuple[Var, Var] | None:
    match stmt:
        case Assign(Var() as target, Var() as source):
            return target, source
        case _:
            return None


def _first_exchange(run: Block, counts: Mapping[Var, int]) -> tuple[int, Unpack] | None:
    """The exchange that the first few copies of ``run`` are, and how many these are."""
    holds: dict[Var, Var] = {}
    made_at: dict[Var, int] = {}
    here: dict[Var, int] = {}
    for i, stmt in enumerate(run):
        pair = _copied(stmt)
        assert pair is not None
        target, source = pair
        for var in pair:
            here[var] = here.get(var, 0) + 1
        holds[target] = holds.get(source, source)
        made_at[target] = made_at.get(source, i)
        # What is mentioned nowhere else is only there to carry a value across.
        names = {v for v in holds if counts[v] != here[v] and holds[v] != v}
        if len(names) > 1 and {holds[v] for v in names} == names:
            order = sorted(names, key=lambda v: made_at[v])
            values = Tuple(tuple(holds[v] for v in order))
            return i + 1, Unpack(tuple(order), values, _origin(run[: i + 1]))
    return None


def _origin(run: Block) -> Origin | None:
    """The place of the copies, with the comment that one of them has."""
    origins = [s.origin for s in run if s.origin is not None]
    marked = [o for o in origins if o.comment or o.above]
    return next(iter((*marked, *origins)), None)
