"""Spearman's correlation as SciPy gives it, its interval by Bonett and Wright, and silence where nothing can be said."""

import math

import pytest
from scipy import stats

from peyvand.core import clock
from peyvand.measures.association import RankSums, association


def sums_of(x, y):
    first, second = stats.rankdata(x), stats.rankdata(y)
    return RankSums(len(x), first.sum(), second.sum(), (first**2).sum(), (second**2).sum(), (first * second).sum())


def test_rho_is_that_of_scipy_also_with_ties():
    chance = clock.random("ranks")
    for n in (5, 12, 300):
        x = [chance.randint(1, 5) for _ in range(n)]
        y = [value + chance.randint(0, 4) for value in x]
        assert association(sums_of(x, y)).rho == pytest.approx(stats.spearmanr(x, y).statistic)


def test_the_interval_is_the_one_computed_by_hand():
    """ρ .5 of 50 people: tanh(.549306 ± 1.959964 · √(1.125/47))."""
    found = association(RankSums(50, 0.0, 0.0, 100.0, 100.0, 50.0))
    reach = 1.959964 * math.sqrt(1.125 / 47)
    assert (found.rho, found.low, found.high) == pytest.approx((0.5, math.tanh(0.5493061 - reach), math.tanh(0.5493061 + reach)), abs=1e-6)
    assert found.beyond_noise
    assert association(RankSums(50, 0.0, 0.0, 100.0, 100.0, 50.0), 0.5).low > found.low


def test_nothing_is_claimed_of_few_people_or_of_what_never_varies():
    assert association(sums_of([1, 2, 3, 4], [1, 2, 3, 4])).rho is None
    assert association(sums_of([3] * 20, list(range(20)))).rho is None
    assert association(sums_of(list(range(9)), list(range(9)))).rho == 1
    chance = clock.random("noise")
    apart = association(sums_of([chance.random() for _ in range(40)], [chance.random() for _ in range(40)]))
    assert (apart.beyond_noise, apart.small) == (False, False)
    with pytest.raises(ValueError, match="confidence level"):
        association(RankSums(9, 1, 1, 1, 1, 1), 2)
