"""The signatures that rules declare, and the samples on which they are tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

__all__ = ["REQUIRED", "BindError", "Parameter", "Sample"]


class _Required:
    """The type of `REQUIRED`."""

    def __repr__(self) -> str:
        return "REQUIRED"


REQUIRED: Final = _Required()
"""The default of a parameter that has none."""


class BindError(TypeError):
    """A call does not fit the signature that a rule declares; with a way out, if there is one."""

    def __init__(self, reason: str, way_out: str = "") -> None:
        super().__init__(reason)
        self.way_out = way_out


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter that a rule knows; ``star`` is the ``*xs`` form."""

    name: str
    default: object = REQUIRED
    star: bool = False
    keyword_only: bool = False
    positional_only: bool = False


@dataclass(frozen=True, slots=True)
class Sample:
    """Arguments on which the tests try a rule; ``wrt`` is what to differentiate (default: all)."""

    args: tuple[object, ...]
    kwargs: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    wrt: tuple[str, ...] | None = None
