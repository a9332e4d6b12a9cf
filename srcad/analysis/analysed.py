"""A function with the facts that every derivative of it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from srcad.analysis.storage import Storage
from srcad.ir.nodes import Function, Var
from srcad.types.lattice import Type

__all__ = ["Analysed"]


@dataclass(frozen=True, slots=True)
class Analysed:
    """A function for given argument types, with what does not depend on the derivative asked."""

    fn: Function
    types: Mapping[Var, Type]
    result: Type
    storage: Storage
