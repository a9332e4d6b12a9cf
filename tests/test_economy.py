"""Generated text of the corpus: it does no more than what one would write by hand."""

from __future__ import annotations

import pytest

from srcad import grad
from tests.test_programs import case_of

ABSENT = {
    "descent_by_a_matrix_made_in_each_step": ("t_saved.append(t)", "t_saved = "),
    "loop_invariant": ("saved",),
    "moments_of_a_gradient": ("v = m", "** t\n", "t_saved.append(0."),
    "covariance_with_steady_noise": ("eye_saved", "t_saved.append(np.eye(2))"),
    "weighted_by_a_global_array": ("tie_share",),
    "cross_entropy_of_labels": ("tie_share",),
    "blurred_image": (".copy()",),
    "einsums": ("b_bar + ",),
    "array_chosen_in_a_loop": ("copy()\n            u_bar", "u_bar[...]"),
    "elements_updated": ("out_bar[j, i] = 0",),
    "generator_sum": ("unbroadcast", "list("),
    "append_and_stack": ("list(",),
    "strided_range": ("total_1", "total_bar_1"),
    "power_by_loop": ("y_1", "t_bar"),
    "horner": ("t_bar",),
    "padded_by_numbers_written_out": ("as_like", "unbroadcast"),
    "steps_with_ghost_cells": ("unbroadcast",),
    "gram_schmidt": ("2 * (0.5",),
    "n_body_step": ("2 * (-1.5",),
    "gaussian_process": (" 1 * ", "(1 * ", "/ t_1 * t_1", "2 * ("),
    "squares_over_their_root": ("broadcast_to", "np.sum(-"),
    "rescaled_in_turns": ("t_saved",),
    "namedtuple_state": ("State(position=state_position_bar, velocity=state_velocity_bar)  #",),
    "gaussian_mixture": ("2 * (-0.5", "tie_share", "m_saved", "scores_saved"),
    "conjugate_gradient": ("np.outer(-",),
    "covariance": ("+= (-", "[None]", "np.size"),
    "path_that_is_one_longer": ("(1.0 /",),
    "best_matrix_of_rank_two": ("expand_dims", "swapaxes"),
    "hmm_forward": ("[None]", "tie_share", "m_saved", "scores_saved"),
    "view_lengthens_its_array": ("broadcast_to",),
    "mixed_with_booleans": ("broadcast_to",),
    "soft_assignments": ("-= np.broadcast_to",),
    "softmax_regression": ("axis=1).size", "tie_share"),
    "recurrence_that_wraps": ("t = y[i - 1]",),
    "kernel_of_global_points": ("t_bar = np.sum(",),
    "log_determinant": ("SlogdetResult", "slogdet_bar"),
    "loss_of_a_network": ("x_saved_1", "t_1[0]", "p_bar[0]"),
    "penalised_network": ("add_trees", "zeros_like"),
    "formatted_keys": ("zeros_like",),
    "layers_as_objects": ('zeros_like(p["',),
    "lstm_of_a_dict": ('zeros_like(p["Wo"])', 'p_bar["Wo"]'),
    "recurrent_net_of_joined_inputs": ("split_like",),
    "joined": ("split_like", "unstack"),
    "layer_of_a_network_for_images": ("broadcast_to", "t_saved_2", "t_saved_1"),
    "sliced_unlike": ("broadcast_to",),
    "substituted_with_a_helper": ("unbroadcast",),
    "loss_of_a_transformer": ("unbroadcast", "tie_share", "weights_1"),
    "attention_to_all_tokens_so_far": (" = None", "weights_saved_2", "as_like", "broadcast_to"),
    "divide_and_conquer": ("tree_sum_forward_2",),
    "objects_called": ("_forward_2",),
    "poisson_by_grids": ("u_bar.copy())", "out_bar.copy()[", "u_bar[1] = 0"),
    "draws_that_are_changed_in_place": ("a_bar[1:].copy()",),
    "item_updated_under_an_ellipsis": ("a_old",),
    "list_of_floats": ("as_like",),
    "items_read_before_and_after": ("as_like",),
    "rectified_rows": ("- 0.0",),
    "negative_log_evidence": ("0.5 * alpha", "alpha_bar"),
    "ridge_by_solve": ("+= x @ t_bar_1\n",),
    "likelihood_by_filter": ("np.pi) *", "1 / s"),
    "mixture_point_by_point": ("t_saved.append(t_3)\n            t_saved",),
    "hidden_state_of_other_extent": ("broadcast_to",),
    "polygon_area": ("0.5 * area +",),
    "break_from_for": ("            t_saved.append(t)",),
    "bubble_sort": ("list(",),
    "saddle_point_by_blocks": ("list(split",),
    "normalised_batch": ("np.mean(", "keepdims"),
    "shifted_cross_entropy": ("tie_share",),
    "attention": ("tie_share",),
    "log_sum_exp": ("tie_share",),
    "softmax_of_scaled_rows": ("tie_share",),
    "likelihood_of_every_word": ("tie_share", "logits_saved", "reversed(list("),
    "attention_fed_back": ("tie_share", "e_saved"),
    "shifted_while_it_is_far": ("tie_share", "e_saved"),
    "weights_made_by_a_helper": ("tie_share", "scores, "),
    "weights_made_row_by_row_by_a_helper": ("tie_share",),
    "cross_entropy_of_shifted_labels": ("tie_share", "np.zeros_like"),
    "cross_entropy_of_labels_from_the_end": ("tie_share",),
    "two_labels_in_each_row": ("tie_share",),
    "over_reversed": ("reversed(list(",),
    "layers_of_normalised_rows": ("t_1 = x - mean", "x_bar.copy()", "h_bar.copy()"),
    "least_squares": ("a_bar.copy()",),
    "keyword_arguments": ("scaled_forward_2",),
    "cells_filled_once": ("y_bar[i] = 0",),
    "rows_and_cells_filled_once": ("c_bar[j, i] = 0",),
    "cells_made_anew_in_each_step": ("y_bar[i] = 0",),
    "cells_filled_by_a_helper": ("out_bar[i, j] = 0", "out_bar.copy()"),
    "windows_of_a_signal": ("broadcast", ".copy()"),
    "windows_before_each_place": ("broadcast",),
    "windows_along_the_columns": ("unbroadcast",),
    "windows_of_an_image": ("broadcast", ".copy()"),
}
"""By program, what its gradient has no need to say."""

