"""Small programs over all of control flow, with arguments that take each path."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

PROGRAMS: list[tuple[Callable[..., Any], list[tuple[Any, ...]]]] = []
LOG: list[object] = []


def over(*cases: tuple[Any, ...]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def register(fn: Callable[..., Any]) -> Callable[..., Any]:
        PROGRAMS.append((fn, list(cases)))
        return fn

    return register


def note(value: Any) -> Any:
    LOG.append(value)
    return value


XS = [3, -1, 4, -1, 5, 9, 2, 6]


@over((2.0,))
def straight(x):
    y = x * x + 3 * x
    return y / (1 + math.exp(-y))


@over((1.0,), (-1.0,))
def early_return(x):
    if x < 0:
        return -x
    y = x * 2
    return y + 1


@over((1,), (0,), (-1,), (7,))
def ladder(x):
    if x > 5:
        return "big"
    elif x > 0:
        y = "small"
    elif x == 0:
        return "zero"
    else:
        y = "negative"
    return y + "!"


@over((1, 1), (1, -1), (-1, 1), (-1, -1))
def partial_exit(a, b):
    s = 0
    if a > 0:
        s += 1
        if b > 0:
            return s * 10
        s += 2
    s += 4
    return s


@over((1, 1), (1, -1), (-1, 1), (-1, -1))
def partial_exit_then_constant(a, b):
    if a > 0:
        if b > 0:
            return a
        note(a)
    return 0


@over((XS,), ([],), ([-1],))
def return_in_loop(xs):
    for x in xs:
        if x > 4:
            return x
    return 0


@over((XS,), ([],), ([-1, -2],))
def return_in_loop_and_work_after(xs):
    s = 0
    for x in xs:
        s += x
        if x > 4:
            return s
    s = s * 100
    return s + 1


@over((XS, 3), ([], 3), (XS, 100))
def return_in_nested_loop(xs, limit):
    total = 0
    for x in xs:
        for y in xs:
            total += x * y
            if total > limit:
                return total, x, y
        total -= 1
    return total, None, None


@over((XS,), ([],), ([1, 2],))
def same_variable(xs):
    best = -1
    for x in xs:
        if x < 0:
            return best
        best = max(best, x)
    return best


@over((XS,), ([],))
def continue_(xs):
    s = 0
    for x in xs:
        if x < 0:
            continue
        s += x
    return s


@over((XS,), ([],))
def continue_and_break(xs):
    s = 0
    for i, x in enumerate(xs):
        if x < 0:
            s += 100
            continue
        if i > 5:
            break
        if x > 4:
            s += 1000
        else:
            s += x
    return s


@over((XS,), ([],))
def continue_deep(xs):
    s = 0
    for x in xs:
        if x > 0:
            s += 1
            if x > 4:
                continue
            s += 10
        else:
            s += 5
        s += 100
    return s


@over((XS,), ([],), ([1, 2],))
def everything_in_one_if(xs):
    s = 0
    for x in xs:
        if x != 4:
            if x == 9:
                break
            if x == -1:
                continue
            if x == 2:
                return s
            s += x
        s += 1000
    return -s


@over((XS,), ([],), ([1],))
def for_else(xs):
    for x in xs:
        if x == 9:
            s = x
            break
    else:
        s = "none"
    return s


@over((XS,), ([],), ([1],))
def for_else_return(xs):
    s = 0
    for x in xs:
        if x == 9:
            break
        s += x
    else:
        return "none"
    return s


@over((XS,), ([],), ([9],), ([2],))
def for_else_break_and_return(xs):
    s = 0
    for x in xs:
        if x == 9:
            break
        if x == 2:
            return "two"
        s += x
    else:
        s = -1
    return s


@over((XS,), ([],), ([1],))
def for_else_without_break(xs):
    s = 0
    for x in xs:
        s += x
    else:
        s += 1000
    return s


@over((5,), (0,), (13,))
def while_else(n):
    s = 0
    while n > 0:
        n -= 1
        if n == 7:
            break
        s += n
    else:
        s = -s
    return s


@over((10,), (3,))
def forever(n):
    i = 0
    while True:
        i += 1
        if i * i > n:
            break
    return i


@over((10,), (3,))
def forever_return(n):
    i = 0
    while True:
        i += 1
        if i * i > n:
            return i


@over((10,), (3,), (-1,))
def forever_return_or_break(n):
    i = 0
    while 1:
        i += 1
        if n < 0:
            break
        if i * i > n:
            return i
        continue
    return "broken"


@over((3,), (0,))
def nested_while(n):
    out = []
    while n:
        m = n
        while m > 1:
            m -= 1
            if m == 2:
                continue
            out.append(m)
        out.append(-n)
        n -= 1
    return out


@over((0,), (1,), (2,), (3,))
def no_return(x):
    if x == 1:
        return 1
    if x == 2:
        return
    note(x)


@over((1,), (2,))
def all_leave(x):
    if x == 1:
        return "one"
    else:
        return "other"


@over((1,))
def dead_code(x):
    return x
    x = x + 1
    return x


@over((1,), (5,))
def checks(x):
    assert x > 0
    if x > 100:
        raise ValueError(f"{x} is too big")
    y = x + 1
    if x > 3:
        return y
    return y * 2


@over((XS,), ([],))
def raise_in_loop(xs):
    s = 0
    for x in xs:
        if x == 100:
            raise ValueError
        s += x
    return s


@over((1, 2), (2, 1), (2, 2), (0, 0), (3, 0))
def booleans(a, b):
    p = a and b
    q = a or b
    r = not a or (b and a > b and note(a))
    return p, q, r, a < b <= 2 != 5, a is b, a is not None, a in (1, 2), b not in (1, 2)


@over((1, 2), (2, 1), (-2, 1))
def conditional(a, b):
    c = a if a > b else b
    d = (1 if a > 1 else 2) + (c if b > 1 else note(-c))
    return c, d, [x if x else -1 for x in (a, b, 0)]


@over(
    (1, 2),
)
def chained_order(a, b):
    return note(a) < note(b) < note(3) < note(2) < note(9), note(7) in note([7]), LOG[-1]


@over(
    (1, 2, 3),
)
def swaps(a, b, c):
    a, b = b, a
    a, b, c = c, a, b
    (a, b), c = (b, a + b), a * 10
    a, a = 1, a
    x = y = z = [a]
    z.append(1)
    return a, b, c, x is y, y is z, x


@over(([5, 6, 7],))
def stores(x):
    x = np.array(x)
    x[0], x[1] = x[1], x[0]
    i = 0
    x[i], i = 9, 2
    i, x[i] = 1, 4
    a = x[i] = 8
    x[0] = x[1] = x[i] + 1
    x[i] += 5
    x[1:] *= 2
    x[1:][0] -= 3
    return x, i, a


@over(([(1, (2, 3)), (4, (5, 6))],))
def unpacking(pairs):
    out = []
    for i, (a, (b, c)) in enumerate(pairs):
        out.append(i + a * b - c)
    (p, q), (r, _) = pairs
    return out, p, q, r


@over((3,), (0,))
def comprehensions(n):
    i = 100
    a = [i * j for i in range(n) for j in range(i) if j % 2 == 0 if i > 1]
    b = sum(x * x for x in range(n))
    c = max([[i + k for k in range(2)] for i in range(n + 1)])
    return a, b, c, i, any(x > 1 for x in range(n)), tuple(x for x in a)


@over((3,), (0,))
def comprehension_order(n):
    d = [note(1), [note(k) for k in range(n)], note(2)]
    e = n and [note(k) for k in range(n)]
    f = [note(4)] if n else [note(k) for k in range(2)]
    note(5), [note(6) for _ in range(n)]
    return d, e, f, note(n) + len([note(9)]), LOG[-5:]


@over((5,), (0,))
def while_with_statements(n):
    s = 0
    while 0 <= note(n) - 1 < 10 and [k for k in range(n)]:
        n -= 1
        if n == 3:
            continue
        s += n
    return s


@over(
    (1.5, "a"),
)
def texts(x, s):
    w = 8
    return f"{x:.2f} {s!r} {{}} {x + 1:>{w}} tail{s}", f"{x=}", rf"\d{s}", f"\n\t{w:03d}"


def helper(*args, k=1, **kw):
    return sum(args) * k, kw


@over(
    (1, [2, 3], {"k": 4}),
)
def calls(a, b, c):
    return (
        helper(a, *b, **c),
        helper(*b, a, k=2, z=1),
        (lambda_(a), [*b, a], (*b,), {"x": a, "y": b}),
    )


def lambda_(x):
    return x + 1


@over((np.arange(12.0).reshape(3, 4),))
def arrays(x):
    y = x.copy()
    y[1:, ::2] = -x[..., 1:3][1:]
    y[:, 0] += x.sum(axis=1)
    y[None, -1] *= 2
    return y.T @ x, y.shape[0], -y.mean(), x[1, 2], ~(x > 3)


@over((4,), (0,))
def annotated(n: int) -> float:
    """Doc."""
    total: float = 0.0
    k: int
    for k in range(n):
        total += k; total *= 2  # fmt: skip  # noqa: E702
    return total


@over((0.0,), (1.0,), (50.0,))
def fixed_point(x):
    for i in range(30):
        y = math.cos(x)
        if abs(y - x) < 1e-3:
            x = y
            break
        if y > 2:
            return None
        x = y
    else:
        i = -1
    return x, i


@over((XS, 2), (XS, 50), ([], 1))
def loop_in_branch(xs, k):
    if k > 10:
        for x in xs:
            if x == 5:
                return "five"
    else:
        while k:
            k -= 1
            if k == 1:
                break
        else:
            return "ran out"
    note(k)
    return k


@over(
    (3, 4),
)
def defaults(a, b, c=5, *rest, d=(1, 2), e=None, **more):
    return a + b + c + len(rest) + d[1], e, more
