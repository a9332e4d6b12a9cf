"""Programs that srcad refuses in both modes, with what it says of each and where it points.

Not one of them is wrong Python, and each has a derivative; but which array or list a change reaches
is not proved from the text. They stand apart from the corpus, ``tests/programs/``, in which every
program is differentiated.
"""

from __future__ import annotations

import bisect
import collections
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from srcad import grad, jvp, stop_gradient
from srcad.errors import MutationError, SrcadError, UnknownFunctionError

X = np.array([0.7, 1.2, 0.4, 0.9])


@dataclass(frozen=True)
class Refused:
    """A function of one argument, the first line of the error, and the line it points at."""

    fn: Callable[..., Any]
    says: str
    at: str


REFUSED: list[Refused] = []


def refused(says: str, at: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def enter(fn: Callable[..., Any]) -> Callable[..., Any]:
        REFUSED.append(Refused(fn, says, at))
        return fn

    return enter


# --- a function that changes an array calls itself ------------------------------------------------


def put_in_order(u, low, high):
    if low < high:
        i = low
        for j in range(low, high):
            if u[j] < u[high]:
                u[i], u[j] = u[j], u[i]
                i += 1
        u[i], u[high] = u[high], u[i]
        put_in_order(u, low, i - 1)
        put_in_order(u, i + 1, high)


@refused("`put_in_order` changes its argument `u` in place", "put_in_order(u, i + 1, high)")
def sorted_by_parts(x):
    u = x * x
    put_in_order(u, 0, 3)
    return u @ x


# --- a name may be one array or another -----------------------------------------------------------


@refused("`b` may be one array or another, and one of them is changed in place", "b = a[::-1]")
def view_under_the_other_name(x):
    a = x.copy()
    b = a[::-1]
    for _ in range(3):
        b[0] = a[1] * a[0]
        a, b = b, a
    return np.sum(a * b)


@refused("`b` may be one array or another, and one of them is changed in place", "b = a")
def one_array_under_both_names_perhaps(x):
    a = x.copy()
    b = 2 * x
    if x[0] > 2:
        b = a
    for _ in range(3):
        b[0] = a[1] * a[0]
        a, b = b, a
    return np.sum(a * b)


@refused(
    "`a` may be one array or another, and one of them is changed in place", "a, b = b, a.copy()"
)
def given_on_while_a_third_name_sees_it(x):
    a = x.copy()
    b = 2 * x
    c = b
    for _ in range(3):
        b[0] = a[1] * b[0]
        a, b = b, a.copy()
        c[1] *= 1.5
    return np.sum(a * b) + np.sum(c)


@refused("`v` may be one array or another, and one of them is changed in place", "v = u")
def view_that_gets_shorter(x):
    u = x.copy()
    v = u
    while v.size > 1:
        v = v[1:]
        v[0] = v[0] * x[0]
    return np.sum(u)


@refused("`best` may be one array or another, and one of them is changed in place", "best = a")
def the_best_of_many(x):
    a = x.copy()
    best = a
    for _ in range(3):
        a[0] *= 1.5
        if a[0] > 1.0:
            best = a
        a = a * 1.1
    return np.sum(best) + np.sum(a)


# --- the array behind a view, or behind a loop, has lost its name ---------------------------------


@refused("`tail` is a view of `a`, which is bound anew while in use", "tail = a[1:]")
def view_from_before_the_swaps(x):
    a = x.copy()
    b = 2 * x
    tail = a[1:]
    for _ in range(3):
        tail *= 1.5
        b[0] = a[1] * b[0]
        a, b = b, a
    return np.sum(a * b)


@refused("`v` is a view of `u`, which is bound anew while in use", "v = u[1:]")
def view_from_before_the_loop(x):
    u = x.copy()
    v = u[1:]
    for _ in range(3):
        v *= 1.5
        u = u * u
    return np.sum(u * u)


@refused(
    "the loop runs over `a`, which is bound anew inside it and changed in place",
    "for p, q in zip(a, b, strict=True):",
)
def loop_over_an_exchanged_array(x):
    a = x.copy()
    b = 3 * a
    for p, q in zip(a, b, strict=True):
        b[0] = b[0] * p + q
        a[1] = a[0] * q
        a, b = b, a
    return np.sum(a * a * b)


@refused(
    "the loop runs over `u`, which is bound anew inside it and changed in place", "for r in u:"
)
def loop_over_an_array_bound_anew(x):
    u = x.copy()
    for r in u:
        u[1] = u[1] * r
        u = u * 1.1
    return np.sum(u * u)


@refused("the array `u` is changed in place while `row` may hold it too", "for row in u:")
def loop_over_rows_of_an_array_bound_anew(x):
    u = np.outer(x, x)
    for row in u:
        u[0] = u[0] * row
        u = u * 1.1
    return np.sum(u * u)


# --- what a helper returns ------------------------------------------------------------------------


def twice(x):
    y = 2 * x
    return y, y


@refused(
    "the array `a` is changed in place while what this makes may hold it too", "a, b = twice(x)"
)
def helper_returns_one_array_twice(x):
    a, b = twice(x)
    a[0] = 5.0
    return np.sum(a * b)


def halves(x):
    y = 2 * x
    return y[:2], y[1:3]


@refused(
    "the array `a` is changed in place while what this makes may hold it too", "a, b = halves(x)"
)
def helper_returns_views_of_one_array(x):
    a, b = halves(x)
    a[1] = 5.0
    return np.sum(a * b)


@refused(
    "an array without a name is changed in place while `rows` may hold it too",
    "rows[k][1:] = x[:-1]",
)
def item_of_a_list_is_changed(x):
    rows = [x * x, 2 * x]
    for k in range(2):
        rows[k][1:] = x[:-1]
    return np.sum(rows[0] * rows[1])


@refused("a list is an item of a container, and is changed", 'kept["a"].append(v * v)')
def list_in_a_dict_of_two_names_grows(x):
    kept = {"a": [x[0]]}
    same = kept
    for v in x:
        kept["a"].append(v * v)
    return sum(same["a"])


@refused("srcad cannot differentiate this assignment to an item of a list", "row[0] = x[2]")
def list_kept_under_another_name_is_changed(x):
    row = [x[0], x[1]]
    kept = row
    row[0] = x[2]
    return kept[0] * row[1]


@refused("srcad cannot differentiate this assignment to an item of a list", "last[0] = v")
def list_changed_by_the_last_of_three_names(x):
    row = [x[0], x[1]]
    for v in x:
        kept = row
        last = kept
        last[0] = v
        row = [row[0] * v, v]
    return last[0] * kept[1]


@refused("srcad cannot differentiate this assignment to an item of a list", "above[0] *= v")
def row_is_read_after_its_new_name_is_changed(x):
    above = [x[0], x[1]]
    total = 0.0
    for v in x:
        row = [above[1], v]
        above = row
        above[0] *= v
        total = total + row[0]
    return total


@refused("the list `below` has a second name, `row`, and is changed", "row = below")
def row_that_grows_before_and_after_a_second_name(x):
    row = [x[0]]
    row.append(x[1])
    below = [x[2], x[3]]
    for v in x:
        row.append(v * row[-1])
        row = below
    return row[-1] * below[0]


@refused("the list `a` has a second name and is changed", "(a if v > 0.8 else b).append(v * v)")
def one_of_two_lists_grows(x):
    a, b = [x[0]], [x[1]]
    for v in x:
        (a if v > 0.8 else b).append(v * v)
    return sum(a) * sum(b)


def kept(x):
    return x, 2 * x


@refused(
    "the array `a` is changed in place while what this makes may hold it too", "a, b = kept(u)"
)
def helper_returns_what_it_was_given(x):
    u = x * x
    a, b = kept(u)
    a[1] = 5.0
    return np.sum(a * b) + np.sum(u)


# --- a list or dict is seen through another name --------------------------------------------------


@refused("the array `a` is changed in place while `taken` may hold it too", "taken.append(a)")
def exchanged_array_kept_in_a_list(x):
    a = x.copy()
    b = 2 * x
    taken = []
    for _ in range(3):
        b[0] = a[1] * b[0]
        taken.append(a)
        a, b = b, a
    return np.sum(a * b) + np.sum(taken[0])


@refused("the list `xs` is an item of a container, and is changed", "ys = [xs, xs]")
def list_in_a_list_grows(x):
    xs = [x]
    ys = [xs, xs]
    xs.append(x * x)
    return np.sum(ys[0][-1] * x)


@refused("the list `xs` is an item of a container, and is changed", "xs.append(xs)")
def list_in_itself(x):
    xs = [x]
    xs.append(xs)
    return np.sum(xs[0] * x)


@refused("the list `rows` is an item of a container, and is changed", "rows[0].append(x[0] * 2)")
def one_list_in_all_places(x):
    row = []
    rows = []
    for _ in range(3):
        rows.append(row)
    rows[0].append(x[0] * 2)
    rows[1].append(x[1] * x[1])
    return sum(rows[0])


@refused("a list is an item of a container, and is changed", "rows[0].append(x[0] * 2)")
def one_list_in_all_places_of_a_comprehension(x):
    row = []
    rows = [row for _ in range(3)]
    rows[0].append(x[0] * 2)
    rows[1].append(x[1] * x[1])
    return sum(rows[0])


@refused("the list `xs` is an item of a container, and is changed", "pair = (xs, x)")
def list_in_a_tuple_grows(x):
    xs = [x]
    pair = (xs, x)
    xs.append(x * x)
    return np.sum(pair[0][-1] * x)


@refused("srcad cannot differentiate this assignment to an item of a list", "ys[0] = x * x")
def item_assigned_through_a_second_name(x):
    xs = [x, 2 * x]
    ys = xs
    ys[0] = x * x
    return np.sum(xs[0] * xs[1])


@refused("srcad cannot differentiate this assignment to an item of a list", "xs[1] = v * x")
def item_assigned_while_a_loop_runs_over_the_list(x):
    xs = [x, 2 * x]
    for v in xs:
        xs[1] = v * x
    return np.sum(xs[1])


@refused("srcad cannot differentiate this assignment to an item of a list", "now[0] = now[0] * x")
def snapshots_of_one_list(x):
    now = [x, 2 * x]
    seen = []
    for _ in range(3):
        seen.append(now)
        now[0] = now[0] * x
    return np.sum(seen[0][0])


@refused("an array that is an item of a list or dict is changed in place", 'd["w"] += x')
def array_in_a_dict_updated(x):
    d = {"w": x * x}
    d["w"] += x
    return np.sum(d["w"])


def _itself(xs):
    return xs


@refused(
    "`xs` may be in the result of this call, and an item of it is assigned", "ys = _itself(xs)"
)
def item_assigned_after_a_helper_returned_the_list(x):
    xs = [x, 2 * x]
    ys = _itself(xs)
    xs[0] = x * x
    return np.sum(ys[0])


@refused("`c` is a view of `a`, which is bound anew while in use", "c = a[::-1]")
def view_of_a_view_of_an_array_bound_anew(x):
    a = x.copy()
    c = a[::-1]
    e = c[1:]
    a[0] = a[1] * x[0]
    for _ in range(3):
        e[0] += a[1]
        a = np.sin(x)
    return np.sum(a * a) + np.sum(e * e)


@refused("`v` is a view of `a`, which is bound anew while in use", "v = a[1:]")
def exchanged_in_a_branch(x):
    a = x * 2
    b = x * x
    v = a[1:]
    v *= 2.0
    if x[0] > 0:
        a, b = b, a
    b[0] = a[1] * x[0]
    return np.sum(a * b) + np.sum(v)


@refused("a run of a list's items is assigned by a slice", "ys[cut] = [x[0] * 2.0, x[1]]")
def run_replaced_by_a_longer_one(x):
    ys = [x[0], x[1], x[2]]
    cut = slice(0, 1)
    ys[cut] = [x[0] * 2.0, x[1]]
    return ys[0] * ys[1] * ys[-1]


# --- a function of which nothing is known ---------------------------------------------------------


@refused("srcad has no derivative for `bisect.bisect`", "return x[bisect.bisect(x, 0.3) - 1] ** 2")
def function_without_a_rule(x):
    return x[bisect.bisect(x, 0.3) - 1] ** 2


@refused("srcad cannot tell which function is called here", "return np.sum(f(x))")
def function_found_as_the_program_runs(x):
    f = getattr(np, "si" + "n")
    return np.sum(f(x))


@refused("`b` may be one array or another, and one of them is changed in place", "b = a")
def one_array_named_anew_in_each_turn(x):
    a = x.copy()
    b = 2 * x
    for i in range(3):
        b = a
        b[i] = b[1] * x[0]
    return np.sum(b * b)


@dataclass
class Held:
    part: Any


@refused("`p.part`, which is not local to the function, is changed in place", "p.part[0] *= 2")
def array_that_an_object_holds(x):
    p = Held(x.copy())
    p.part[0] *= 2
    return np.sum(p.part)


# --- what is outside is reached by way of a tuple or an object ------------------------------------

KEPT = Held(np.ones(4))
ENDS = (np.ones(4), [1.0])


def part_of_an_object():
    return KEPT.part


def larger_of_two():
    return max([ENDS[0], KEPT.part], key=len)


@refused("`KEPT.part`, which is not local to the function, is changed in place", "u[0] = x[1]")
def part_returned_by_a_helper(x):
    u = part_of_an_object()
    u[0] = x[1]
    return np.sum(u * x)


@refused("`ENDS`, which is not local to the function, is changed in place", "u += x")
def array_unpacked_from_a_tuple(x):
    u, _ = ENDS
    u += x
    return np.sum(u * x)


@refused("`KEPT.part`, which is not local to the function, is changed in place", "u[1] *= x[0]")
def array_chosen_out_of_two(x):
    u = larger_of_two()
    u[1] *= x[0]
    return np.sum(u * x)


@refused("`ENDS`, which is not local to the function, is changed in place", "ys.append(x[0])")
def list_held_by_a_tuple(x):
    ys = ENDS[1]
    ys.append(x[0])
    return ys[0] * x[0]


@refused("the list `held` is an item of a container, and is changed", "p = Held(held)")
def list_that_an_object_holds(x):
    held = [x[0]]
    p = Held(held)
    held.append(x[1])
    return sum(p.part)


@refused("srcad cannot differentiate this assignment to an item of a dict", 'd["a"] = x[0] ** 3')
def values_of_a_dict_under_a_second_name(x):
    d = {"a": x[0], "b": x[1]}
    values = d.values()
    later = values
    d["a"] = x[0] ** 3
    return sum(later)


@refused("srcad cannot differentiate the list method `insert`", "xs.insert(0, x[1])")
def list_inserted_into_while_a_loop_runs_over_it(x):
    xs = [x[0]]
    total = 0.0
    for v in xs:
        total += v
        if len(xs) < 3:
            xs.insert(0, x[1])
    return total


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.fn.__name__)
@pytest.mark.parametrize("mode", ["reverse", "forward"])
def test_refused(case: Refused, mode: str) -> None:
    before = X.copy()
    with pytest.raises(SrcadError) as caught:
        if mode == "reverse":
            grad(case.fn)(X)
        else:
            jvp(case.fn, (X,), (np.ones_like(X),))
    message, _, *rest = str(caught.value).splitlines()
    assert message == case.says
    assert rest[0].strip() == case.at
    assert any(line.startswith("Why: ") for line in rest)
    assert any(line.startswith("Instead: ") for line in rest)
    assert np.array_equal(before, X)


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.fn.__name__)
def test_the_program_runs(case: Refused) -> None:
    assert np.isfinite(case.fn(X.copy()))


