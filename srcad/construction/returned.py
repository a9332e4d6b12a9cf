"""What the differentiated function returns: one number, or a pair of it and something else."""

from __future__ import annotations

from dataclasses import replace

from srcad.analysis.analysed import Analysed
from srcad.errors import OutputError
from srcad.ir.nodes import Block, Call, Const, Do, Return, Tuple, Unpack, Var
from srcad.ir.refs import CHECK_PAIR
from srcad.types.containers import is_container
from srcad.types.lattice import UNKNOWN, Static, TupleOf
from srcad.types.operands import operand_type
from srcad.types.returned import check_pair_type

__all__ = ["check_result", "paired"]


def check_result(analysed: Analysed, *, aux: bool) -> None:
    """Refuse what has no gradient: a container, where no auxiliary result is asked for, and None.

    Raises
    ------
    OutputError
        At the user's ``return``.
    """
    name = _name(analysed)
    if is_container(analysed.result) and not aux:
        raise OutputError(
            f"`{name}` returns a container, not a number",
            source=analysed.fn.source,
            origin=analysed.fn.body[-1].origin,
            why="a gradient is that of one real number",
            instead="return the number alone, or a pair with has_aux=True",
        )
    if analysed.result == Static(None):
        raise OutputError(
            f"`{name}` returns None",
            source=analysed.fn.source,
            origin=analysed.fn.body[-1].origin,
            why="there is nothing to differentiate",
            instead="return the value: is a `return` missing?",
        )


def _name(analysed: Analysed) -> str:
    return analysed.fn.source.qualname.rpartition(".")[2]


def paired(analysed: Analysed, *, for_reading: bool = False) -> Analysed:
    """With the two parts of an auxiliary pair in the return statement itself.

    Where only a call can tell whether it is a pair, that is checked, but in a text that is made
    ``for_reading``.

    Raises
    ------
    OutputError
        At the user's ``return``, if it surely is none.
    """
    *body, last = analysed.fn.body
    assert isinstance(last, Return)
    t = operand_type(last.value, analysed.types)
    name = _name(analysed)
    check_pair_type(t, name, source=analysed.fn.source, origin=last.origin)
    if isinstance(last.value, Tuple):
        return analysed
    if not (isinstance(t, TupleOf) or for_reading):
        origin = last.origin
        body.append(Do(Call(CHECK_PAIR, (last.value, Const(name)), origin=origin), origin))
    value, aux = Var("value"), Var("aux")
    new: Block = (
        *body,
        Unpack((value, aux), last.value, last.origin),
        Return(Tuple((value, aux)), last.origin),
    )
    parts = t.items if isinstance(t, TupleOf) and len(t.items) == 2 else (UNKNOWN, UNKNOWN)
    types = {**analysed.types, value: parts[0], aux: parts[1]}
    return replace(analysed, fn=replace(analysed.fn, body=new), types=types)
