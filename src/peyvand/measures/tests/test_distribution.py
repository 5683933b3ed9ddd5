"""The bars of a distribution."""

import pytest

from peyvand.measures import ScaleError, Scores, distribution


def test_every_point_has_a_bar_even_an_empty_one():
    found = distribution(Scores.from_counts([(5, 6), (1, 4), (9, 1), (2.5, 1), (None, 2)]), (1, 5))
    assert [(bar.point, bar.n, bar.share) for bar in found.bars] == [(1, 4, 40), (2, 0, 0), (3, 0, 0), (4, 0, 0), (5, 6, 60)]
    assert (found.n, found.invalid, found.missing) == (10, 2, 2)
    assert (found.bars[4].low, found.bars[4].high) == (pytest.approx(31.267, abs=5e-4), pytest.approx(83.182, abs=5e-4))
    assert found.bars[1].low == 0


def test_without_answers_the_bars_have_no_share():
    found = distribution(Scores(), (-1, 1))
    assert found.to_json()["bars"] == [{"point": point, "n": 0, "share": None, "low": None, "high": None} for point in (-1, 0, 1)]


def test_a_scale_without_points_is_refused():
    with pytest.raises(ScaleError):
        distribution(Scores(), (0, 2.5))
