"""Changes in place, ``x op= y`` and ``x[i] = y``: what they mean for the type of ``x``."""

from __future__ import annotations

from srcad.errors import UnsupportedSyntaxError
from srcad.ir.naming import is_nameless
from srcad.ir.nodes import Assign, AugAssign, Call, Stmt, Store, Var
from srcad.ir.rebuild import changed
from srcad.ir.refs import ADD
from srcad.types.containers import item_type
from srcad.types.in_place import extended
from srcad.types.lattice import (
    INT,
    UNKNOWN,
    Array,
    DictOf,
    FixedList,
    ListOf,
    Record,
    Scalar,
    SliceOf,
    Static,
    TupleOf,
    Type,
)
from srcad.types.live import as_array
from srcad.types.replaced import replaced_type
from srcad.types.run import Run

__all__ = ["check_store", "updated"]


def updated(run: Run, stmt: AugAssign) -> list[Stmt]:
    """``x op= y`` resolved: numbers are bound anew, arrays are changed in place."""
    before: list[Stmt] = []
    value = run.operand(stmt.value, before, stmt.origin)
    index = stmt.index
    if index is not None:
        index = run.operand(index, before, stmt.origin)
    if isinstance(run.type(stmt.obj), Array):
        value = as_array(run, stmt, "array", value, before)
    new = changed(stmt, index=index, value=value)
    obj = stmt.obj
    if not isinstance(obj, Var):
        return [*before, new]
    t = run.type(obj)
    if index is not None:
        if t is not None:
            check_store(run, t, stmt)
        return [*before, new]
    rebound = Assign(obj, Call(stmt.op, (obj, value), origin=stmt.origin), stmt.origin)
    match t:
        case None:
            return [*before, new]
        case TupleOf():
            run.rebinds = True
            return [*before, *run.stmt(rebound)]
        case Scalar() | Static():
            run.bind(obj, run.value_type(rebound.value))
            return [*before, rebound]
        case Array():
            return [*before, new]
        case ListOf() | FixedList() if stmt.op == ADD and isinstance(run.type(value), Array):
            # An array adds itself, item by item: this is no `extend`.
            return [*before, *run.stmt(rebound)]
        case ListOf() | FixedList() if (
            run.generated is False
            and stmt.op == ADD
            and extended(run, obj, value, stmt, before, stmt.origin)
        ):
            return before
        case ListOf() | FixedList():
            raise UnsupportedSyntaxError(
                "srcad cannot differentiate a list that is extended in place",
                source=run.fn.source,
                origin=stmt.origin,
                why="`+=` on a list changes it for everyone who holds it",
                instead="append the items in a loop, or write `xs = xs + ys`",
            )
        case _:
            # Not known to be an array: the value-style form is right unless the object is
            # shared, which the alias analysis checks.
            return [*before, new]


def check_store(run: Run, t: Type, stmt: Store | AugAssign) -> None:
    """Raise where ``stmt`` assigns an item of a container of type ``t``, unless srcad wrote it."""
    if run.generated:
        _stored(run, t, stmt)
    elif isinstance(t, (TupleOf, FixedList, ListOf, DictOf, Record)):
        names: dict[type, str] = {TupleOf: "tuple", DictOf: "dict", Record: "record"}
        kind = names.get(type(t), "list")
        name = stmt.obj.base if isinstance(stmt.obj, Var) else "xs"
        if isinstance(stmt.obj, Var) and is_nameless(stmt.obj):  # of ``rows[i][j] = y``
            copy = f"put a new {kind} in its place, with all of its items"
        else:
            copy = f"work on a copy that is yours alone, `{name} = {kind}({name})`"
        raise UnsupportedSyntaxError(
            f"srcad cannot differentiate this assignment to an item of a {kind}",
            source=run.fn.source,
            origin=stmt.origin,
            why=f"the {kind} comes from elsewhere, or may have a second name: who else sees "
            "the change is not known",
            instead=f"{copy if kind in ('list', 'dict') else 'make a new one'}, "
            "or use a NumPy array",
        )


def _stored(run: Run, t: Type, stmt: Store | AugAssign) -> None:
    """Let the list that ``stmt`` changes an item of hold what is stored there."""
    if not (isinstance(t, (ListOf, FixedList)) and isinstance(stmt.obj, Var)):
        return
    stored = run.value_type(stmt.value) if isinstance(stmt, Store) else UNKNOWN
    key = None if stmt.index is None else run.type(stmt.index)
    if stored is not None and key is not None:
        item = item_type(stored, INT) if isinstance(key, SliceOf) else stored
        run.bind(stmt.obj, replaced_type(t, key, item))
