"""The lake that scale is measured on has the limits of its size."""

import pytest

from tests.bench.measure_scale import TILES, TREND, limits


@pytest.mark.parametrize(
    ("count", "tile", "trend"),
    [(1_000_000, 300, 300), (20_000_000, 300, 300), (20_000_001, 1500, 100), (100_000_000, 1500, 100), (500_000_000, 1500, 100)],
)
def test_a_size_has_its_own_limits(count, tile, trend):
    assert limits(count) == (tile, trend)


def test_the_trend_that_is_held_to_its_limit_is_unfiltered():
    assert "where" not in TILES[TREND][2]
