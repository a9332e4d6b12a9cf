"""What one operation contributes to the adjoints of its operands, read off the rule table.

Terms are found once, before anything is written: the recording analysis takes from them what the
backward sweep will read, and the reverse transform writes the same terms out.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np

from srcad.analysis.activity import is_rearranging
from srcad.analysis.effects import ARITHMETIC
from srcad.analysis.reads import NOTHING, Reads
from srcad.errors import UnknownFunctionError, UnsupportedSyntaxError
from srcad.ir.nodes import Call, Const, Expr, List, Origin, Ref, Source, Tuple, Var
from srcad.ir.refs import ARRAY, ASARRAY, GETITEM, LIST, REAL, SUM, TUPLE, WITH_ITEM
from srcad.ir.walk import parts, variables
from srcad.ir.written import UNKNOWN_CALLEE, way_out, written
from srcad.kinds import among
from srcad.plain import plain_function
from srcad.rules.binding import bind
from srcad.rules.reading import cotangent
from srcad.rules.table import REQUIRED, BindError, Rule, rule_for
from srcad.runtime.operands import joined_containers
from srcad.signature import signature_of
from srcad.transform.build import substitute
from srcad.transform.helpers import BROADCAST_LIKE, UNBROADCAST, ZEROS_OF_ITEM, ZEROS_TREE
from srcad.transform.refused import refused_call
from srcad.transform.untold import untold
from srcad.types.calls import live_operand
from srcad.types.containers import item_type
from srcad.types.lattice import (
    UNKNOWN,
    Array,
    FixedList,
    ListOf,
    Record,
    Scalar,
    Static,
    TupleOf,
    Type,
    Unknown,
    is_of_one_shape,
    ndim_of,
    same_shape,
)
from srcad.types.operands import expression_type, operand_type

__all__ = [
    "G",
    "Term",
    "as_number",
    "bound_call",
    "constants_of",
    "copied_list",
    "is_constant",
    "is_real",
    "operands_by_name",
    "reads_of",
    "reduced_to",
    "refuse_containers",
    "refuse_unknown_names",
    "replaced_item",
    "rule_terms",
]

G: Final = Var("g", -1)
"""Stands for the cotangent of the result in a `Term`."""


@dataclass(frozen=True)
class Term:
    """``operand``'s adjoint gains ``value``, an expression over `G`.

    With an ``index`` it is the item ``operand[index]`` that gains. A ``joint`` term is a sequence
    with one cotangent for each item of the operand, itself a sequence.
    """

    operand: Expr
    value: Expr
    index: Expr | None = None
    joint: bool = False

    @cached_property
    def reads(self) -> Reads:
        """What the backward sweep reads for this term."""
        read = reads_of(self.value)
        return read if self.index is None else read | Reads(frozenset(variables(self.index)))


_SHAPE_ONLY: Final[frozenset[object]] = frozenset({np.shape, np.size, np.ndim, len, np.zeros_like})


def reads_of(expr: Expr) -> Reads:
    """What evaluating ``expr`` reads, apart from `G`: of some operands the shape only."""
    match expr:
        case Var():
            return NOTHING if expr is G else Reads(frozenset({expr}))
        case Const() | Ref():
            return NOTHING
        case Call(fn=Ref(value=fn), args=(Var() as x, *rest)) if fn in _SHAPE_ONLY:
            out = Reads(objects=frozenset({x}))
            for e in rest:
                out |= reads_of(e)
            return out
        case Call(fn=fn, args=(value, Var() as like)) if fn in (UNBROADCAST, BROADCAST_LIKE):
            return reads_of(value) | Reads(objects=frozenset({like}))
        case _:
            out = NOTHING
            for part in parts(expr):
                out |= reads_of(part)
            return out


def bound_call(
    call: Call, active: Set[Var], source: Source, origin: Origin | None
) -> tuple[Rule, dict[str, Expr]]:
    """The rule of ``call`` and its operands by parameter.

    Raises
    ------
    UnknownFunctionError
        If there is no rule, the call has an argument that the rule does not list, or it draws
        random numbers by what is ``active``.
    """
    where = call.origin or origin
    rule = rule_for(call.fn.value) if isinstance(call.fn, Ref) else None
    if (error := untold(call, source, where)) is not None:
        raise error
    if rule is not None and rule.draws and not active.isdisjoint(variables(call)):
        raise UnknownFunctionError(
            f"srcad has no derivative for `{written(call, source, where)}`",
            source=source,
            origin=where,
            why="how the numbers that are drawn follow from its parameters is not known",
            instead="draw standard numbers, and compute yours from them; if it needs no "
            "derivative, give it `srcad.stop_gradient(x)`",
        )
    if isinstance(call.fn, Ref) and rule is None and (plain := plain_function(call.fn.value)):
        known = ", ".join(f"`{p}`" for p in signature_of(plain).parameters)
        error = BindError(f"of the arguments of {call.fn.path}, srcad knows {known}")
        raise refused_call(call, source, origin, error)
    if not isinstance(call.fn, Ref):
        what, why, instead = UNKNOWN_CALLEE
        raise UnknownFunctionError(what, source=source, origin=where, why=why, instead=instead)
    if rule is None or is_rearranging(rule.fn):
        name = written(call, source, where)
        raise UnknownFunctionError(
            f"srcad has no derivative for `{name}`",
            source=source,
            origin=where,
            why="there is no rule for it, and no Python source to differentiate",
            instead=way_out(call, name, "`srcad.stop_gradient(x)`"),
        )
    try:
        return rule, bind(rule, call.args, call.kwargs)
    except BindError as error:
        raise refused_call(call, source, origin, error) from None


def is_constant(call: Call, active: Set[Var]) -> bool:
    """Whether ``call`` has nothing to do with what is active: it needs no rule then."""
    return isinstance(call.fn, Ref) and active.isdisjoint(variables(call))


def copied_list(call: Call, types: Mapping[Var, Type]) -> Var | None:
    """The list or array whose items ``list(xs)`` or ``tuple(xs)`` puts into a new one."""
    match call:
        case Call(Ref(_, fn), (Var() as xs,), ()) if fn is list or fn is tuple:
            t = types.get(xs, UNKNOWN)
            return xs if isinstance(t, (ListOf, FixedList, Array, Unknown)) else None
        case _:
            return None


def replaced_item(call: Call) -> tuple[Expr, Expr, Expr] | None:
    """The list, index and item of ``with_item(xs, i, v)``, which is linear in both together."""
    match call:
        case Call(Ref(_, fn), (xs, index, item), ()) if fn is WITH_ITEM.value:
            return xs, index, item
        case _:
            return None


def _replaced_terms(
    xs: Expr, index: Expr, item: Expr, t: Type, active: Set[Var]
) -> tuple[Term, ...]:
    gained = Call(GETITEM, (G, index))
    kind = item_type(t, UNKNOWN)
    if isinstance(kind, Scalar):
        nothing: Expr = Const(0.0)
    elif isinstance(t, Unknown):
        nothing = Call(ZEROS_OF_ITEM, (xs, index, gained))
    elif isinstance(t, (ListOf, FixedList)) and not is_of_one_shape(kind):
        nothing = Call(ZEROS_TREE, (Call(GETITEM, (xs, index)),))  # of the shape of the old item
    else:
        nothing = Call(ZEROS_TREE, (gained,))
    terms = (Term(item, gained), Term(xs, Call(WITH_ITEM, (G, index, nothing))))
    return tuple(t for t in terms if any(v in active for v in variables(t.operand)))


def refuse_containers(
    rule: Rule,
    bound: Mapping[str, Expr],
    of: Mapping[str, Type],
    active: Set[Var],
    source: Source,
    origin: Origin | None,
) -> None:
    """Raise if an elementwise rule is to act on a list or tuple: ``xs + ys`` joins them."""
    if rule.kind != "elementwise" or rule.fn not in (operator.add, operator.mul):
        return
    if not any(v in active for e in bound.values() for v in variables(e)):
        return
    if any(isinstance(of[p], (TupleOf, FixedList, ListOf)) for p in bound):
        raise joined_containers(source=source, origin=origin)


def refuse_unknown_names(call: Call, source: Source, origin: Origin | None) -> None:
    """Raise if ``call``, a ``getattr``, may read one attribute or another."""
    if len(call.args) == 2 and isinstance(call.args[1], Const):
        return
    raise UnsupportedSyntaxError(
        "srcad cannot tell which attribute is read here",
        source=source,
        origin=call.origin or origin,
        why="each has an adjoint of its own, and the name must be known, as must whether there is"
        " an attribute of that name",
        instead="write the name out, `params.w`, or use a dict",
    )


def operands_by_name(rule: Rule, bound: Mapping[str, Expr]) -> dict[Var, Expr]:
    """What each parameter of ``rule`` stands for in a call, defaults included."""
    values: dict[Var, Expr] = {}
    for p in rule.params:
        if p.name in bound:
            values[Var(p.name)] = bound[p.name]
        elif p.star:
            values[Var(p.name)] = Tuple(())
        elif p.default is not REQUIRED:
            name = getattr(p.default, "__name__", p.name)
            values[Var(p.name)] = live_operand(name, p.default)
    return values


def constants_of(values: Mapping[Var, Expr]) -> dict[str, object]:
    """The values of the operands that are literals, or tuples of these."""
    found = {v.name: _constant(e) for v, e in values.items()}
    return {name: value for name, value in found.items() if value is not _UNKNOWN}


_UNKNOWN: Final = object()


def _constant(e: Expr) -> object:
    match e:
        case Const(value):
            return value
        case Tuple(items):
            known = tuple(map(_constant, items))
            return _UNKNOWN if _UNKNOWN in known else known
        case _:
            return _UNKNOWN


def is_real(t: Type) -> bool:
    """Whether a value of this type surely is, or holds, real numbers."""
    if isinstance(t, Record):
        return all(is_real(field) for _, field in t.fields)
    return isinstance(t, (Scalar, Array)) and t.dtype.kind != "c"


def rule_terms(
    call: Call,
    target: Var,
    types: Mapping[Var, Type],
    active: Set[Var],
    source: Source,
    origin: Origin | None,
) -> tuple[Term, ...]:
    """The terms of ``target = call`` for the operands that are active."""
    if is_constant(call, active):
        return ()
    if (copied := copied_list(call, types)) is not None:
        as_array = isinstance(types.get(copied), Array)
        held = Call(LIST, (G,)) if call.fn == TUPLE else G
        return (Term(copied, Call(ARRAY, (G,)) if as_array else held),)
    if (replaced := replaced_item(call)) is not None:
        return _replaced_terms(*replaced, types.get(target, UNKNOWN), active)
    rule, bound = bound_call(call, active, source, origin)
    values = operands_by_name(rule, bound)
    result = types.get(target, UNKNOWN)
    of = {p: operand_type(e, types) for p, e in bound.items()}
    refuse_containers(rule, bound, of, active, source, call.origin or origin)
    ranks = tuple(ndim_of(of[p]) if p in of else None for p in rule.differentiable)
    real = is_real(result) and all(is_real(of[p]) for p in rule.differentiable if p in of)
    constants = constants_of(values)
    binding = {**values, Var(rule.result_name): target, Var("g"): G}
    if call.fn == GETITEM:
        return (Term(bound["x"] if "x" in bound else call.args[0], G, index=call.args[1]),)
    terms: list[Term] = []
    for p in rule.differentiable:
        if p not in bound or not any(v in active for v in variables(bound[p])):
            continue
        if p in rule.into:
            raise AssertionError(f"{rule.path}: only getitem accumulates in place")
        try:
            text = cotangent(rule, p, ranks, real=real, constants=constants)
        except BindError as error:
            raise refused_call(call, source, origin, error) from None
        value = substitute(text, binding)
        by_items = rule.kind == "joint_linear"
        if by_items and isinstance(of[p], Array):
            value, by_items = Call(ARRAY, (value,)), False
        operand = bound[p]
        if rule.fn in (np.array, np.asarray) and (items := _numbers(operand, result, types)):
            terms.extend(Term(e, at) for e, at in items if any(v in active for v in variables(e)))
            continue
        joint = by_items or isinstance(operand, (Tuple, List))
        if rule.kind == "elementwise" and not joint:
            alone = _is_alone(operand, bound, of)
            value = reduced_to(value, operand, of[p], result, alone=alone)
        if isinstance(of[p], Scalar) and not joint:
            value = as_number(value, {**types, G: result})
        terms.append(Term(operand, value, joint=joint))
    return tuple(terms)


def _numbers(
    made_of: Expr, array: Type, types: Mapping[Var, Type]
) -> tuple[tuple[Expr, Expr], ...] | None:
    """The numbers in the literal that an array is made of, each with its item of `G`."""
    if not (isinstance(array, Array) and is_real(array)):
        return None
    found: list[tuple[Expr, Expr]] = []

    def visit(expr: Expr, at: tuple[int, ...]) -> bool:
        if isinstance(expr, (Tuple, List)):
            return all([visit(item, (*at, i)) for i, item in enumerate(expr.items)])
        index = tuple(map(Const, at))
        found.append((expr, Call(GETITEM, (G, index[0] if len(index) == 1 else Tuple(index)))))
        t = operand_type(expr, types)
        return len(at) == array.ndim > 0 and isinstance(t, Scalar) and is_real(t)

    return tuple(found) if visit(made_of, ()) else None


def as_number(value: Expr, types: Mapping[Var, Type]) -> Expr:
    """``value``, the cotangent of a number, as a number.

    Numbers are handed on without copies. An array without axes would be changed in place, by
    ``g *= x``, for all that it was handed to.
    """
    if isinstance(value, Call) and isinstance(value.fn, Ref):
        fn = value.fn.value
        if among(fn, ARITHMETIC) or isinstance(fn, np.ufunc):
            return value  # these make numbers of arrays without axes
    # The cotangent of NumPy's number may be one of Python's, of which `np.reshape` makes an array.
    known = {v: _as_pythons(types.get(v, UNKNOWN)) for v in variables(value)}
    t = expression_type(value, known)
    if not (isinstance(t, Array) and t.shape == ()):
        return value
    array = value if isinstance(value, Call) else Call(ASARRAY, (value,))
    return Call(GETITEM, (array, Tuple(())))


def _as_pythons(t: Type) -> Type:
    return replace(t, weak=True) if isinstance(t, Scalar) and not t.weak else t


def _is_alone(operand: Expr, bound: Mapping[str, Expr], of: Mapping[str, Type]) -> bool:
    """Whether ``operand`` is the only operand of the call that is not surely a number."""
    if not isinstance(operand, Var):
        return False
    others = {e for p, e in bound.items() if not isinstance(of[p], (Scalar, Static))}
    return others == {operand}


def reduced_to(value: Expr, like: Expr, t: Type, result: Type, *, alone: bool = False) -> Expr:
    """``value``, of the shape of a result of type ``result``, summed down to the operand ``like``.

    ``alone``: it is the only array among the operands, and gives the result its shape.
    """
    if isinstance(result, (Scalar, Array)) and isinstance(t, (Scalar, Array)):
        if result.dtype.kind == "c" and t.dtype.kind != "c":
            value = Call(REAL, (value,))
        if alone:
            return value
        axes = _summed_axes(t, result)
        if axes is not None:
            return _sum(value, *axes)
    return Call(UNBROADCAST, (value, like))


def _summed_axes(t: Scalar | Array, result: Scalar | Array) -> tuple[str, tuple[int, ...]] | None:
    """How to undo broadcasting: nothing, all axes, leading ones, or some that stay."""
    if same_shape(t, result):
        return "none", ()
    if isinstance(result, Scalar):
        return ("none", ()) if isinstance(t, Scalar) else None
    if isinstance(t, Scalar):
        return "all", ()
    extra = result.ndim - t.ndim
    if extra < 0:
        return None
    tail = result.shape[extra:]
    if all(x is not None and x == y for x, y in zip(t.shape, tail, strict=True)):
        return "leading", tuple(range(extra))
    if extra == 0 and all(
        x is not None and (x == y or x == 1) for x, y in zip(t.shape, tail, strict=True)
    ):
        kept = tuple(i for i, (x, y) in enumerate(zip(t.shape, tail, strict=True)) if x != y)
        return "kept", kept
    return None


def _sum(value: Expr, how: str, axes: tuple[int, ...]) -> Expr:
    match how:
        case "none":
            return value
        case "all":
            return Call(SUM, (value,))
        case _:
            axis = Const(axes[0]) if len(axes) == 1 else Tuple(tuple(map(Const, axes)))
            keep = (("keepdims", Const(True)),) if how == "kept" else ()
            return Call(SUM, (value,), (("axis", axis), *keep), spell=".sum")
