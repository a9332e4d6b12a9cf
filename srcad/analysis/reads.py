"""What the reverse of a statement reads of the variables of the program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from srcad.ir.nodes import Var

__all__ = ["NOTHING", "Reads"]


@dataclass(frozen=True, slots=True)
class Reads:
    """What the reverse of a statement reads.

    Of ``values`` it reads what is in them; of ``objects`` the object only, its shape or its place
    in memory, whatever has been written into it since; of ``memory`` what is in it, by another
    name.
    """

    values: frozenset[Var] = frozenset()
    objects: frozenset[Var] = frozenset()
    memory: frozenset[Var] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.values or self.objects or self.memory)

    def __or__(self, other: Reads) -> Reads:
        if other is NOTHING or not other:
            return self
        if self is NOTHING or not self:
            return other
        return Reads(
            self.values | other.values, self.objects | other.objects, self.memory | other.memory
        )

    @property
    def names(self) -> frozenset[Var]:
        """All variables that have to be bound to what they were."""
        return self.values | self.objects

    @property
    def contents(self) -> frozenset[Var]:
        """All variables whose memory has to hold what it held."""
        return self.values | self.memory

    def without(self, names: frozenset[Var]) -> Reads:
        """These reads but for ``names``; memory outlives the name it had."""
        if self.values.isdisjoint(names) and self.objects.isdisjoint(names):
            return self
        return Reads(self.values - names, self.objects - names, self.memory)

    def forgetting(self, names: frozenset[Var]) -> Reads:
        """These reads but for the memory of ``names``."""
        return Reads(self.values, self.objects, self.memory - names)

    def renamed(self, names: Mapping[Var, Var]) -> Reads:
        """These reads after objects were given other ``names``."""

        def new(old: frozenset[Var]) -> frozenset[Var]:
            return frozenset(names.get(v, v) for v in old)

        return Reads(new(self.values), new(self.objects), new(self.memory))

    def only(self, names: frozenset[Var]) -> Reads:
        """These reads as far as they are of ``names``."""
        if not names or not self:
            return NOTHING
        return Reads(self.values & names, self.objects & names, self.memory & names)


NOTHING: Final = Reads()
"""The reads of what reads nothing."""
