"""Expressions of the IR as Python text, with no parentheses but those that are needed."""

from __future__ import annotations

import keyword
import math
import operator
from types import BuiltinFunctionType, MethodDescriptorType
from typing import Final, cast

import numpy as np

from srcad.emit.operators import (
    AND,
    ATOM,
    BINARY,
    BITOR,
    COMPARISON,
    NOT,
    OR,
    TERNARY,
    UNARY,
    UNARY_PRECEDENCE,
)
from srcad.generators import GENERATORS
from srcad.ir.nodes import (
    Attr,
    BoolOp,
    Call,
    Const,
    Dict,
    Expr,
    IfExp,
    List,
    Ref,
    Slice,
    Star,
    Tuple,
    Var,
)
from srcad.plain import original

__all__ = [
    "bare",
    "constant_text",
    "expression_text",
    "index_text",
    "is_identifier",
    "prints_function",
]

_DRAWING: Final = cast("type[object]", type(vars(np.random.Generator)["normal"]))

_Text = tuple[str, int]
"""A text and the level at which it binds."""


def expression_text(expr: Expr) -> str:
    """``expr`` as one would write it standing alone, a tuple in its parentheses.

    Examples
    --------
    >>> import operator
    >>> from srcad.ir.nodes import Call, Const, Ref, Var
    >>> total = Call(Ref("operator.add", operator.add), (Var("x"), Const(1)))
    >>> expression_text(Call(Ref("operator.mul", operator.mul), (Const(2), total)))
    '2 * (x + 1)'
    """
    return _text(expr)[0]


def bare(expr: Expr) -> str:
    """``expr`` where a tuple needs no parentheses: returned, assigned, iterated over."""
    if isinstance(expr, Tuple) and len(expr.items) > 1:
        return ", ".join(_text(item)[0] for item in expr.items)
    return _text(expr)[0]


def is_identifier(name: object) -> bool:
    """Whether ``name`` is a text that can follow a dot."""
    return isinstance(name, str) and name.isidentifier() and not keyword.iskeyword(name)


def prints_function(call: Call) -> bool:
    """Whether the text of ``call`` names the function, rather than using an operator or a method.

    Examples
    --------
    >>> from srcad.ir.nodes import Const, Ref
    >>> prints_function(Call(Ref("len", len), (Var("x"),)))
    True
    >>> prints_function(Call(Ref("operator.neg", operator.neg), (Const(1),)))
    False
    """
    if _spelling(call) and call.args:
        return False
    fn = call.fn.value if isinstance(call.fn, Ref) else None
    return not _has_notation(fn, call.args, call.kwargs)


def _spelling(call: Call) -> str:
    """How ``call`` is written if not as a call of a function: ``".sum"``, ``"@T"``, or empty."""
    fn = call.fn.value if isinstance(call.fn, Ref) else None
    # What is only a method of arrays has no function that takes a number as well.
    if not call.spell and isinstance(fn, MethodDescriptorType) and fn.__objclass__ is np.ndarray:
        return f".{fn.__name__}"
    if drawn := _drawing(fn):
        return f".{drawn}"
    if call.spell == "[None]":
        return call.spell if _new_axis(call.args[1:]) else ""
    return call.spell if call.spell[:1] in (".", "@") else ""


def _drawing(fn: object) -> str:
    """The name of ``fn`` if it is a method of random generators; empty for all others."""
    own = original(fn) or fn
    if not isinstance(own, _DRAWING):
        return ""
    name = getattr(own, "__name__", "")
    return name if any(getattr(cls, name, None) is own for cls in GENERATORS) else ""


def _new_axis(axes: tuple[Expr, ...]) -> str:
    """The index that makes a new axis at the place that ``axes`` names; empty if there is none."""
    match axes:
        case (Const(int() as axis),) if axis >= 0:
            return ", ".join([":"] * axis + ["None"])
        case (Const(-1),):
            return "..., None"
        case _:
            return ""


