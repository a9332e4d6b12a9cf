"""How wide an expression will be when it is printed, about.

Names are given, and parentheses set, only when a function is nested.
"""

from __future__ import annotations

from collections.abc import Sequence

from srcad.emit.order import evaluation_order
from srcad.ir.nodes import Call, Const, Dict, Expr, IfExp, List, Ref, Slice, Stmt, Tuple, Var
from srcad.ir.refs import GETITEM, NEG
from srcad.ir.walk import bound

__all__ = ["target_width", "width_of", "written_rows"]

_ABSENT = Const(None)


def target_width(stmt: Stmt) -> int:
    """How many characters the names that ``stmt`` binds take, with what is around them.

    What is returned or put into an array gets more room: no name of its own would make it clearer.
    """
    names = bound(stmt)
    return sum(map(width_of, names)) + 2 * len(names) + 1


def width_of(expr: Expr) -> int:
    """How many characters ``expr`` takes.

    Examples
    --------
    >>> import operator
    >>> product = Call(Ref("operator.mul", operator.mul), (Var("x"), Const(0.25)))
    >>> width_of(Call(Ref("np.sin", None), (product,))), len("np.sin(x * 0.25)")
    (17, 16)
    """
    if isinstance(expr, Var):
        return len(expr.base) + 2 * (expr.n > 0)  # `coalesce` gives most of them small numbers
    match expr:
        case Call():
            return _of_call(expr)
        case Const():
            return len(repr(expr.value))
        case Ref():
            return len(expr.path)
        case Slice(start, stop, step):
            given = [part for part in (start, stop, step) if part != _ABSENT]
            return 1 + (step != _ABSENT) + sum(map(width_of, given))
        case IfExp(test, then, orelse):
            return 10 + width_of(test) + width_of(then) + width_of(orelse)
        case _:
            items = evaluation_order(expr)
            return 2 * max(len(items), 1) + sum(map(width_of, items))


def _of_call(call: Call) -> int:
    args, count = sum(map(width_of, call.args)), len(call.args)
    if isinstance(call.fn, Ref) and not call.kwargs:
        fn = call.fn.value
        if fn is NEG.value:
            return 1 + args
        if fn is getattr and count == 2 and isinstance(call.args[1], Const):
            return args - 1  # a dot for two quotes
        if fn is GETITEM.value:
            return 2 + args
        if count == 2 and call.fn.path.startswith("operator."):
            return 4 + args
    if call.spell.startswith("@"):
        return args + len(call.spell)
    is_method = call.spell.startswith(".")
    count += len(call.kwargs) - is_method
    name = len(call.spell) if is_method else width_of(call.fn)
    keywords = sum(len(k) + 1 + width_of(v) for k, v in call.kwargs)
    return name + args + keywords + 2 * max(count, 1)


def written_rows(exprs: Sequence[Expr]) -> tuple[Expr, ...]:
    """What stands on lines of its own in one of ``exprs``, where it is too wide for one line.

    The rows of a matrix that is written out, and the items of a dict or list.
    """
    for expr in exprs:
        match expr:
            case Call(_, (List(rows), *_)) if len(rows) > 1 and all(
                isinstance(row, List | Tuple) for row in rows
            ):
                return rows
            case List(items) | Dict(_, items) if len(items) > 1:
                return items
            case Tuple(items) if found := written_rows(items):
                return found
            case _:
                pass
    return ()
