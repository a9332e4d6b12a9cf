"""The user's own derivatives, kept from changing what they are given."""

from __future__ import annotations

from types import FunctionType, TracebackType
from typing import Any

from srcad.calls.detach import arrays_in, rebuilt
from srcad.calls.own_results import OwnResult
from srcad.compiled import StandIn, plain_behind
from srcad.errors import MutationError
from srcad.signature import place_of

__all__ = ["unchanging"]


def unchanging(fn: Any, returns: OwnResult | None = None) -> Any:
    """``fn``, which then gets its arrays as views that cannot be written to.

    It must return what ``returns`` says.

    A cotangent may be part of another adjoint, and a primal is the caller's. What cannot be seen
    through, such as a bound method, stays as it is.

    Examples
    --------
    >>> import numpy as np
    >>> def double(g):
    ...     g *= 2.0
    ...     return g
    >>> unchanging(double)(np.ones(3))  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    srcad.errors.MutationError: `double` changes an array that it is given
    """
    seen_through = isinstance(fn, FunctionType) or plain_behind(fn) is not None
    return _Unchanging(fn, returns) if seen_through else fn


class _Unchanging(StandIn):
    __slots__ = ("returns",)

    def __init__(self, fn: Any, returns: OwnResult | None) -> None:
        super().__init__(fn)
        self.returns = returns

    def __call__(self, *args: Any) -> Any:
        owners: dict[int, Any] = {}

        def frozen(array: Any) -> Any:
            if not array.flags.writeable:
                return array
            owner = array if array.base is None else array.base
            owners[id(owner)] = owner
            view = array.view()
            view.flags.writeable = False
            return view

        try:
            result = self.fn(*[rebuilt(arg, frozen) for arg in args])
        except ValueError as error:
            if "read-only" not in str(error):
                raise
            raise self._refusal(error.__traceback__) from None
        if self.returns is not None:
            self.returns.check(result, self._plain())
        if owners:
            for array in arrays_in(result):
                if not array.flags.writeable and id(array.base) in owners:
                    array.flags.writeable = True
        return result

    def _plain(self) -> Any:
        return plain_behind(self) or plain_behind(self.fn)

    def _refusal(self, traceback: TracebackType | None) -> MutationError:
        plain = self._plain()
        return MutationError(
            f"`{plain.__name__}` changes an array that it is given",
            **place_of(plain, _line_in(plain, traceback)),
            why="others read that array: the adjoint of another variable may be a part of it, and"
            " the caller may hold it",
            instead="change a copy, or compute a new array: `2 * g` and not `g *= 2`",
        )


def _line_in(fn: FunctionType, traceback: TracebackType | None) -> int | None:
    """The line of ``fn`` at which the exception left it."""
    found: int | None = None
    while traceback is not None:
        if traceback.tb_frame.f_code is fn.__code__:
            found = traceback.tb_lineno
        traceback = traceback.tb_next
    return found
