"""The names of the records: lists inside loops, plain variables elsewhere."""

from __future__ import annotations

from srcad.analysis.recording import Records
from srcad.ir.names import Names
from srcad.ir.nodes import Stmt, Var

__all__ = ["RecordNames"]


class RecordNames:
    """Gives each record its name when it is first asked for.

    A record is of a variable's value (``x_saved``) or of the contents of its memory (``x_old``).
    """

    def __init__(self, names: Names) -> None:
        self._names = names
        self._stacks: dict[tuple[Var, bool], Var] = {}
        self._plain: dict[tuple[int, Var, bool], Var] = {}

    def stack(self, var: Var, *, contents: bool) -> Var:
        """The list of what ``var`` was in each turn."""
        key = (var, contents)
        if key not in self._stacks:
            self._stacks[key] = self._fresh(var, contents=contents)
        return self._stacks[key]

    def plain(self, stmt: Stmt, var: Var, *, contents: bool) -> Var:
        """The variable that holds what ``var`` was before ``stmt``, which runs once."""
        key = (id(stmt), var, contents)
        if key not in self._plain:
            self._plain[key] = self._fresh(var, contents=contents)
        return self._plain[key]

    def _fresh(self, var: Var, *, contents: bool) -> Var:
        return self._names.fresh(f"{var.base}_{'old' if contents else 'saved'}")

    def has_plain(self, stmt: Stmt, var: Var) -> bool:
        """Whether the contents that ``stmt`` overwrites are held in a plain variable."""
        return (id(stmt), var, True) in self._plain

    @property
    def stacks(self) -> tuple[Var, ...]:
        """All lists."""
        return tuple(self._stacks.values())

    @property
    def recorded(self) -> set[Var]:
        """All variables of which there are records."""
        return {v for v, _ in self._stacks} | {v for _, v, _ in self._plain}

    def is_pushed_once(self, stack: Var, records: Records) -> bool:
        """Whether one place alone appends to ``stack``."""
        var, contents = next(k for k, v in self._stacks.items() if v == stack)
        if contents:
            return False
        places = sum(var in vs for vs in records.before.values())
        places += sum(var in vs for vs in records.at_end.values())
        return places == 1
