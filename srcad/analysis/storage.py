"""The facts about memory: which arrays are buffers, and which variable is a view of which.

An array that the program mutates needs a buffer-style adjoint, and so does every view of it: the
adjoint of a view is the same view of the adjoint. `srcad.analysis.buffers` proves these facts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from srcad.ir.nodes import Call, Expr, Var
from srcad.ir.walk import variables

__all__ = ["Storage", "index_variables"]


@dataclass(frozen=True, slots=True)
class Storage:
    """The facts about memory.

    Parameters
    ----------
    buffers
        Every array variable that may share memory with a mutated array.
    views
        For each buffer that is a view or a second name of another: the expression it is, over its
        parent.
    members
        The memory class of each buffer.
    former
        By buffer, names that its array had before, and that nothing mentions any more.
    mutated_params
        The parameters whose array the function mutates, and that must be copied first.
    updated_params
        The parameters that the user's function mutates by ``x += y`` alone, which here makes a new
        array.
    result_shares
        The parameters whose memory the result may share.
    result_own
        Where in the tuple that is the result, and in those inside it, there is what nobody else
        holds: ``(0,)`` for the first item, ``(1, 0)`` for the first one of the second.
    lists
        Lists that ``append`` and ``pop`` change.
    guarded
        The views of which only the running program can tell that they are no copies.
    """

    buffers: frozenset[Var]
    views: Mapping[Var, Call | Var]
    members: Mapping[Var, frozenset[Var]]
    former: Mapping[Var, frozenset[Var]]
    mutated_params: frozenset[Var]
    updated_params: frozenset[Var]
    result_shares: frozenset[Var]
    result_own: frozenset[tuple[int, ...]]
    lists: frozenset[Var]
    guarded: frozenset[Var]

    def memory(self, var: Var) -> frozenset[Var]:
        """The variables that may share memory with ``var``, itself among them."""
        group = self.members.get(var, frozenset({var}))
        return group.union(*(self.former.get(v, ()) for v in group)) if self.former else group

    def is_buffer(self, var: Var) -> bool:
        """Whether ``var`` is a buffer, or names the array of one before that does."""
        return var in self.buffers or any(var in names for names in self.former.values())

    def root(self, var: Var) -> Var:
        """The variable whose array ``var`` is, or is a view of."""
        while var in self.views:
            view = self.views[var]
            parent = view if isinstance(view, Var) else view.args[0]
            assert isinstance(parent, Var)
            var = parent
        return var

    def with_view(self, var: Var, view: Call) -> Storage:
        """These facts, with ``var`` a new view of a buffer."""
        parent = view.args[0]
        assert isinstance(parent, Var)
        return replace(self.with_member(var, parent), views={**self.views, var: view})

    def with_member(self, var: Var, other: Var) -> Storage:
        """These facts, with ``var`` a new variable in the memory class of ``other``."""
        if other not in self.buffers:
            return self
        group = self.members[other] | {var}
        members = {v: group if v in group else old for v, old in self.members.items()}
        return replace(self, buffers=self.buffers | {var}, members={**members, var: group})

    def place_reads(self, var: Var) -> frozenset[Var]:
        """The variables that name the part of a buffer which the view ``var`` is."""
        found: set[Var] = set()
        while var in self.views:
            view = self.views[var]
            if isinstance(view, Var):
                var = view
                continue
            found |= index_variables(view)
            parent = view.args[0]
            assert isinstance(parent, Var)
            var = parent
        return frozenset(found)


def index_variables(view: Expr) -> frozenset[Var]:
    """The variables by which a call makes a view of its first operand."""
    if not isinstance(view, Call):
        return frozenset()
    others = (*view.args[1:], *[a for _, a in view.kwargs])
    return frozenset(v for a in others for v in variables(a))
