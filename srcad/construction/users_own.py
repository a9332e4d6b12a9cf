"""Derivatives that the user gave: whether there are any, and the halves of a `custom_vjp`."""

from __future__ import annotations

from typing import Any

from srcad.ir.nodes import Ref
from srcad.kinds import WithOwnDerivative
from srcad.notes import note

__all__ = ["custom_halves", "has_own"]


def has_own(value: object, method: str) -> bool:
    """Whether ``value`` has a derivative of the user's that is asked for by ``method``."""
    return isinstance(value, WithOwnDerivative) and hasattr(value, method)


def custom_halves(value: object, wanted: tuple[int, ...]) -> tuple[Ref, Ref] | None:
    """The halves that the user gave with `custom_vjp`."""
    if not has_own(value, "halves"):
        return None
    custom: Any = value
    forward, backward = custom.halves(wanted)
    note(backward, shared=True)
    return Ref(forward.__name__, forward), Ref(backward.__name__, backward)