def _has_notation(fn: object, args: tuple[Expr, ...], kwargs: tuple[tuple[str, Expr], ...]) -> bool:
    if not isinstance(fn, BuiltinFunctionType) or kwargs:
        return False
    match args:
        case (Star(),) | (Star(), _) | (_, Star()):
            return False
        case (_,):
            return fn is operator.not_ or fn in UNARY
        case (_, right):
            if fn is getattr:
                return isinstance(right, Const) and is_identifier(right.value)
            return fn is operator.getitem or fn is operator.contains or fn in BINARY
        case _:
            return False


def _at(expr: Expr, level: int) -> str:
    text, binds = _text(expr)
    return text if binds >= level else f"({text})"


def _text(expr: Expr) -> _Text:
    match expr:
        case Var():
            return expr.name, ATOM
        case Const():
            return constant_text(expr.value)
        case Ref():
            return expr.path, ATOM
        case Call():
            return _call(expr)
        case Tuple(items):
            inner = ", ".join(_text(item)[0] for item in items)
            return (f"({inner},)" if len(items) == 1 else f"({inner})"), ATOM
        case List(items):
            return f"[{', '.join(_text(item)[0] for item in items)}]", ATOM
        case Attr(value, name):
            return f"{_receiver(value)}.{name}", ATOM
        case Star(value):
            return f"*{_at(value, BITOR)}", TERNARY
        case Dict(keys, values):
            pairs = (f"{_text(k)[0]}: {_text(v)[0]}" for k, v in zip(keys, values, strict=True))
            return f"{{{', '.join(pairs)}}}", ATOM
        case Slice(start, stop, step):
            return f"slice({_text(start)[0]}, {_text(stop)[0]}, {_text(step)[0]})", ATOM
        case BoolOp(op, left, right):
            level = OR if op == "or" else AND
            return f"{_at(left, level + 1)} {op} {_at(right, level)}", level
        case IfExp(test, then, orelse):
            return f"{_at(then, OR)} if {_at(test, OR)} else {_at(orelse, TERNARY)}", TERNARY


def _call(call: Call) -> _Text:
    args, kwargs = call.args, call.kwargs
    spelling = _spelling(call)
    if spelling.startswith("@") and args:
        return f"{_receiver(args[0])}.{spelling[1:]}", ATOM
    if spelling.startswith(".") and args:
        return f"{_receiver(args[0])}{spelling}({_arguments(args[1:], kwargs)})", ATOM
    if spelling == "[None]":
        return f"{_receiver(args[0])}[{_new_axis(args[1:])}]", ATOM
    if isinstance(call.fn, Ref) and _has_notation(call.fn.value, args, kwargs):
        return _operation(call.fn.value, args)
    return f"{_at(call.fn, ATOM)}({_arguments(args, kwargs)})", ATOM


def _operation(fn: object, args: tuple[Expr, ...]) -> _Text:
    """The call of a function that has a notation of its own, in that notation."""
    if len(args) == 1:
        if fn is operator.not_:
            return _negation(args[0])
        return f"{UNARY[fn]}{_at(args[0], UNARY_PRECEDENCE)}", UNARY_PRECEDENCE
    left, right = args
    if fn is operator.getitem:
        return f"{_receiver(left)}[{index_text(right)}]", ATOM
    if fn is operator.contains:
        return f"{_at(right, BITOR)} in {_at(left, BITOR)}", COMPARISON
    if fn is getattr and isinstance(right, Const):
        return f"{_receiver(left)}.{right.value}", ATOM
    how = BINARY[fn]
    return f"{_at(left, how.left)} {how.symbol} {_at(right, how.right)}", how.level


def _negation(operand: Expr) -> _Text:
    # By identity: the object of a Ref may be an array, which `==` would compare item by item.
    match operand:
        case Call(Ref(_, fn), (container, item), ()) if fn is operator.contains:
            return f"{_at(item, BITOR)} not in {_at(container, BITOR)}", COMPARISON
        case Call(Ref(_, fn), (left, right), ()) if fn is operator.is_:
            return f"{_at(left, BITOR)} is not {_at(right, BITOR)}", COMPARISON
        case _:
            return f"not {_at(operand, NOT)}", NOT


