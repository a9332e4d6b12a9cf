"""The names of the records: lists inside loops, plain variables elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

from srcad.analysis.indices import part_type
from srcad.analysis.recording import Records
from srcad.ir.names import Names
from srcad.ir.naming import record_name
from srcad.ir.nodes import Expr, Stmt, Var
from srcad.types.lattice import Type, ndim_of

__all__ = ["RecordNames"]


class RecordNames:
    """Gives each record its name when it is first asked for.

    A record is of a variable's value (``x_saved``) or of the contents of its memory (``x_old``).
    Of the contents, numbers and arrays of each rank go into lists of their own: Numba has no other
    lists.
    """

    def __init__(self, names: Names, types: Mapping[Var, Type]) -> None:
        self._names = names
        self._types = types
        self._stacks: dict[tuple[Var, bool, int | None], Var] = {}
        self._plain: dict[tuple[int, Var, bool], Var] = {}

    def values(self, var: Var) -> Var:
        """The list of what ``var`` was in each turn."""
        return self._stack(var, contents=False, rank=None)

    def contents(self, obj: Var, index: Expr | None) -> Var:
        """The list of what ``obj[index]`` was in each turn."""
        return self._stack(obj, contents=True, rank=ndim_of(part_type(obj, index, self._types)))

    def _stack(self, var: Var, *, contents: bool, rank: int | None) -> Var:
        key = (var, contents, rank)
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
        return self._names.fresh(f"{var.base}_old" if contents else record_name(var.base))

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
        return {v for v, *_ in self._stacks} | {v for _, v, _ in self._plain}

    def is_pushed_once(self, stack: Var, records: Records) -> bool:
        """Whether ``stack`` is of a variable's values, and one place alone appends to it."""
        var, contents, _ = next(k for k, v in self._stacks.items() if v == stack)
        if contents:
            return False
        places = sum(var in vs for vs in records.before.values())
        places += sum(var in vs for vs in records.at_end.values())
        return places == 1
