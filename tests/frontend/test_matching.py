"""What a ``match`` statement is lowered to does what Python does, for every subject."""

from __future__ import annotations

import collections
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from srcad.frontend.lower import lower
from tests.ir_interpreter import run


@dataclass
class Point:
    a: Any
    b: Any


class Names:
    ONE = 1


def literals(s):
    match s:
        case 0 | 1.5 | "a":
            return "literal"
        case -2 | None | True:
            return "other literal"
        case Names.ONE:
            return "dotted"
        case str() | bytes():
            return "string"
    return "none"


def sequences(s):
    match s:
        case []:
            return "empty"
        case [x]:
            return x
        case (0, *rest):
            return rest
        case [x, (y, z)] if x != 5:
            return x, y, z
        case (*_, 7):
            return "ends with 7"
        case [a, *middle, b] as whole:
            return a, middle, b, whole
        case _:
            return "none"


def mappings(s):
    match s:
        case {"kind": "circle", "r": r}:
            return r
        case {"kind": str() as kind}:
            return kind
        case {0: [x, y]}:
            return x, y
        case {}:
            return "a mapping"
    return "none"


def classes(s):
    match s:
        case Point(0, b):
            return b
        case Point(a=[x, y], b=Point(b=z)):
            return x, y, z
        case int(n):
            return "int", n
        case float(0.5):
            return "half"
        case tuple((a, b)):
            return a, b
    return "none"


def rebinding(s):
    u, v = s if isinstance(s, tuple) and len(s) == 2 else (s, 0)
    match u, v:
        case (v, u) if u == 1:
            return "first", u, v
        case (u, v) if v == 2 and (k := 4):
            return "second", u, v, k
        case both if both[1] == 3:
            return both
        case (_, _, _):
            return "never"
    return u, v


def nested_and_in_loops(s):
    out = []
    for i, item in enumerate([s, 1, [s, 2]]):
        match item:
            case [x, k]:
                match x:
                    case int():
                        out.append(k)
                        continue
                    case _ if i > 5:
                        return out
            case 1:
                break
            case other:
                out.append(other)
        out.append(i)
    else:
        out.append("all")
    return out


SUBJECTS = [
    *(0, 1, 1.5, -2, None, True, False, "a", "b", b"c", 0.5, 7),
    *([], [1], (3,), [0, 2, 3], (1, (2, 3)), [5, [2, 3]], (4, 7), [1, 2, 3], "ab", range(3)),
    *((5, 1), (5, 2), (5, 3), (1, 5), (2, 1)),
    *({}, {"kind": "circle", "r": 2}, {"kind": "circle"}, {"kind": 3}, {0: (1, 2)}, {0: [1]}),
    *(Point(0, 3), Point([1, 2], Point(3, 4)), Point(1, 2), (1, Point(0, 1))),
    *(np.ones(2), np.float64(0.5), np.int64(3), collections.deque([1, 2]), {1}),
]
FUNCTIONS = [
    literals,
    sequences,
    mappings,
    classes,
    rebinding,
    nested_and_in_loops,
]


@pytest.mark.parametrize("fn", FUNCTIONS)
def test_as_in_python(fn: Any) -> None:
    lowered = lower(fn)
    for subject in SUBJECTS:
        try:
            wanted: object = fn(subject)
        except ValueError as e:  # arrays have no truth value
            with pytest.raises(ValueError, match=str(e)[:20]):
                run(lowered, subject)
        else:
            assert repr(run(lowered, subject)) == repr(wanted), subject
