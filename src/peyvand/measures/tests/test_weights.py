"""Weighted figures: as counted by hand, as the plain ones where every weight is one, and honest about what a heavy answer is worth."""

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peyvand.measures import MEASURES, Scores, compare
from peyvand.measures.analysis import analyse
from peyvand.measures.report import as_text
from peyvand.measures.student import two_sided_t

NPS = [(10, 2, 1), (9, 1, 1), (8, 1, 1), (3, 2, 1)]


def by_hand(answers):
    """Weighted mean, its error by the design and Kish's size from (worth, weight) pairs, in plain sums."""
    total = sum(weight for _worth, weight in answers)
    mean = sum(worth * weight for worth, weight in answers) / total
    error = math.sqrt(sum((weight * (worth - mean)) ** 2 for worth, weight in answers)) / total
    return mean, error, total**2 / sum(weight**2 for _worth, weight in answers)


def test_nps_is_the_one_counted_by_hand():
    """Weights 2, 1 promote, 1 is passive, 2 detract of 6: 3/6 − 2/6. Error √(322/36)/6, and (5/6 − 1/36) / (322/1296) simple answers."""
    found = MEASURES["nps"](Scores.from_weighted(NPS))
    assert found.value == pytest.approx(100 / 6)
    assert found.se == pytest.approx(100 * math.sqrt(322 / 36) / 6)
    assert found.weighing == pytest.approx((3.6, 6.0, 0))
    size = (5 / 6 - 1 / 36) / (322 / 1296)
    p, d, n = (size / 2 + 0.75) / (size + 3), (size / 3 + 0.75) / (size + 3), size + 3
    reach = 1.959964 * math.sqrt((p + d - (p - d) ** 2) / n)
    assert [found.low, found.high] == pytest.approx([100 * (p - d - reach), 100 * (p - d + reach)], abs=1e-3)
    assert (found.n, found.extra["promoters"], found.extra["detractors"]) == (4, 2, 1)


def test_csat_and_top_box_are_weighted_shares_with_wilsons_interval_on_their_own_size():
    found = MEASURES["csat"](Scores.from_weighted([(5, 3, 1), (4, 1, 2), (2, 1, 3)]))
    mean, error, kish = by_hand([(1, 3), (1, 1), (1, 1), (0, 1), (0, 1), (0, 1)])
    assert (found.value, found.se) == pytest.approx((62.5, 100 * error))
    assert (mean, kish) == pytest.approx((0.625, 64 / 14))
    assert found.size == pytest.approx(64 / 14)
    size, z2 = 0.625 * 0.375 / error**2, 1.959964**2
    middle, reach = 0.625 + z2 / (2 * size), math.sqrt(z2 * (0.625 * 0.375 / size + z2 / (4 * size**2)))
    assert found.low == pytest.approx(100 * (middle - reach) / (1 + z2 / size), abs=1e-3)
    assert found.high == pytest.approx(100 * (middle + reach) / (1 + z2 / size), abs=1e-3)


@pytest.mark.parametrize("measure", ["ces", "rating"])
def test_a_mean_has_the_error_of_its_design(measure):
    """(5·2 + 4·1 + 1·1) / 4 = 3.75; [2·1.25]² + .25² + 2.75² = 13.875; times 3/2, over 4²."""
    found = MEASURES[measure](Scores.from_weighted([(5, 2, 1), (4, 1, 1), (1, 1, 1)]))
    assert found.value == pytest.approx(3.75)
    assert found.se == pytest.approx(math.sqrt(13.875 * 3 / 2) / 4)
    assert found.size == pytest.approx(16 / 6)
    narrow = MEASURES[measure](Scores.from_weighted([(5, 2, 1), (4, 1, 1), (1, 1, 1)]), level=0.2)
    assert narrow.high - narrow.value == pytest.approx(two_sided_t(0.2, 16 / 6 - 1) * narrow.se)
    if measure == "ces":
        assert found.extra["share"] == pytest.approx(50)  # above the middle of 1 to 7: the 5, with half of the weight


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 10), min_size=1, max_size=40), st.floats(0.01, 1000))
def test_equal_weights_of_any_size_change_nothing(answers, weight):
    for name, scale in (("nps", (0, 10)), ("csat", (0, 10)), ("ces", (0, 10)), ("rating", (0, 10))):
        plain = MEASURES[name](Scores.from_values(answers), scale)
        weighted = MEASURES[name](Scores.from_weighted((answer, weight, 1) for answer in answers), scale)
        for part in ("n", "value", "se", "low", "high", "size"):
            wanted = getattr(plain, part)
            assert getattr(weighted, part) == (None if wanted is None else pytest.approx(wanted, rel=1e-6, abs=1e-6)), (name, part)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(1, 5), st.floats(0.1, 50)), min_size=2, max_size=30))
