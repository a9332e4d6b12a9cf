"""Forward mode: a call followed by the tangent of its result."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping

from srcad.analysis.effects import has_memory
from srcad.errors import ArgumentError
from srcad.ir.libraries import told_at_the_call
from srcad.ir.nodes import Assign, Call, Const, Expr, Ref, Unpack, Var
from srcad.ir.refs import ADD, ASARRAY, GETATTR, GETITEM, LIST_POP, NEG, POP, SUB
from srcad.ir.walk import variables
from srcad.kinds import WithOwnDerivative
from srcad.notes import notes_of
from srcad.rules.reading import tangent
from srcad.rules.table import BindError, rule_for
from srcad.transform.build import substitute
from srcad.transform.helpers import BROADCAST_LIKE, COPIED_TREE
from srcad.transform.refused import refused_call
from srcad.transform.tangents import Tangents
from srcad.transform.terms import (
    bound_call,
    constants_of,
    copied_list,
    is_constant,
    is_real,
    operands_by_name,
    refuse_containers,
    refuse_unknown_names,
    replaced_item,
)
from srcad.types.calls import bind_arguments, python_function
from srcad.types.lattice import UNKNOWN, Array, Record, Scalar, Type, same_shape
from srcad.types.operands import operand_type

__all__ = ["call_with_tangent"]


def call_with_tangent(tangents: Tangents, stmt: Assign, target: Var, call: Call) -> None:
    """Write ``stmt``, which is ``target = call``, and the tangent of ``target``."""
    fn = call.fn.value if isinstance(call.fn, Ref) else None
    if fn is LIST_POP:
        xs = call.args[0]
        assert isinstance(xs, Var)
        tangents.follow(stmt)
        if xs in tangents.active:
            tangents.bind(target, Call(POP, (tangents.dot(xs),), spell=".pop"))
        else:
            tangents.bind(target, tangents.zero(target))
        return
    if fn is operator.getitem or fn is getattr:
        _part(tangents, stmt, target, call)
        return
    if rule_for(fn) is None and isinstance(call.fn, Ref):
        if isinstance(fn, type) and isinstance(tangents.types.get(target), Record):
            _record(tangents, stmt, target, call)
            return
        inner = python_function(fn)
        if inner is not None:
            _python(tangents, stmt, target, call, call.fn)
            return
    _rule(tangents, stmt, target, call)


def _part(tangents: Tangents, stmt: Assign, target: Var, call: Call) -> None:
    if call.fn == GETATTR:
        refuse_unknown_names(call, tangents.fn.source, stmt.origin)
    base, key = call.args
    if tangents.is_active(base):
        dots = tangents.operand(base)
        if call.fn == GETITEM and tangents.is_literal(dots):
            # ``s[...]`` of a number of NumPy's, of which this is none
            dots = tangents.build.temp(Call(ASARRAY, (dots,)))
        made: Expr = Call(GETITEM if call.fn == GETITEM else GETATTR, (dots, key))
    else:
        made = tangents.zero(target)
    if target in set(variables(call)):
        dot = tangents.build.temp(made, "t_dot")
        tangents.follow(stmt)
        tangents.bind(target, dot)
        return
    tangents.follow(stmt)
    tangents.bind(target, made)


def _record(tangents: Tangents, stmt: Assign, target: Var, call: Call) -> None:
    args = tuple(tangents.operand(a) for a in call.args)
    kwargs = tuple((k, tangents.operand(v)) for k, v in call.kwargs)
    tangents.follow(stmt)
    tangents.bind(target, Call(call.fn, args, (*kwargs, *_defaults(tangents, target, call))))


def _defaults(tangents: Tangents, target: Var, call: Call) -> Iterator[tuple[str, Expr]]:
    """A zero for each field that ``target`` has by default: the tangent has no such default."""
    t = tangents.types.get(target)
    assert isinstance(t, Record)
    given = {name for name, _ in call.kwargs}
    for name, field in t.fields[len(call.args) :]:
        if name in given:
            continue
        if isinstance(field, Scalar):
            yield name, Const(0.0)
            continue
        value = tangents.build.temp(Call(GETATTR, (target, Const(name))))
        tangents.types[value] = field
        yield name, tangents.build.operand(tangents.zero(value))


def _python(tangents: Tangents, stmt: Assign, target: Var, call: Call, ref: Ref) -> None:
    fn = python_function(ref.value)
    assert fn is not None
    operands = bind_arguments(fn, call)
    wanted = tuple(i for i, o in enumerate(operands) if tangents.is_active(o))
    if not wanted:
        tangents.follow(stmt)
        tangents.bind(target, tangents.zero(target))
        return
    if isinstance(ref.value, WithOwnDerivative) and hasattr(ref.value, "halves"):
        raise ArgumentError(
            f"forward mode cannot differentiate the custom_vjp `{ref.path}`",
            source=tangents.fn.source,
            origin=call.origin or stmt.origin,
            why="its cotangents are given, and tangents cannot be computed from these",
            instead="use grad or vjp, or define it with custom_jvp, which serves both modes",
        )
    types = tuple(operand_type(o, tangents.types) for o in operands)
    with told_at_the_call(call, tangents.fn.source, stmt.origin):
        inner = tangents.of_call(ref, types, wanted)
    dots = tuple(tangents.operand(operands[i]) for i in wanted)
    made = Call(inner, (*operands, *dots), origin=call.origin)
    dot, t = tangents.dot(target), tangents.types.get(target, UNKNOWN)
    # Where arrays are changed in place, so are their tangents: nobody else may hold these.
    is_lent = bool(tangents.storage.buffers) and has_memory(t)
    is_lent = is_lent and not notes_of(inner.value).own_tangent
    if not (is_lent or tangents.must_be_made_array(target)):
        tangents.build.add(Unpack((target, dot), made, tangents.build.origin))
        return
    given = tangents.names.fresh(dot.base)
    tangents.build.add(Unpack((target, given), made, tangents.build.origin))
    is_array = isinstance(t, Array)
    tangents.bind(target, given if is_array else Call(COPIED_TREE, (given,)))


def _rule(tangents: Tangents, stmt: Assign, target: Var, call: Call) -> None:
    total = _total(tangents, stmt, target, call, target)
    if total is None:
        zero = tangents.zero(target, call)
        tangents.follow(stmt)
        tangents.bind(target, zero)
    elif target in set(variables(call)):
        # The tangent may read the target's old value, and the new one too.
        new = tangents.names.fresh(target)
        tangents.types[new] = tangents.types.get(target, UNKNOWN)
        total = _total(tangents, stmt, target, call, new)
        assert total is not None
        is_number = isinstance(tangents.types[new], Scalar)
        if not is_number and new not in variables(total):
            # The array has one name throughout: it may be changed in place afterwards.
            tangents.bind(target, total, call)
            tangents.follow(stmt)
            return
        tangents.follow(Assign(new, call, stmt.origin))
        tangents.bind(target, total, call)
        tangents.build.add(Assign(target, new, tangents.build.origin))
    else:
        tangents.follow(stmt)
        tangents.bind(target, total, call)


def _total(tangents: Tangents, stmt: Assign, target: Var, call: Call, result: Var) -> Expr | None:
    """The tangent of ``call``, whose value is in ``result``; ``None`` if it is zero."""
    if is_constant(call, tangents.active):
        return None
    if (copied := copied_list(call, tangents.types)) is not None:
        return Call(call.fn, (tangents.operand(copied),))
    if (replaced := replaced_item(call)) is not None:
        xs, index, item = replaced
        return Call(call.fn, (tangents.operand(xs), index, tangents.operand(item)))
    rule, bound = bound_call(call, tangents.active, tangents.fn.source, stmt.origin)
    values = operands_by_name(rule, bound)
    t = tangents.types.get(target, UNKNOWN)
    of: Mapping[str, Type] = {p: operand_type(e, tangents.types) for p, e in bound.items()}
    where = call.origin or stmt.origin
    refuse_containers(rule, bound, of, tangents.active, tangents.fn.source, where)
    real = is_real(t) and all(is_real(of[p]) for p in rule.differentiable if p in of)
    binding = {**values, Var(rule.result_name): result}
    parts: list[Expr] = []
    full = False
    for p in rule.differentiable:
        if p not in bound or not tangents.is_active(bound[p]):
            continue
        try:
            text = tangent(rule, p, frozenset(bound), real=real, constants=constants_of(values))
        except BindError as error:
            raise refused_call(call, tangents.fn.source, where, error) from None
        g = tangents.operand(bound[p])
        parts.append(substitute(text, {**binding, Var("g"): g}))
        full = full or rule.kind != "elementwise" or same_shape(of[p], t)
    if not parts:
        return None
    total = parts[0]
    for part in parts[1:]:
        if isinstance(part, Call) and part.fn == NEG:
            total = Call(SUB, (total, part.args[0]))
        else:
            total = Call(ADD, (total, part))
    return total if full else Call(BROADCAST_LIKE, (total, result))
