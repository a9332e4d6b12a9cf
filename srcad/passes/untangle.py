"""Rewrites after which it is plainer which name is which array. None changes what is computed.

They are for a function of which `plan_storage` cannot prove what a change in place reaches. Each
has a file in `srcad.passes.untangling`; here is their order.

Accepts and returns normal IR with types.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from srcad.analysis.outside import CalleeOutside
from srcad.analysis.sharing import CalleeShares
from srcad.ir.nodes import Function, Var
from srcad.passes.untangling.blocks import without_self_copies
from srcad.passes.untangling.bound_later import bound_later
from srcad.passes.untangling.branch_tails import with_tails_in_branches
from srcad.passes.untangling.copied_moves import copied_moves
from srcad.passes.untangling.copied_reads import copied_reads
from srcad.passes.untangling.filled_apart import filled_apart
from srcad.passes.untangling.kept_indices import with_kept_indices
from srcad.passes.untangling.known import Known
from srcad.passes.untangling.one_name import with_one_name
from srcad.passes.untangling.own_names import with_own_names
from srcad.passes.untangling.unpacked_apart import unpacked_apart
from srcad.types.lattice import Type

__all__ = ["untangled"]


def untangled(
    fn: Function,
    types: Mapping[Var, Type],
    shares: CalleeShares,
    outside: CalleeOutside,
    *,
    own_names: bool,
) -> tuple[Function, Mapping[Var, Type], frozenset[Var]]:
    """See the module; with the types, the parameters in whose place a copy is changed.

    ``own_names`` asks for names of their own for all arrays that are made and then changed. That
    costs copies, so it is the last resort.
    """
    known = Known(fn, dict(types), shares, outside)
    if own_names:
        fn = replace(fn, body=with_own_names(fn.body, known.types, known.another_for))
    fn = with_tails_in_branches(fn, known)
    fn = with_one_name(fn, known)
    fn = replace(fn, body=filled_apart(fn.body, known))
    fn = unpacked_apart(fn, known)
    fn = bound_later(fn, known)
    fn = with_kept_indices(fn, known)
    fn, copied = copied_moves(fn, known)
    fn = copied_reads(fn, known)
    return replace(fn, body=without_self_copies(fn.body)), known.types, copied