def _arguments(args: tuple[Expr, ...], kwargs: tuple[tuple[str, Expr], ...]) -> str:
    texts = [_text(a)[0] for a in args]
    texts += [
        f"**{_at(value, BITOR)}" if name == "**" else f"{name}={_text(value)[0]}"
        for name, value in kwargs
    ]
    return ", ".join(texts)


def _receiver(expr: Expr) -> str:
    """``expr`` before a dot or a bracket: a number takes parentheses (``1.real`` is no Python)."""
    if isinstance(expr, Const) and isinstance(expr.value, (int, float, complex)):
        return f"({_text(expr)[0]})"
    return _at(expr, ATOM)


# --- subscripts ----------------------------------------------------------------------------------


def index_text(index: Expr) -> str:
    """What stands between the brackets of a subscript: slices in their own notation."""
    if isinstance(index, Tuple) and index.items:
        parts = [_index_part(item) for item in index.items]
        return f"{parts[0]}," if len(parts) == 1 else ", ".join(parts)
    return _index_part(index)


def _index_part(part: Expr) -> str:
    if not isinstance(part, Slice):
        return _text(part)[0]
    start, stop, step = (
        "" if _absent(x) else _text(x)[0] for x in (part.start, part.stop, part.step)
    )
    if all(map(_is_short, (part.start, part.stop, part.step))):
        return f"{start}:{stop}:{step}" if step else f"{start}:{stop}"
    text = f"{start} :" if start else ":"
    text += f" {stop}" if stop else ""
    if step:
        text += f" : {step}" if stop else f": {step}"
    return text


def _absent(part: Expr) -> bool:
    return isinstance(part, Const) and part.value is None


def _is_short(part: Expr) -> bool:
    """Whether ``part`` is a name or a number, perhaps signed: its colon needs no spaces."""
    match part:
        case Var() | Const():
            return True
        case Call(Ref(_, fn), (Var() | Const(),), ()):
            return fn is operator.neg
        case _:
            return False


# --- literals ------------------------------------------------------------------------------------


def constant_text(value: object) -> _Text:
    """A literal that evaluates to exactly ``value``, and how tightly it binds."""
    match value:
        case bool() | None:
            return repr(value), ATOM
        case float() if type(value) is float:
            return _float_text(value)
        case int() if type(value) is int:
            return repr(value), UNARY_PRECEDENCE if value < 0 else ATOM
        case complex() if type(value) is complex:
            return _complex_text(value)
        case str() | bytes():
            return _double_quoted(repr(value)), ATOM
        case _ if value is Ellipsis:
            return "...", ATOM
        case _:
            return repr(value), ATOM


def _float_text(value: float) -> _Text:
    negative = math.copysign(1.0, value) < 0
    if math.isnan(value):
        return "np.nan", ATOM
    text = "np.inf" if math.isinf(value) else repr(abs(value))
    return (f"-{text}", UNARY_PRECEDENCE) if negative else (text, ATOM)


def _complex_text(value: complex) -> _Text:
    # A negative zero would be lost in `a + bj`, infinities and nans cannot be written so.
    if math.isfinite(value.real) and math.isfinite(value.imag):
        text = repr(value)
        if repr(complex(text)) == text and 0.0 not in (value.real, value.imag):
            return text, ATOM
        if value.real == 0 and not text.startswith(("-", "(")):
            return text, ATOM
    return f"complex({_float_text(value.real)[0]}, {_float_text(value.imag)[0]})", ATOM


def _double_quoted(text: str) -> str:
    body = text.lstrip("b")
    if body.startswith("'") and '"' not in body:
        return f'{text[: len(text) - len(body)]}"{body[1:-1]}"'
    return text