def test_a_copy_that_was_taken_for_a_view() -> None:
    def part_is_changed(x):
        a = x * 1.0
        t = a[:, :1].ravel()
        t += 1.0
        return np.sum(a**2) + np.sum(t)

    for found in (
        lambda x: grad(part_is_changed)(x),
        lambda x: jvp(part_is_changed, (x,), (x,)),
        lambda x: grad(part_is_changed, without=["dead", "values"])(x),
    ):
        with pytest.raises(MutationError, match="was reshaped, and NumPy made a copy of it") as e:
            found(np.ones((2, 2)))
        assert "a surely new one: `.copy()`" in str(e.value)
        assert np.all(np.isfinite(np.asarray(found(np.ones((2, 1)))[0])))


def test_a_row_without_a_name_is_not_to_be_copied_under_one() -> None:
    def row_read_after_the_change(x):
        rows = [[x[0], x[1]] for _ in range(2)]
        row = rows[0]
        for i in range(2):
            rows[i][0] = x[2] ** 2
        return row[0] * rows[1][0]

    with pytest.raises(SrcadError, match="assignment to an item of a list") as caught:
        grad(row_read_after_the_change)(X)
    assert caught.value.instead.startswith("put a new list in its place")


def test_joins_of_tuples_that_have_one_length_or_another() -> None:
    def joined(x):
        ends, more = (x[0],), (2.0,)
        if x[1] > 0.8:
            ends, more = (x[0], x[1]), (1.0, 2.0)
        both = ends + more
        return both[0] * 3 + both[-1] ** 2

    def repeated(x):
        ends = (x[0],) if x[1] < 0.8 else (x[0], x[1])
        twice = 2 * ends
        return twice[0] * 3 + twice[-1] ** 2

    says = "srcad cannot differentiate the joining or repeating of lists and tuples"
    for f in (joined, repeated):
        for x in (X, X[::-1] - 0.1):
            for found in (lambda f=f, x=x: grad(f)(x), lambda f=f, x=x: jvp(f, (x,), (x,))):
                with pytest.raises(UnknownFunctionError, match=says):
                    found()


