"""Whether a difference is more than noise: against published methods and the edges where formulas break."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from peyvand.measures import MEASURES, Scores, compare, csat, nps, rating, top_box

counts = st.lists(st.integers(0, 60), min_size=5, max_size=5)


def promoters(p, passive, d):
    return nps(Scores.from_counts([(10, p), (8, passive), (0, d)]))


def satisfied(hits, n):
    return csat(Scores.from_counts([(5, hits), (1, n - hits)]))


def test_two_nps_are_compared_by_the_z_of_rocks():
    found = compare(promoters(300, 100, 100), promoters(240, 100, 160))
    se = 100 * math.hypot(math.sqrt((0.8 - 0.16) / 500), math.sqrt((0.8 - 0.0256) / 500))
    assert found.difference == pytest.approx(24)
    assert (found.se, found.statistic) == (pytest.approx(se), pytest.approx(24 / se))
    assert found.p == pytest.approx(2 * stats.norm.sf(24 / se))
    assert found.beyond_noise
    assert not found.small
    assert found.low == pytest.approx(24 - 1.96 * se, abs=0.2)


def test_two_shares_have_the_interval_of_newcombe():
    # Newcombe 1998, table II, method 10: 56/70 − 48/80 gives 0.0524 to 0.3339
    found = compare(satisfied(56, 70), satisfied(48, 80))
    assert found.difference == pytest.approx(20)
    assert (found.low, found.high) == (pytest.approx(5.24, abs=0.005), pytest.approx(33.39, abs=0.005))
    assert found.beyond_noise


@pytest.mark.parametrize(
    ("one", "two", "low", "high"), [((9, 10), (3, 10), 17.05, 80.90), ((10, 10), (0, 10), 60.75, 100.0), ((0, 10), (0, 10), -27.75, 27.75)]
)
def test_the_interval_of_newcombe_holds_at_the_edges(one, two, low, high):
    found = compare(satisfied(*one), satisfied(*two))
    assert (found.low, found.high) == (pytest.approx(low, abs=0.005), pytest.approx(high, abs=0.005))


def test_two_means_are_compared_by_welch():
    this, other = [5, 5, 4, 5, 4, 3, 5, 4], [3, 2, 4, 3, 1, 2]
    found = compare(rating(Scores.from_values(this)), rating(Scores.from_values(other)))
    test = stats.ttest_ind(this, other, equal_var=False)
    interval = test.confidence_interval(0.95)
    assert (found.test, found.statistic, found.p, found.df) == (
        "t",
        pytest.approx(test.statistic),
        pytest.approx(test.pvalue),
        pytest.approx(test.df),
    )
    assert (found.low, found.high) == (pytest.approx(interval.low), pytest.approx(interval.high))
    assert found.beyond_noise
    assert found.small


def test_the_difference_of_the_means_of_few_answers_stays_within_the_width_of_the_scale():
    found = compare(rating(Scores.from_values([8, 10]), (0, 10)), rating(Scores.from_values([2, 5]), (0, 10)))
    interval = stats.ttest_ind([8, 10], [2, 5], equal_var=False).confidence_interval(0.95)
    assert (found.low, found.high) == (pytest.approx(interval.low), 10)
    assert interval.high > 10, "by Welch alone"
    turned = compare(rating(Scores.from_values([2, 5]), (0, 10)), rating(Scores.from_values([8, 10]), (0, 10)))
    assert (turned.low, turned.high) == (-10, -found.low)


@pytest.mark.parametrize("name", MEASURES)
@given(one=counts, two=counts)
def test_no_difference_is_greater_than_the_scale_is_wide(name, one, two):
    points = {"nps": (0, 6, 7, 9, 10)}.get(name, (1, 2, 3, 4, 5))
    found = compare(*(MEASURES[name](Scores.from_counts(zip(points, histogram, strict=True))) for histogram in (one, two)))
    lowest, highest = MEASURES[name].bounds()
    if found.low is not None and found.high is not None:
        assert lowest - highest - 1e-9 <= found.low <= found.difference <= found.high <= highest - lowest + 1e-9


def test_a_difference_within_noise_is_not_claimed():
    found = compare(satisfied(12, 20), satisfied(10, 20))
    assert found.difference == pytest.approx(10)
    assert not found.beyond_noise


def test_one_promoter_against_one_detractor_proves_nothing():
    found = compare(promoters(1, 0, 0), promoters(0, 0, 1))
    assert (found.difference, found.se, found.statistic, found.p) == (200, 0, None, None)
    assert found.low < 0 or not found.beyond_noise


def test_hundreds_of_promoters_against_hundreds_of_detractors_prove_something_without_a_z():
    found = compare(promoters(200, 0, 0), promoters(0, 0, 200))
    assert found.p is None
    assert found.beyond_noise


@pytest.mark.parametrize("name", MEASURES)
def test_an_empty_group_compares_to_nothing(name):
    found = compare(MEASURES[name](Scores.from_values([4, 5])), MEASURES[name](Scores()))
    assert (found.difference, found.low, found.high, found.p) == (None, None, None, None)
    assert (found.beyond_noise, found.small) == (False, True)


def test_a_single_rating_has_a_difference_but_no_interval():
    found = compare(rating(Scores.from_values([5])), rating(Scores.from_values([1, 2, 3])))
    assert (found.difference, found.se, found.low, found.beyond_noise) == (3, None, None, False)


def test_means_without_any_spread_cannot_be_judged():
    found = compare(rating(Scores.from_counts([(5, 2)])), rating(Scores.from_counts([(4, 2)])))
    assert (found.difference, found.p, found.beyond_noise) == (1, None, False)


@pytest.mark.parametrize("other", [nps(Scores(), (1, 10)), nps(Scores(), level=0.9), csat(Scores()), top_box(Scores(), scale=(0, 10))])
def test_only_like_is_compared_with_like(other):
    with pytest.raises(ValueError, match="one measure on one scale at one level"):
        compare(nps(Scores.from_values([9])), other)


@pytest.mark.parametrize("name", MEASURES)
@given(one=counts, two=counts)
def test_turning_the_question_round_turns_the_answer_round(name, one, two):
    points = {"nps": (0, 6, 7, 9, 10)}.get(name, (1, 2, 3, 4, 5))
    first, second = (MEASURES[name](Scores.from_counts(zip(points, histogram, strict=True))) for histogram in (one, two))
    there, back = compare(first, second), compare(second, first)
    assert back.beyond_noise is there.beyond_noise
    assert back.p == there.p
    if there.low is not None:
        assert (back.difference, back.low, back.high) == tuple(
            pytest.approx(-x, abs=1e-9) for x in (there.difference, there.high, there.low)
        )


@given(histogram=counts)
def test_a_group_is_never_beyond_noise_of_itself(histogram):
    for name, points in (("nps", (0, 6, 7, 9, 10)), ("csat", (1, 2, 3, 4, 5)), ("rating", (1, 2, 3, 4, 5))):
        same = MEASURES[name](Scores.from_counts(zip(points, histogram, strict=True)))
        assert not compare(same, same).beyond_noise
