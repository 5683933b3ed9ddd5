"""One text serves with filters and without, and the engine reads no more for it than for one written by hand."""

import datetime as dt

import duckdb
import pytest

from peyvand.core import clock
from peyvand.insights.counting import Count
from peyvand.insights.shapes import sql_of
from peyvand.insights.tests.conftest import NOON, answer_item
from peyvand.timeline.engines import in_duckdb
from peyvand.timeline.lake import places
from peyvand.timeline.lake.presence import present

pytestmark = pytest.mark.django_db(transaction=True)
SETTLED = {
    "recorded_at",
    "batch",
    "channel",
    "touchpoint",
    "stage",
    "product",
    "branch",
    "department",
    "employee",
    "language",
    "kind",
    "source",
}


@pytest.fixture
def read(brand, kept):
    """Which of the columns that a question may be about DuckDB plans to read."""
    kept([answer_item(9, channel="sms", branch="vanak", who="a"), answer_item(2, channel="web", branch="karaj", source="shop", who="b")])
    with clock.frozen(NOON + dt.timedelta(days=1)):
        kept([answer_item(5, channel="web", branch="vanak", who="c")])

    def planned(**asked):
        count = Count(workspace=brand, measures=("nps",), source="rows", **asked)
        files = {places.PERCEPTIONS: present(places.PERCEPTIONS).files}
        statement, parameters = in_duckdb.prepared(sql_of("count_sql", count.shape()), count.variables(), files)
        ((_name, plan),) = duckdb.execute(f"EXPLAIN {statement}", parameters).fetchall()
        return {column for column in SETTLED if column in plan}

    return planned


def test_what_nobody_asked_is_not_read(read):
    assert read() == set()
    assert read(filters=(("branch", "vanak"),)) == {"branch"}
    assert read(filters=(("branch", "vanak"), ("channel", "sms")), keys=("side",)) == {"branch", "channel"}
    assert read(filters=(("source", "shop"),)) == {"source"}
    assert read(filters=(("branch!", "vanak"), ("branch", "karaj"))) == {"branch"}
    assert read(filters=(("source!", "shop"), ("channel", "sms"))) == {"source", "channel"}
    assert read(as_of=NOON) == {"recorded_at"}