def test_the_largest_of_what_may_be_tuples_or_numbers_has_a_way_out() -> None:
    def largest(x):
        ends = (x[0], x[1]) if x[2] > 0.8 else (x[0], x[1], x[2])
        return max(ends) ** 2

    def largest_of_an_array(x):
        ends = (x[0], x[1]) if x[2] > 0.8 else (x[0], x[1], x[2])
        return np.max(np.array(ends)) ** 2

    with pytest.raises(UnknownFunctionError, match="no derivative for this call of `max`") as e:
        grad(largest)(X)
    assert "may be arrays or tuples" in e.value.why
    assert e.value.instead == "make an array of them: `np.max(np.array(xs))`"
    assert np.allclose(grad(largest_of_an_array)(X), [0.0, 2.4, 0.0, 0.0])


def test_numbers_have_no_items() -> None:
    def item_set(x):
        x[0] = 1.0
        return x

    def added_at(x):
        u = x * x
        np.add.at(u, [0], x)
        return u

    for f in (item_set, added_at):
        with pytest.raises(MutationError, match="is changed in place, and it is a number"):
            grad(f)(2.0)


def test_a_function_without_a_rule_is_called_on_a_copy() -> None:
    def below(x: Any) -> Any:
        return x[bisect.bisect(stop_gradient(x).copy(), 0.8) - 1] ** 2

    assert np.array_equal(grad(below)(np.sort(X)), [0, 2 * 0.7, 0, 0])


