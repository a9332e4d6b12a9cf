"""What srcad refuses today of the corpus: never wrong, but not done.

``EVERYWHERE`` are programs that are refused whatever is asked of them. Whoever makes one of them
work takes it off the list: the tests fail as long as a name stands here that is not refused.
"""

from __future__ import annotations

EVERYWHERE: frozenset[str] = frozenset(
    {
        "array_and_view_rebound_in_loop",
        "exchanged_array_kept_in_a_list",
        "helper_exchanges_its_arguments",
        "list_in_a_list_grows",
        "list_in_a_tuple_grows",
        "loop_over_an_array_bound_anew",
        "loop_over_an_exchanged_array",
        "loop_over_rows_of_an_array_bound_anew",
        "one_array_under_both_names",
        "one_array_under_both_names_perhaps",
        "swap_with_a_copy",
        "view_chosen_by_branch",
        "view_from_before_the_loop",
        "view_from_before_the_swaps",
        "view_under_the_other_name",
    }
)
