"""In a large lake figures come from rollups wherever the filter allows, and from rows only where it does not."""

import datetime as dt

import pytest

from peyvand.insights import counting
from peyvand.insights.board import CUTS, Board, board, by_month, groups_of
from peyvand.insights.tests.conftest import NOON
from peyvand.insights.tests.test_queries import scattered
from peyvand.insights.windows import window

pytestmark = pytest.mark.django_db(transaction=True)
ROLLUPS, ROWS, BOTH = {"rollups"}, {"perceptions"}, {"rollups", "perceptions"}


@pytest.fixture
def tables(monkeypatch):
    """The tables that are read from now on, in a lake that counts as large."""
    monkeypatch.setattr(counting, "SMALL_LAKE", 0)
    real, found = counting.read, []

    def reading(sql, variables, months=None):
        found.extend(months or ())
        return real(sql, variables, months)

    monkeypatch.setattr(counting, "read", reading)
    return found


@pytest.mark.parametrize(
    ("filters", "day", "wanted"),
    [
        ((), None, ROLLUPS),
        ((("channel", "sms"),), None, BOTH),  # its trend and totals; a branch of a channel stands in no rollup
        ((("channel", "sms"), ("touchpoint", "delivery")), None, BOTH),
        ((("product", "mug"),), None, BOTH),
        ((("channel", "sms"), ("branch", "vanak")), None, ROWS),
        ((("device", "phone"),), None, ROWS),
        ((("channel!", "sms"), ("touchpoint", "delivery")), None, BOTH),
        ((("branch!", "vanak"),), None, BOTH),
        ((("branch!", "vanak"), ("branch", "karaj")), None, BOTH),
        ((("channel!", "sms"), ("branch!", "vanak")), None, ROWS),
        ((("device!", "phone"),), None, ROWS),
        ((), dt.date(2026, 6, 1), BOTH),  # what was recorded later is taken off
    ],
)
def test_the_board_reads_rollups_as_far_as_they_go(brand, kept, tables, filters, day, wanted):
    kept(scattered(60))
    found = board(brand, window(brand, "quarter", "previous", day), filters)
    assert found.measures
    assert set(tables) == wanted


@pytest.mark.parametrize("cut", [*CUTS, "department", "employee", "company", "language"])
def test_each_chart_of_a_measure_is_drawn_from_rollups(brand, kept, tables, cut):
    kept(scattered(60))
    looked = window(brand, "year", "lastyear")
    found = Board(brand, looked, (), ["nps"], scales={"nps": (0.0, 10.0)}, labels={"nps": "NPS"})
    groups_of(found, "nps", cut)
    by_month(found, "nps")
    assert tables == ["rollups"] * 2
    assert looked.last == NOON.date()
