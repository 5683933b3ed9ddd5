"""When one score is good, mixed or bad."""

import pytest

from peyvand.customers.scores import band, edges
from peyvand.customers.types import Band


@pytest.mark.parametrize(
    ("measure", "scale", "bad", "mixed", "good"),
    [
        ("nps", (0, 10), [0, 6], [7, 8], [9, 10]),
        ("csat", (1, 5), [1, 2], [3], [4, 5]),
        ("rating", (1, 5), [1, 2], [3], [4, 5]),
        ("ces", (1, 7), [1, 3], [4], [5, 7]),
    ],
)
def test_each_scale_has_three_bands(measure, scale, bad, mixed, good):
    for values, expected in ((bad, Band.BAD), (mixed, Band.MIXED), (good, Band.GOOD)):
        assert [band(measure, value, *scale) for value in values] == [expected] * len(values)


def test_words_without_a_score_have_no_band():
    assert band("csat", None, 1, 5) is Band.NONE
    assert band("trust", 4, None, None) is Band.NONE
    assert band("trust", 4, 5, 5) is Band.NONE


@pytest.mark.parametrize("scale", [(0, 10), (1, 5), (1, 7), (0, 100), (-3, 3), (0, 1e300)])
@pytest.mark.parametrize("measure", ["nps", "csat"])
def test_the_edges_of_the_bands_part_a_scale_as_the_bands_do(measure, scale):
    low, high = scale
    values = [low + (high - low) * n / 40 for n in range(41)]
    for wanted in (Band.BAD, Band.MIXED, Band.GOOD):
        first, beyond = edges(measure, low, high, wanted)
        inside = [value for value in values if first <= value < beyond]
        assert inside == [value for value in values if band(measure, value, low, high) is wanted]


def test_no_scale_has_no_edges():
    assert edges("csat", 5, 5, Band.GOOD) is None
    assert edges("csat", 1, 5, Band.NONE) is None
