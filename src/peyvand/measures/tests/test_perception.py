"""The measures against published values, by hand and by properties that hold for all answers."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from peyvand.measures import MEASURES, ScaleError, Scores, ces, csat, nps, rating, top_box

TEN = Scores.from_counts([(10, 4), (9, 2), (8, 1), (7, 1), (6, 1), (0, 1)])
counts = st.lists(st.integers(0, 40), min_size=11, max_size=11)
levels = st.sampled_from([0.8, 0.9, 0.95, 0.99])


def on_scale(measure, histogram):
    low, high = MEASURES[measure].scale
    points = range(int(low), int(high) + 1)
    return Scores.from_counts(zip(points, histogram, strict=False))


def mirrored(scores, scale):
    return Scores.from_counts(
        [(scale[0] + scale[1] - value, int(count)) for value, count in zip(scores.values, scores.counts, strict=True)]
    )


def test_nps_of_six_promoters_two_passives_two_detractors_is_the_published_one():
    found = nps(TEN)
    assert (found.n, found.value) == (10, 40.0)
    assert found.se == pytest.approx(25.298, abs=5e-4)
    assert found.extra["adjusted"] == pytest.approx(30.769, abs=5e-4)
    assert (found.low, found.high) == (pytest.approx(-12.586, abs=5e-4), pytest.approx(74.124, abs=5e-4))
    assert (found.extra["promoters"], found.extra["passives"], found.extra["detractors"]) == (6, 2, 2)


def test_csat_of_six_in_ten_has_the_published_wilson_interval():
    found = csat(Scores.from_counts([(5, 2), (4, 4), (3, 1), (1, 3)]))
    assert (found.n, found.value, found.extra["satisfied"]) == (10, 60.0, 6)
    assert (found.low, found.high) == (pytest.approx(31.267, abs=5e-4), pytest.approx(83.182, abs=5e-4))
    assert found.se == pytest.approx(100 * math.sqrt(0.6 * 0.4 / 10))


def test_rating_has_the_t_interval():
    answers = [5, 4, 4, 3, 2, 5, 4, 1, 3, 4]
    found = rating(Scores.from_values(answers))
    low, high = stats.t.interval(0.95, 9, loc=3.5, scale=stats.sem(answers))
    assert (found.n, found.value) == (10, 3.5)
    assert (found.se, found.low, found.high) == (pytest.approx(stats.sem(answers)), pytest.approx(low), pytest.approx(high))


@pytest.mark.parametrize(("answers", "low", "high"), [([8, 10], 0, 10), ([0, 1], 0, 6.853), ([1, 2, 10], 0, 10), ([5, 5], 5, 5)])
def test_the_interval_of_the_mean_of_few_answers_stays_on_its_scale(answers, low, high):
    found = rating(Scores.from_values(answers), (0, 10))
    assert (found.low, found.high) == (low, pytest.approx(high, abs=5e-4))


def test_ces_is_the_mean_with_the_share_that_agrees():
    found = ces(Scores.from_counts([(7, 3), (6, 2), (5, 1), (4, 2), (2, 2)]))
    assert found.value == pytest.approx(5.0)
    assert found.extra["share"] == 60.0
    assert (found.extra["share_low"], found.extra["share_high"]) == (pytest.approx(31.267, abs=5e-4), pytest.approx(83.182, abs=5e-4))


@pytest.mark.parametrize(
    ("scale", "promoters", "passives"),
    [
        ((1, 10), {9, 10}, {7, 8}),
        ((1, 5), {5}, {4}),
        ((1, 7), {7}, {5, 6}),
        ((0, 5), {5}, {4}),
        ((0, 100), set(range(85, 101)), set(range(65, 85))),
    ],
)
def test_nps_on_another_scale_takes_the_nearest_point_of_eleven(scale, promoters, passives):
    for point in range(scale[0], scale[1] + 1):
        expected = 100.0 if point in promoters else 0.0 if point in passives else -100.0
        assert nps(Scores.from_values([point]), scale).value == expected, point


@pytest.mark.parametrize(("scale", "share"), [((1, 7), 2 / 7), ((0, 10), 2 / 11), ((1, 4), 2 / 4), ((1, 3), 1 / 3), ((0, 1), 1 / 2)])
def test_csat_on_another_scale_takes_its_top_two_points_but_never_the_middle_of_three(scale, share):
    each_once = Scores.from_values(range(scale[0], scale[1] + 1))
    assert csat(each_once, scale).value == pytest.approx(100 * share)


def test_ces_on_another_scale_agrees_above_the_middle():
    assert ces(Scores.from_values([1, 2, 3, 4, 5]), (1, 5)).extra["share"] == 40.0


def test_top_box_counts_the_top_points():
    each_once = Scores.from_values([1, 2, 3, 4, 5])
    assert [top_box(each_once, k).value for k in (1, 2, 3, 4)] == [20, 40, 60, 80]
    for k in (0, 5):
        with pytest.raises(ValueError, match=f"top {k} points"):
            top_box(each_once, k)


@pytest.mark.parametrize("name", MEASURES)
def test_without_answers_there_is_no_figure(name):
    found = MEASURES[name](Scores.from_values(["x", None, 99]))
    assert (found.n, found.value, found.se, found.low, found.high) == (0, None, None, None, None)
    assert (found.invalid, found.missing, found.small) == (2, 1, True)


def test_one_answer_has_a_mean_but_no_interval():
    found = rating(Scores.from_values([4]))
    assert (found.value, found.se, found.low, found.high) == (4, None, None, None)


def test_the_interval_of_one_promoter_is_widened_to_reach_the_figure():
    found = nps(Scores.from_values([10]))
    assert (found.value, found.se, found.high) == (100, 0, 100)
    assert found.low == pytest.approx(-48.5, abs=0.01)


def test_all_promoters_do_not_give_certainty():
    found = nps(Scores.from_counts([(10, 50)]))
    assert (found.value, found.se, found.high) == (100, 0, 100)
    assert found.low == pytest.approx(100 * (50 / 53 - 1.959964 * math.sqrt((51.5 / 53 - (50 / 53) ** 2) / 53)), abs=1e-4)


def test_nobody_satisfied_starts_at_zero_and_everybody_ends_at_a_hundred():
    assert csat(Scores.from_counts([(1, 12)])).low == 0
    assert csat(Scores.from_counts([(5, 12)])).high == 100


@pytest.mark.parametrize("name", ["nps", "csat"])
def test_an_answer_between_two_points_is_off_a_scale_of_points(name):
    found = MEASURES[name](Scores.from_values([4.5, 4]))
    assert (found.n, found.invalid) == (1, 1)


@pytest.mark.parametrize("name", ["ces", "rating"])
def test_means_take_half_points(name):
    found = MEASURES[name](Scores.from_values([4.5, 4]))
    assert (found.n, found.value, found.invalid) == (2, 4.25, 0)


@pytest.mark.parametrize(("n", "small"), [(29, True), (30, False)])
def test_fewer_than_thirty_answers_are_few(n, small):
    assert nps(Scores.from_counts([(9, n)])).small is small


@pytest.mark.parametrize("name", MEASURES)
@pytest.mark.parametrize("level", [0, 1, 95, -0.5, float("nan")])
def test_a_level_that_is_none_is_refused(name, level):
    with pytest.raises(ValueError, match="confidence level"):
        MEASURES[name](Scores.from_values([4, 5]), None, level)


@pytest.mark.parametrize("name", MEASURES)
def test_a_scale_upside_down_is_refused(name):
    with pytest.raises(ScaleError, match="from 5 to 1"):
        MEASURES[name](Scores.from_values([4]), (5, 1))


def test_json_is_flat_and_carries_what_the_measure_knows():
    answer = nps(Scores.from_values([10, 10, 8, None, 11])).to_json()
    assert list(answer) == [
        "n", "value", "se", "low", "high", "invalid", "missing", "small", "promoters", "passives", "detractors", "adjusted",
    ]  # fmt: skip
    assert (answer["n"], answer["invalid"], answer["missing"], answer["small"]) == (3, 1, 1, True)
    assert (answer["promoters"], answer["passives"], answer["detractors"]) == (2, 1, 0)
    assert answer["value"] == pytest.approx(200 / 3)


@pytest.mark.parametrize("name", MEASURES)
@given(histogram=counts, level=levels)
def test_figures_stay_in_their_bounds_and_the_interval_holds_the_value(name, histogram, level):
    measure = MEASURES[name]
    found = measure(on_scale(name, histogram), None, level)
    if found.low is None:
        assert found.n < 2
        return
    lowest, highest = measure.bounds()
    assert lowest <= found.low <= found.high <= highest
    assert lowest <= found.value <= highest
    assert found.se >= 0
    assert found.low <= found.value <= found.high


@pytest.mark.parametrize("name", MEASURES)
@given(histogram=counts)
def test_a_histogram_gives_the_figures_of_its_raw_answers(name, histogram):
    scores = on_scale(name, histogram)
    raw = [value for value, count in zip(scores.values.tolist(), scores.counts.tolist(), strict=True) for _ in range(count)]
    assert MEASURES[name](Scores.from_values(raw[::-1])) == MEASURES[name](scores)


@given(histogram=st.lists(st.integers(0, 40), min_size=3, max_size=3))
def test_swapping_promoters_and_detractors_mirrors_nps(histogram):
    there, back = (nps(Scores.from_counts(zip(order, histogram, strict=True))) for order in ((10, 8, 0), (0, 8, 10)))
    if there.n:
        assert back.value == -there.value
        assert back.se == there.se
        assert (back.low, back.high) == (pytest.approx(-there.high), pytest.approx(-there.low))


@pytest.mark.parametrize("name", ["ces", "rating"])
@given(histogram=counts)
def test_turning_the_scale_mirrors_a_mean(name, histogram):
    measure, scores = MEASURES[name], on_scale(name, histogram)
    there, back = measure(scores), measure(mirrored(scores, measure.scale))
    if there.low is not None:
        ends = sum(measure.scale)
        assert (back.value, back.low, back.high) == tuple(pytest.approx(ends - x) for x in (there.value, there.high, there.low))


@given(hits=st.integers(0, 60), misses=st.integers(0, 60))
def test_satisfied_and_unsatisfied_mirror_each_other_in_csat(hits, misses):
    there, back = csat(Scores.from_counts([(5, hits), (1, misses)])), csat(Scores.from_counts([(1, hits), (5, misses)]))
    if there.n:
        assert (back.value, back.low, back.high) == tuple(pytest.approx(100 - x, abs=1e-9) for x in (there.value, there.high, there.low))


@given(level=levels, n=st.integers(2, 400))
def test_more_answers_of_the_same_mix_narrow_the_interval(level, n):
    for name, points in (("nps", (10, 3)), ("csat", (5, 1)), ("ces", (7, 2)), ("rating", (5, 2))):
        few, many = (MEASURES[name](Scores.from_counts([(point, k) for point in points]), None, level) for k in (n, 2 * n))
        assert many.high - many.low <= few.high - few.low
