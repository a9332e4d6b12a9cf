"""Make functions of the two sweeps: one that joins them, or a forward and a backward half."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from srcad.analysis.effects import calls_in
from srcad.ir.names import Names
from srcad.ir.naming import is_nameless
from srcad.ir.nodes import (
    Assign,
    Block,
    Call,
    Do,
    Expr,
    Function,
    Note,
    Param,
    Return,
    Stmt,
    Tuple,
    Unpack,
    Var,
)
from srcad.ir.places import exposed
from srcad.ir.rebuild import map_blocks, map_expr
from srcad.ir.refs import COPY, LIST, POP
from srcad.ir.walk import assigned_call, bound, expressions, mention_counts, statements, variables
from srcad.transform.adjoints import Bar
from srcad.transform.build import substitute
from srcad.transform.helpers import AS_LIKE, COPIED_TREE
from srcad.transform.placeholders import placeholders
from srcad.transform.prepared import Prepared
from srcad.transform.reverse import Sweeps
from srcad.types.lattice import (
    Array,
    DictOf,
    FixedList,
    ListOf,
    Record,
    Scalar,
    Static,
    TupleOf,
    Type,
)
from srcad.types.operands import operand_type

__all__ = [
    "Joined",
    "backward_half",
    "forward_half",
    "joined",
    "pack_backward",
    "packed",
    "plain",
    "thinned",
    "without_casts",
]


@dataclass(frozen=True, slots=True)
class Joined:
    """What the joined function returns besides the gradients: the value, an auxiliary result."""

    with_value: bool
    aux: bool


def packed(items: Sequence[Expr]) -> Expr:
    """One item as it is, any other number as a tuple."""
    return items[0] if len(items) == 1 else Tuple(tuple(items))


def _returned(
    prepared: Prepared, gradients: Sequence[Bar], given: Sequence[Var]
) -> tuple[list[Stmt], list[Expr]]:
    """Each gradient in the dtype and kind of its argument."""
    out: list[Stmt] = []
    values: list[Expr] = []
    for bar, argument in zip(gradients, given, strict=True):
        target = prepared.names.fresh("t")
        out.append(Assign(target, Call(AS_LIKE, (bar.value, argument))))
        values.append(target)
    return out, values


def joined(prepared: Prepared, sweeps: Sweeps, name: str, parts: Joined) -> Function:
    """One function: the forward sweep, the backward sweep, the gradients."""
    casts, values = _returned(prepared, sweeps.gradients, sweeps.given)
    kept: list[Stmt] = []
    result = sweeps.result
    if parts.with_value or parts.aux:
        held: dict[Var, Var] = {}
        result = _held(result, prepared.names, held)
        # The backward sweep restores and reuses the program's variables, so what is returned is
        # kept.
        kept = [
            Assign(new, _copy(old, prepared) if old in sweeps.restored else old)
            for old, new in held.items()
        ]
    value, aux = (result, None) if not parts.aux else _pair(result)
    returned: list[Expr] = []
    if parts.with_value:
        returned.append(value)
    if parts.aux and aux is not None:
        returned.append(aux)
    returned.append(packed(values))
    body: Block = (
        *prepared.preamble,
        Note("forward"),
        *sweeps.forward,
        *kept,
        Note("backward"),
        *sweeps.backward,
        *casts,
        Return(packed(returned)),
    )
    return replace(prepared.fn, name=name, params=plain(prepared.fn.params), body=body)


def plain(params: tuple[Param, ...]) -> tuple[Param, ...]:
    """One parameter by position for each; ``*args`` is a tuple, ``**kwargs`` a dict."""
    return tuple(Param(p.var) for p in params)


def _copy(var: Var, prepared: Prepared) -> Call:
    if isinstance(prepared.types.get(var), Array):
        return Call(COPY, (var,), spell=".copy")
    return Call(COPIED_TREE, (var,))


def _held(expr: Expr, names: Names, held: dict[Var, Var]) -> Expr:
    if isinstance(expr, Var):
        if expr not in held:
            held[expr] = names.fresh("y" if is_nameless(expr) else expr)
        return held[expr]
    return map_expr(expr, lambda e: _held(e, names, held))


def _pair(result: Expr) -> tuple[Expr, Expr]:
    if isinstance(result, Tuple) and len(result.items) == 2:
        return result.items[0], result.items[1]
    raise AssertionError("the pair was taken apart before")


def backward_half(
    prepared: Prepared,
    sweeps: Sweeps,
    name: str,
    seed: Var,
    types: Mapping[Var, Type],
) -> Function:
    """``backward(..., y_bar)``: a parameter for each variable of the forward sweep that it reads.

    `pack_backward` turns these into one parameter once the optimiser has `thinned` them out.
    """
    casts, values = _returned(prepared, sweeps.gradients, sweeps.given)
    body: Block = (*sweeps.backward, *casts, Return(packed(values)))
    free = [v for v in _in_order(body) if v in exposed(body) and v != seed]
    params = tuple(Param(v) for v in (*free, seed))
    return replace(prepared.fn, name=name, params=params, body=body)


def pack_backward(fn: Function, free: Sequence[Var], names: Names) -> Function:
    """``fn(saved, y_bar)`` of ``fn(a, ..., y_bar)``, where the forward half saves ``free``."""
    saved, seed = names.fresh("saved"), fn.params[-1].var
    head: list[Stmt] = []
    if len(free) == 1:
        head.append(Assign(free[0], saved))
    elif free:
        head.append(Unpack(tuple(free), saved))
    popped = {
        v for s in statements(fn) for call in calls_in(s) if call.fn == POP for v in variables(call)
    }
    # What is saved may be asked for again: the lists that the sweep empties are its own.
    head += [Assign(v, Call(LIST, (v,))) for v in free if v in popped]
    return replace(fn, params=(Param(saved), Param(seed)), body=(*head, *fn.body))


def thinned(fn: Function) -> tuple[Function, list[Var]]:
    """``fn(a, ..., y_bar)`` without records that nothing reads, and what it does read of ``a``."""
    free = [p.var for p in fn.params[:-1]]
    fn = _without_unread_pops(fn, free)
    needed = exposed(fn.body)
    return fn, [v for v in free if v in needed]


def _without_unread_pops(fn: Function, free: list[Var]) -> Function:
    """``fn`` without the lists of ``free`` that it only empties, so that nothing need fill them."""
    emptied = Counter(v for s in statements(fn) if (v := _unread_pop(s)) in free)
    mentions = mention_counts(fn.body) if emptied else emptied
    idle = {v for v, n in emptied.items() if n == mentions[v]}
    if not idle:
        return fn

    def without(block: Block) -> Block:
        return tuple([map_blocks(s, without) for s in block if _unread_pop(s) not in idle])

    return replace(fn, body=without(fn.body))


def _unread_pop(stmt: Stmt) -> Var | None:
    match stmt:
        case Do(Call(fn, (Var() as xs,))) if fn == POP:
            return xs
        case _:
            return None


def forward_half(
    prepared: Prepared, sweeps: Sweeps, name: str, saved: Expr, *, aux: bool, outermost: bool
) -> Function:
    """``forward(*args)``: the value, the auxiliary result if any, what the backward half needs.

    Of the ``outermost`` function the value is the user's, and the backward half must not change it.
    """
    result, kept = sweeps.result, ()
    if outermost:
        mine = set(variables(saved))
        shown = {
            v: prepared.names.fresh(v)
            for v in variables(result)
            if v in sweeps.restored or (v in mine and isinstance(prepared.types.get(v), Array))
        }
        result = substitute(result, shown)
        kept = tuple(Assign(new, _copy(old, prepared)) for old, new in shown.items())
    parts = _pair(result) if aux else (result,)
    body = (*prepared.preamble, *sweeps.forward, *kept, Return(Tuple((*parts, saved))))
    params = plain(prepared.fn.params)
    # What is bound in a branch only must be there to be handed over.
    loose = exposed(body) & set(variables(saved)) - {p.var for p in params}
    first = placeholders(loose, prepared.types, prepared.names)
    body = (*first, *body)
    return replace(prepared.fn, name=name, params=params, body=body, hands_over=True)


def _in_order(block: Block) -> list[Var]:
    found: dict[Var, None] = {}
    for stmt in statements(block):
        for expr in expressions(stmt):
            for var in variables(expr):
                found.setdefault(var)
        for var in bound(stmt):
            found.setdefault(var)
    return list(found)


def without_casts(fn: Function, types: Mapping[Var, Type]) -> Function:
    """Drop each `as_like` of what already is like it.

    Beside single precision none is dropped: the optimiser may yet lower a precision.
    """
    dtypes = {t.dtype for t in types.values() if isinstance(t, (Scalar, Array))}
    if any(
        d.kind in "fc" and d not in (np.dtype(np.float64), np.dtype(np.complex128)) for d in dtypes
    ):
        return fn

    return replace(fn, body=_Casts(fn, types).block(fn.body))


class _Casts:
    def __init__(self, fn: Function, types: Mapping[Var, Type]) -> None:
        self._types = types
        self._mentions = mention_counts(fn.body)
        self._dropped: dict[Var, Expr] = {}

    def block(self, block: Block) -> Block:
        out: list[Stmt] = []
        for stmt in block:
            made = assigned_call(stmt)
            if made is not None and made[1].fn == AS_LIKE:
                target, (g, x) = made[0], made[1].args
                if _alike(operand_type(g, self._types), operand_type(x, self._types)):
                    self._dropped[target] = g
                    if self._mentions[target] > 2:
                        out.append(Assign(target, g, stmt.origin))
                    continue
            if isinstance(stmt, Return):
                # By its own name, so that nobody takes what is returned for another's as well.
                out.append(replace(stmt, value=substitute(stmt.value, self._dropped)))
            else:
                out.append(map_blocks(stmt, self.block))
        return tuple(out)


def _alike(g: Type, x: Type) -> bool:
    match g, x:
        case Scalar(), Scalar():
            return (x.weak and x.dtype.kind == g.dtype.kind == "f" and g.dtype.itemsize >= 8) or (
                g.dtype == x.dtype and g.weak == x.weak
            )
        case Array(), Array():
            return g.dtype == x.dtype and g.ndim == x.ndim
        case (TupleOf(a), TupleOf(b)) | (FixedList(a), FixedList(b)):
            return len(a) == len(b) and all(map(_alike, a, b))
        case DictOf(a), DictOf(b):
            found = [item for item in b if item[0] in dict(a)]
            return len(a) == len(found) and all(
                k == key and _alike(p, q) for (k, p), (key, q) in zip(a, found, strict=True)
            )
        case Record(), Record():
            return g.cls is x.cls and all(
                _alike(p, q) for (_, p), (_, q) in zip(g.fields, x.fields, strict=True)
            )
        case (ListOf(a), ListOf(b)) if a is not None and b is not None:
            return _alike(a, b)
        case ListOf(a), FixedList(b) if a is not None:
            return all(_alike(a, item) for item in b)
        case Static(None), _:
            return True
        case _:
            return False
