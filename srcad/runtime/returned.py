"""Whether a function returned what a derivative needs, where only a call can tell."""

from __future__ import annotations

from typing import Any

from srcad.kinds import ARRAY, NUMBER, TUPLE

__all__ = ["check_pair", "check_real", "described", "no_pair"]


def check_real(value: Any, name: str) -> None:
    """Raise unless ``value``, which ``name`` returned, is one real number.

    Raises
    ------
    OutputError

    Examples
    --------
    >>> check_real(1.5, "f")
    """
    if isinstance(value, float) or (
        isinstance(value, (ARRAY, NUMBER)) and value.shape == () and value.dtype.kind == "f"
    ):
        return
    from srcad.errors import OutputError

    raise OutputError(
        f"`{name}` returned {described(value)}, not a real number",
        why="a gradient is that of one real number",
        instead="return one number, e.g. np.sum(...), or use jacrev for all of an array",
    )


def check_pair(value: Any, name: str) -> None:
    """Raise unless ``value``, which ``name`` returned, is a tuple of two.

    Raises
    ------
    OutputError

    Examples
    --------
    >>> check_pair((1.5, None), "f")
    """
    if not (isinstance(value, TUPLE) and len(value) == 2):  # pyright: ignore[reportUnknownArgumentType]
        raise no_pair(name, described(value))


def no_pair(name: str, what: str, *, verb: str = "", **where: Any) -> Exception:
    """The refusal of ``what``, which ``name`` returns, where ``has_aux`` says that it is a pair."""
    from srcad.errors import OutputError

    by = f"{verb}: " if verb else ""
    return OutputError(
        f"{by}has_aux=True, and `{name}` returned {what}, not a pair",
        why="with has_aux=True the function returns (value, aux), and value is differentiated",
        instead="return a tuple of two, or leave has_aux out",
        **where,
    )


def described(value: Any) -> str:
    """What ``value`` is, with its article."""
    if isinstance(value, ARRAY):
        return f"an array of shape {value.shape}" if value.shape else f"a {value.dtype} array"
    if isinstance(value, TUPLE):
        return f"a tuple of length {len(value)}"  # pyright: ignore[reportUnknownArgumentType]
    return "None" if value is None else f"a `{type(value).__name__}`"