def test_figures_lie_in_their_interval_and_no_sample_is_worth_more_than_it_has(pairs):
    scores = Scores.from_weighted((answer, weight, 1) for answer, weight in pairs)
    for name in ("csat", "rating"):
        found = MEASURES[name](scores, (1, 5))
        mean, error, kish = by_hand([((answer >= 4) if name == "csat" else answer, weight) for answer, weight in pairs])
        unit, corrected = (100, 1) if name == "csat" else (1, math.sqrt(len(pairs) / (len(pairs) - 1)))
        assert found.value == pytest.approx(unit * mean)
        assert found.se == pytest.approx(unit * error * corrected, abs=1e-9)
        assert found.low - 1e-9 <= found.value <= found.high + 1e-9
        assert found.size == pytest.approx(kish)
        assert found.size <= found.n + 1e-9


def test_a_weight_that_is_none_leaves_its_answer_out_and_is_counted():
    weights = [0, -1, None, "", "much", math.nan, math.inf, True, "۲٫۵"]
    found = MEASURES["rating"](Scores.from_weighted([(5, weight, 1) for weight in weights] + [(None, 0, 1), ("bad", 0, 1), (9, 1, 1)]))
    assert (found.n, found.value, found.weighing.total, found.weighing.invalid) == (1, 5.0, 2.5, 8)
    assert (found.missing, found.invalid) == (1, 2)


def test_one_heavy_answer_among_many_makes_few_of_them():
    found = MEASURES["nps"](Scores.from_weighted([(10, 1, 99), (0, 1000, 1)]))
    assert (found.n, found.small) == (100, True)
    assert found.size == pytest.approx(1099**2 / (99 + 1000**2))


def test_weighted_means_are_compared_with_the_freedom_of_what_they_are_worth():
    heavy = MEASURES["rating"](Scores.from_weighted([(5, 9, 2), (4, 1, 20), (1, 1, 20)]))
    plain = MEASURES["rating"](Scores.from_counts([(5, 20), (3, 22)]))
    found = compare(heavy, plain)
    shares = [(estimate.se**2, estimate.size) for estimate in (heavy, plain)]
    assert found.df == pytest.approx(sum(v for v, _n in shares) ** 2 / sum(v * v / (n - 1) for v, n in shares))


def test_groups_add_up_and_are_told_with_what_they_are_worth():
    tallies = {("a",): Scores.from_weighted(NPS), ("b",): Scores.from_weighted([(10, 4, 1), (0, 0, 1)])}
    analysis = analyse(MEASURES["nps"], tallies, by=["branch"])
    whole = MEASURES["nps"](Scores.from_weighted([*NPS, (10, 4, 1), (0, 0, 1)]))
    assert (analysis.total.value, analysis.total.se, analysis.total.size) == pytest.approx((whole.value, whole.se, whole.size))
    told = json.loads(json.dumps(analysis.to_json(), allow_nan=False))
    assert (told["n"], told["weight"], told["invalid_weights"]) == (5, 10.0, 1)
    assert told["groups"][0]["n_effective"] == pytest.approx(3.6)
    text = as_text(analysis, source="'s' in f.csv, weighted by 'w'")
    assert "branch  n  n eff." in text
    assert "1 whose weight is missing, zero, negative or no number, not counted." in text
    assert "few: fewer than 30 answers of one weight would tell as much (n eff.), so the figure says little." in text


def test_beside_weighted_answers_a_plain_one_weighs_one():
    found = MEASURES["nps"](Scores.from_values([0]) + Scores.from_weighted([(10, 3, 1)]))
    assert (found.value, found.weighing.total) == pytest.approx((50.0, 4.0))


def test_without_an_answer_there_is_nothing_to_weigh():
    for measure in MEASURES.values():
        found = measure(Scores.from_weighted([(5, 0, 1)]))
        assert (found.n, found.value, found.low, found.size, found.small) == (0, None, None, 0.0, True)
