"""What srcad knows of the functions it generates, and of its own, kept with each of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

__all__ = ["Notes", "note", "notes_of"]


@dataclass(frozen=True, slots=True)
class Notes:
    """What is known of a function without a look into it.

    Parameters
    ----------
    pure : bool
        Whether it does nothing but compute its result.
    fresh : bool
        Whether nobody else holds the arrays that it returns.
    restores : bool
        Whether it changes arrays in its first argument back to what they were.
    shared : bool
        Whether others may hold arrays that it returns, or one of them may be there twice.
    own_tangent : bool
        Whether it returns a value and a tangent, of which nobody else holds any array.
    own_containers : bool
        Whether nobody else holds a container that it returns, and none is there twice.
    absent : tuple of frozensets of srcad.transform.slots.Path
        Of each cotangent that it returns, the parts that are zero and left out.
    later : bool
        Whether it only stands for a function that is not there yet.
    gradient : srcad.construction.symmetry.GradientOf, optional
        What it is the gradient of, if its derivative is symmetric.
    guards : srcad.calls.guards.Guards, optional
        What must stay as it is outside, for whoever differentiates it.
    imports : tuple of str
        The import lines of its text.
    made : tuple of srcad.ir.nodes.Var
        Its variables that are not the user's.
    at_once : bool
        Whether a differentiated function's call of it is evaluated before that function runs.
    stand_in : callable, optional
        Makes the plain function that such a call stands for, of the function and the types given.
    lifted : srcad.frontend.lifting.Lifted, optional
        Where it comes from, if it was a function inside another.
    """

    pure: bool = False
    fresh: bool = False
    restores: bool = False
    shared: bool = False
    own_tangent: bool = False
    own_containers: bool = False
    absent: tuple[frozenset[tuple[object, ...]], ...] = ()
    later: bool = False
    # What they are is made far above this room.
    gradient: Any = None
    guards: Any = None
    imports: tuple[str, ...] = ()
    made: tuple[Any, ...] = ()
    at_once: bool = False
    stand_in: Any = None
    lifted: Any = None


_NAME: Final = "__srcad_notes__"
_NOTHING: Final = Notes()


def notes_of(fn: object) -> Notes:
    """The notes on ``fn``; on what is not srcad's there are none.

    Examples
    --------
    >>> notes_of(len).pure
    False
    """
    found = getattr(fn, _NAME, None)
    return found if type(found) is Notes else _NOTHING


def note(fn: Any, **known: Any) -> None:
    """Note on ``fn`` what is ``known``, besides what is noted already.

    Examples
    --------
    >>> def f(x): ...
    >>> note(f, pure=True)
    >>> note(f, fresh=True)
    >>> notes_of(f).pure, notes_of(f).fresh
    (True, True)
    """
    fn.__dict__[_NAME] = replace(notes_of(fn), **known)
