"""What the functions of a user's own derivative have to return."""

from __future__ import annotations

from dataclasses import dataclass
from types import FunctionType
from typing import Any, Final

from srcad.errors import OutputError
from srcad.kinds import SEQUENCE
from srcad.runtime.returned import described
from srcad.signature import place_of

__all__ = ["FORWARD", "TANGENT", "OwnResult", "cotangents"]


@dataclass(frozen=True, slots=True)
class OwnResult:
    """What a function returns: a tuple of ``count`` values.

    Parameters
    ----------
    count
    what
        What these are, for messages.
    instead
        What the function is to return.
    """

    count: int
    what: str
    instead: str

    def check(self, result: Any, plain: FunctionType) -> None:
        """Raise unless ``result``, which ``plain`` returned, is that.

        Raises
        ------
        OutputError

        Examples
        --------
        >>> def forward(x): ...
        >>> FORWARD.check((1.0, None), forward)
        """
        if isinstance(result, SEQUENCE) and len(result) == self.count:  # pyright: ignore[reportUnknownArgumentType]
            if result[0] is not None:
                return
            found = f"{described(result)} that begins with None"
        else:
            found = described(result)
        raise OutputError(
            f"`{plain.__name__}` returned {found}, not {self.what}",
            **place_of(plain),
            why="it is a part of a derivative of your own, and what it returns is taken apart",
            instead=self.instead,
        )


FORWARD: Final = OwnResult(
    2, "a pair of a value and what is saved", "return two, `return y, saved`; `None` if none is"
)
"""Of the ``fwd`` of a `custom_vjp`."""

TANGENT: Final = OwnResult(2, "a pair of a value and its tangent", "return two, `return y, y_dot`")
"""Of the ``jvp`` of a `custom_jvp`."""


def cotangents(count: int) -> OwnResult:
    """Of the ``bwd`` of a `custom_vjp` by so many arguments."""
    if count == 1:
        return OwnResult(
            1, "a tuple of one cotangent", "return `(x_bar,)`; zeros, `np.zeros_like(x)`, for none"
        )
    return OwnResult(
        count,
        f"a tuple of {count} cotangents",
        "return one for each differentiated argument; zeros, `np.zeros_like(x)`, for none",
    )