PRESENT = {
    "attention": ("np.vecdot(weights_bar, weights)[:, None]",),
    "losses_of_a_margin": ("s_bar -= np.vecdot(t_bar, x)",),
    "best_matrix_of_rank_two": ("u, s, vh = np.linalg.svd(", "vh_bar[:2] = t_2.T @"),
    "modes_of_a_chain": ("w, v = np.linalg.eigh(", "over_gaps(v.T @ v_bar, w)"),
    "penalised_residuals": ("tau_bar = 0.02 * tau",),
    "array_chosen_in_a_loop": ("u_bar *= 1.2",),
    "loss_of_a_network": ("layers_bar.append(p_bar)", "return network_backward("),
    "lists_of_layers_in_a_dict": (
        'return {"hidden": t_bar_2[::-1], "out": {"W": ',
        '"out": t_2["out"]',
    ),
    "loss_of_a_dict": ("p_bar, x_bar = affine_backward(", "return p_bar, x_bar"),
    "loss_of_a_model": ("return through_model_backward(",),
    "elements_updated": ("out[j, i] *= 1.5", "out_bar[j, i] *= 1.5"),
    "view_of_view": ("    w *= 2.0",),
    "list_of_values": ("values_bar[0] += b",),
    "numbered_rows_changed": ("b_bar[i] = row_bar",),
    "convolution_by_loops": ("w_bar[j] += t_bar * x[", "] += t_bar * w[j]"),
    "layer_of_a_network_for_images": ("kernel_bar += t_bar * image[i:t, j:t_1]",),
    "recurrent_net_of_joined_inputs": ("h_bar = z_bar[n:]",),
    "compliance_of_a_truss": ("[c * c, c * s, -c * c, -c * s]",),
    "method_of_plain_object": ("return np.outer(y_bar * (1 - t * t), self.weights)",),
    "cholesky_by_hand": ("lower_bar[j, :j] -= t_bar * lower[i, :j]",),
    "beta_of_returns": ("t_bar_3[0, 1] = ",),
    "zero_length_slices": ("x_bar = y_bar ", "x_bar[4:2] += 1.0"),
    "cross_entropy_of_labels": ("logp_bar[np.arange(len(labels)), labels] = -1.0 / labels.size",),
    "discrete_fourier_sum": ("t_2 = t_saved_2.pop()", "t = t_saved.pop()"),
    "adaptive_euler": ("t_1 = t_saved_1.pop()", "t_2 = t_saved_2.pop()"),
    "generator_sum": ("x_bar = sum(t)", "x_bar += t_bar.pop() * power_slope(x, i)"),
    "unrolled_gradient_descent": ("velocity_bar *= 0.9",),
    "bubble_sort": ("xs_bar[2] += 3.0",),
    "cube": ("return 3 * x * x",),
    "shifted_but_not_divided": ("tie_share(z, ",),
    "divided_by_sums_of_columns": ("tie_share(z, ",),
    "divided_by_the_sum_of_the_turn_before": ("tie_share(",),
    "sum_made_before_the_exponentials_change": ("tie_share(",),
    "sum_kept_for_every_other_turn": ("tie_share(",),
    "maximum_of_the_turn_before": ("tie_share(",),
    "shifted_only_by_a_helper": ("tie_share(",),
    "labels_of_rows_picked_twice": ("tie_share(",),
    "labels_of_three_rows_only": ("tie_share(",),
    "label_weighed_by_what_it_is": ("tie_share(",),
    "huber_regression": ("for row, target in zip(x[::-1], y[::-1]):",),
    "bundle_adjustment": ("* axis\n",),
    "fields_given_to_a_loop_by_name": ("h_bar = 2 * (h - 1)",),
    "layers_of_normalised_rows": ("x_bar += y_bar",),
    "cells_filled_in_each_step": ("y_bar[i] = 0",),
    "cells_filled_from_both_ends": ("y_bar[i] = 0",),
    "both_of_a_tuple_are_changed": ("u_bar[:-1] += v_bar[1:]",),
}
"""By program, what its gradient says."""


def text(name: str) -> str:
    case = case_of(name)
    return grad(case.p.fn, argnums=case.p.argnums).source_for(*case.args)


@pytest.mark.parametrize("name", ABSENT)
def test_says_no_more_than_needed(name: str) -> None:
    found = text(name)
    assert not [words for words in ABSENT[name] if words in found], found


@pytest.mark.parametrize("name", PRESENT)
def test_says_it_as_one_would(name: str) -> None:
    found = text(name)
    assert all(words in found for words in PRESENT[name]), found
