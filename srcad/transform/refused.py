"""The refusal of calls for arguments that no rule is right for."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from srcad.errors import UnknownFunctionError
from srcad.ir.nodes import Call, Origin, Ref, Source, Star
from srcad.ir.written import written
from srcad.rules.table import BindError

__all__ = ["refused_call"]


def refused_call(
    call: Call, source: Source, origin: Origin | None, error: BindError
) -> UnknownFunctionError:
    """The refusal of ``call`` for arguments that its rule is not right for."""
    name = written(call, source, origin)
    why, instead = str(error), error.way_out
    of_one = len(call.args) == 1 and not isinstance(call.args[0], Star)
    if call.fn in (Ref("max", max), Ref("min", min)) and of_one:
        why = "what it runs over is not known to be numbers, and may be arrays or tuples"
        instead = f"make an array of them: `np.{name}(np.array(xs))`"
    return UnknownFunctionError(
        f"srcad has no derivative for this call of `{name}`",
        source=source,
        origin=call.origin or origin,
        why=why,
        instead=instead or _without_keyword(call),
    )


_BESIDE: Final = "ask for that in a call of its own, of `srcad.stop_gradient(x)`"
_STEPS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "dtype": "convert the result instead, `y.astype(...)`",
        "order": "lay out the transposed array, `x.T.reshape(...)`",
        "return_counts": _BESIDE,
        "return_index": _BESIDE,
        "return_inverse": _BESIDE,
        "where": "choose what it is computed of, and what of that is taken:"
        " `np.where(c, f(np.where(c, x, 1.0)), 0.0)`",
    }
)
"""What to do instead of giving a keyword."""


def _without_keyword(call: Call) -> str:
    known = (_STEPS[name] for name, _ in call.kwargs if name in _STEPS)
    return next(known, "leave the argument out, or compute its effect in a step of its own")
