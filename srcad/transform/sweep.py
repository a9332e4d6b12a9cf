"""The state of a backward sweep that is being written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from srcad.analysis.recording import Records
from srcad.analysis.storage import Storage
from srcad.analysis.unbound import Unsure
from srcad.ir.nodes import Block, Expr, Var
from srcad.ir.walk import variables
from srcad.transform.adjoints import Adjoints, Bar, Cell
from srcad.transform.build import Builder
from srcad.transform.prepared import Prepared
from srcad.transform.record_names import RecordNames
from srcad.types.lattice import Type

__all__ = ["Backward", "Sweep"]


@dataclass(frozen=True, slots=True)
class Sweep:
    """The facts that the backward sweep is written from, and the adjoints as they are by now."""

    prepared: Prepared
    records: Records
    kept: RecordNames
    adjoints: Adjoints
    unsure: Unsure

    @property
    def build(self) -> Builder:
        """The block being written."""
        return self.adjoints.build

    @property
    def types(self) -> Mapping[Var, Type]:
        return self.prepared.types

    @property
    def storage(self) -> Storage:
        return self.prepared.storage

    def is_active(self, expr: Expr) -> bool:
        """Whether an active variable is in ``expr``."""
        return any(v in self.prepared.active for v in variables(expr))

    def enter(self, build: Builder, cells: Mapping[Cell, Bar]) -> None:
        """Go on writing in ``build``, where the adjoints are ``cells``."""
        self.adjoints.build = build
        self.adjoints.cells = dict(cells)


Backward = Callable[[Sweep, Block, bool], None]
"""Writes the reverse of a block, which is inside a loop or not."""
