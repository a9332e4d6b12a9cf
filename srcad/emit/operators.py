"""How each function of `operator` is written: its symbol and how tightly it binds."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

__all__ = [
    "ADDITION",
    "AND",
    "ATOM",
    "BINARY",
    "BITOR",
    "COMPARISON",
    "NOT",
    "OR",
    "POWER",
    "TERNARY",
    "UNARY",
    "UNARY_PRECEDENCE",
    "Binary",
]

# Levels of the Python grammar, loosest first.
TERNARY, OR, AND, NOT, COMPARISON, BITOR, BITXOR, BITAND, SHIFT, ADDITION, PRODUCT = range(11)
UNARY_PRECEDENCE, POWER, ATOM = 11, 12, 13


@dataclass(frozen=True, slots=True)
class Binary:
    """A binary operator; ``left`` and ``right``: the loosest levels of operands left bare."""

    symbol: str
    level: int
    left: int
    right: int


def _left(symbol: str, level: int) -> Binary:
    return Binary(symbol, level, level, level + 1)


def _comparison(symbol: str) -> Binary:
    # Comparisons chain: `a < b < c` is neither `(a < b) < c` nor `a < (b < c)`.
    return Binary(symbol, COMPARISON, BITOR, BITOR)


# The stubs leave the types of some of these functions open.
_op: Any = operator

BINARY: Mapping[object, Binary] = MappingProxyType(
    {
        _op.add: _left("+", ADDITION),
        _op.sub: _left("-", ADDITION),
        _op.mul: _left("*", PRODUCT),
        _op.truediv: _left("/", PRODUCT),
        _op.floordiv: _left("//", PRODUCT),
        _op.mod: _left("%", PRODUCT),
        _op.matmul: _left("@", PRODUCT),
        _op.lshift: _left("<<", SHIFT),
        _op.rshift: _left(">>", SHIFT),
        _op.and_: _left("&", BITAND),
        _op.xor: _left("^", BITXOR),
        _op.or_: _left("|", BITOR),
        # The right operand may carry a sign bare (`x ** -2`), the left one may not.
        _op.pow: Binary("**", POWER, ATOM, UNARY_PRECEDENCE),
        _op.lt: _comparison("<"),
        _op.le: _comparison("<="),
        _op.gt: _comparison(">"),
        _op.ge: _comparison(">="),
        _op.eq: _comparison("=="),
        _op.ne: _comparison("!="),
        _op.is_: _comparison("is"),
        _op.is_not: _comparison("is not"),
    }
)

UNARY: Mapping[object, str] = MappingProxyType({_op.neg: "-", _op.pos: "+", _op.invert: "~"})