def test_windows_by_strides_have_a_way_out() -> None:
    def by_strides(x):
        step = x.strides[0]
        windows = np.lib.stride_tricks.as_strided(x, (3, 2), (step, step))
        return np.sum(windows[:, 0] * windows[:, 1])

    with pytest.raises(SrcadError, match="srcad does not know the attribute `strides`") as caught:
        grad(by_strides)(X)
    assert "sliding_window_view(x, shape, axis)" in caught.value.instead


def test_another_layout_is_refused() -> None:
    # `reshape`, a view of what is laid out by rows, makes a copy of what is laid out by columns.
    def by_columns(x):
        return np.sum(np.asfortranarray(np.outer(x, x)) * np.outer(x, x))

    with pytest.raises(SrcadError, match=r"no derivative for `np\.asfortranarray`") as caught:
        grad(by_columns)(X)
    assert caught.value.instead.startswith("leave it out")


def test_what_is_called_may_hold_what_varies() -> None:
    def of_a_polynomial(x):
        return np.poly1d(x)(0.5)

    for found in (lambda: grad(of_a_polynomial)(X), lambda: jvp(of_a_polynomial, (X,), (X,))):
        with pytest.raises(SrcadError, match=r"no derivative for `np\.poly1d`") as caught:
            found()
        assert caught.value.instead == "call `np.polyval(p, x)` with the coefficients"


def counted(x):
    totals = collections.defaultdict(float)
    for name, v in zip("aab", x, strict=False):
        totals[name] += v
    return totals["a"] * totals["b"]


def queued(x):
    last = collections.deque(x, maxlen=2)
    return last[0] * last[1]


def queued_at_both_ends(x):
    line = collections.deque([x[0], x[1]])
    return line.popleft() * line[0]


def set_by_default(x):
    d = {}
    return d.setdefault("a", x[0]) * 2


@pytest.mark.parametrize(
    ("f", "instead"),
    [
        (counted, "use a dict whose keys stand in the text: `d = {}`, `d['k'] = d.get"),
        (queued, "use a list: `xs.append(y)`, `xs.pop(0)`; its last items are `xs[-n:]`"),
        (queued_at_both_ends, "use a list: `xs.insert(0, y)`, `xs.pop(0)`"),
        (set_by_default, "assign them: `d['k'] = d.get('k', 0.0) + y`"),
    ],
)
def test_containers_of_other_classes_have_a_way_out(f: Callable[[Any], Any], instead: str) -> None:
    for call in (lambda: grad(f)(X), lambda: jvp(f, (X,), (X,))):
        with pytest.raises(SrcadError) as caught:
            call()
        assert instead in caught.value.instead
