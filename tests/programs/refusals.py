"""What srcad refuses today of the corpus: never wrong, but not done.

``EVERYWHERE`` are programs that are refused whatever is asked of them. The others are refused when
their derivative is differentiated again: generated code that restores arrays in place holds them in
records, and which record holds which array is not proved. Whoever makes one of them work takes it
off its list: the tests fail as long as a name stands here that is not refused.
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
FORWARD_OVER_REVERSE: frozenset[str] = frozenset(
    {
        "adaptive_euler",
        "append_and_index",
        "binomial_tree",
        "burgers",
        "cholesky_by_hand",
        "comprehension",
        "comprehension_with_condition",
        "dict_iteration",
        "float32_loop",
        "gauss_seidel",
        "gaussian_elimination",
        "gram_schmidt",
        "huber_regression",
        "jacobi_2d",
        "kinetics",
        "layers_in_list",
        "list_of_arrays_concatenated",
        "list_of_floats",
        "list_of_values",
        "lotka_volterra",
        "lstm",
        "n_body_step",
        "over_list_of_arrays",
        "reaction_diffusion",
        "relu_mlp",
        "returns_a_list",
        "returns_a_mutated_array",
        "reused_buffer",
        "row_views_in_loop",
        "rows_of_iteration_are_views",
        "snapshot_by_copy",
        "starred_parameters",
        "store_by_index_array",
        "view_of_argument",
        "wave_equation",
    }
)
REVERSE_OVER_REVERSE: frozenset[str] = frozenset(
    {
        "adaptive_euler",
        "append_and_index",
        "binomial_tree",
        "burgers",
        "cholesky_by_hand",
        "comprehension",
        "comprehension_with_condition",
        "dict_iteration",
        "float32_loop",
        "gauss_seidel",
        "gaussian_elimination",
        "gram_schmidt",
        "huber_regression",
        "jacobi_2d",
        "kinetics",
        "layers_in_list",
        "list_of_arrays_concatenated",
        "list_of_floats",
        "list_of_values",
        "lotka_volterra",
        "lstm",
        "n_body_step",
        "over_list_of_arrays",
        "reaction_diffusion",
        "relu_mlp",
        "returns_a_list",
        "returns_a_mutated_array",
        "reused_buffer",
        "row_views_in_loop",
        "rows_of_iteration_are_views",
        "snapshot_by_copy",
        "starred_parameters",
        "store_by_index_array",
        "view_of_argument",
        "wave_equation",
    }
)
REVERSE_OVER_FORWARD: frozenset[str] = frozenset()
THIRD_BY_REVERSE: frozenset[str] = frozenset(
    {
        "append_and_stack",
        "helper_in_loop",
        "mutates_its_argument",
        "overlapping_shift",
        "power_by_loop",
        "return_from_loop",
        "reused_buffer",
    }
)
