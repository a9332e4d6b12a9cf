"""What srcad refuses today of the corpus: never wrong, but not done.

``EVERYWHERE`` are programs that are refused whatever is asked of them. Whoever makes one of them
work takes it off the list: the tests fail as long as a name stands here that is not refused.
"""

from __future__ import annotations

EVERYWHERE: frozenset[str] = frozenset(
    {
        "array_and_view_rebound_in_loop",
        "dict_entry_replaced",
        "list_entry_replaced",
        "two_buffers_swapped",
        "view_chosen_by_branch",
    }
)
