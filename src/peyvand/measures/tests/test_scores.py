"""The histogram: the same from arrays, lists, pairs and parts, and honest about what it leaves out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peyvand.measures import ScaleError, Scores
from peyvand.measures.scores import checked_scale

answers = st.lists(st.one_of(st.integers(-3, 13), st.none(), st.sampled_from(["7", "۷", "", "good", 2.5])), max_size=60)


def plain(scores):
    return scores.values.tolist(), scores.counts.tolist(), scores.missing, scores.invalid


def test_a_list_is_counted_with_blanks_and_words_apart():
    scores = Scores.from_values([10, "۱۰", 3.0, None, "", float("nan"), "good", True])
    assert plain(scores) == ([3, 10], [1, 2], 3, 2)


@pytest.mark.parametrize("kind", ["int8", "uint16", "int64", "float32", "float64"])
def test_numeric_arrays_of_any_kind_are_counted_at_once(kind):
    assert plain(Scores.from_values(np.array([[5, 1], [5, 4]], dtype=kind))) == ([1, 4, 5], [1, 1, 2], 0, 0)


def test_nan_in_an_array_is_missing_and_infinity_invalid():
    assert plain(Scores.from_values(np.array([1, np.nan, np.inf, -np.inf, 1]))) == ([1], [2], 1, 2)


def test_arrays_of_truth_values_hold_no_scores():
    assert plain(Scores.from_values(np.array([True, False]))) == ([], [], 0, 2)


def test_pairs_of_a_rollup_may_repeat_an_answer_and_have_empty_cells():
    assert plain(Scores.from_counts([(9, 2), ("9", 3), (4, 0), (None, 7), ("x", 1)])) == ([9], [5], 7, 1)


def test_a_negative_count_is_refused():
    with pytest.raises(ValueError, match="cannot occur -1 times"):
        Scores.from_counts([(9, -1)])


def test_nothing_is_an_empty_histogram():
    assert plain(Scores()) == plain(Scores.from_values([])) == plain(Scores() + Scores()) == plain(Scores.together([])) == ([], [], 0, 0)
    assert (Scores().n, Scores().mean(), Scores().deviation()) == (0, None, None)


@given(answers, st.randoms(use_true_random=False))
def test_order_and_parts_do_not_matter(given_answers, random):
    whole = plain(Scores.from_values(given_answers))
    shuffled = list(given_answers)
    random.shuffle(shuffled)
    cut = len(shuffled) // 2
    assert plain(Scores.from_values(shuffled)) == whole
    parts = [Scores.from_values(shuffled[:cut]), Scores.from_values(shuffled[cut:]), Scores()]
    assert plain(parts[0] + parts[1]) == plain(Scores.together(parts)) == whole


def test_weighted_groups_are_put_together_as_if_added():
    one, two = Scores.from_weighted([(9, 2.0, 1), (3, 0.5, 2)]), Scores.from_values([9, 1])
    both, added = Scores.together([one, two]), one + two
    assert plain(both) == plain(added)
    assert both.weights is not None
    assert both.weights.totals.tolist() == added.weights.totals.tolist() == [1.0, 1.0, 3.0]


@given(st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), min_size=2, max_size=50))
def test_mean_and_deviation_are_those_of_the_raw_answers(numbers):
    scores = Scores.from_values(numbers)
    assert scores.mean() == pytest.approx(np.mean(numbers), rel=1e-9, abs=1e-6)
    assert scores.deviation() == pytest.approx(np.std(numbers, ddof=1), rel=1e-6, abs=1e-6)


def test_answers_off_the_scale_become_invalid_and_the_rest_stays():
    scores = Scores.from_values([0, 1, 5, 6, 4.5, "x", None])
    assert plain(scores.on((1, 5))) == ([1, 4.5, 5], [1, 1, 1], 1, 3)
    assert plain(scores.on((1, 5), points=True)) == ([1, 5], [1, 1], 1, 4)


@pytest.mark.parametrize("scale", [(5, 1), (3, 3), (0, float("inf")), (float("nan"), 5)])
def test_a_scale_that_does_not_rise_is_refused(scale):
    with pytest.raises(ScaleError):
        checked_scale(scale)


@pytest.mark.parametrize("scale", [(0.5, 5), (0, 1001)])
def test_points_need_whole_ends_and_a_countable_number(scale):
    assert checked_scale(scale) == scale
    with pytest.raises(ScaleError):
        checked_scale(scale, points=True)
