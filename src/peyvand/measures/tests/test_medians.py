"""Medians: their value, and an interval that holds what it promises."""

import random

import pytest
from scipy import stats

from peyvand.measures.medians import lower_rank, median


def test_ten_values_reach_from_the_second_to_the_ninth():
    found = median([(float(n), 1) for n in range(1, 11)])
    assert (found.n, found.value, found.low, found.high) == (10, 5.5, 2.0, 9.0)


def test_values_may_come_often_and_in_any_order():
    assert median([(30.0, 2), (10.0, 3), (20.0, 1)]).value == 15.0
    assert median([(4.0, 7), (9.0, 0)])[:4] == (7, 4.0, 4.0, 4.0)


@pytest.mark.parametrize("n", [1, 5])
def test_too_few_values_have_a_median_and_no_interval(n):
    found = median([(float(k), 1) for k in range(n)])
    assert found.value is not None
    assert (found.low, found.high) == (None, None)


def test_nothing_has_no_median():
    assert median([])[:4] == (0, None, None, None)


@pytest.mark.parametrize("n", [6, 7, 30, 999, 1000, 1001, 5000, 123_456])
@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_the_interval_is_never_narrower_than_the_binomial_allows(n, level):
    rank, tail = lower_rank(n, level), (1 - level) / 2
    if rank:
        assert stats.binom.cdf(rank - 1, n, 0.5) <= tail * (1 + 1e-9)
    assert stats.binom.cdf(rank + 1, n, 0.5) > tail


def test_ninety_five_of_a_hundred_intervals_hold_the_true_median():
    dice = random.Random(5)
    held = 0
    for _sample in range(400):
        found = median([(dice.expovariate(1.0), 1) for _value in range(40)])
        held += found.low is not None and found.high is not None and found.low <= 0.6931 <= found.high
    assert held >= 370
