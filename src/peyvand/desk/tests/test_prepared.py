"""Pages of figures find every text they ask the lake in compiled: no reader waits for Ibis, in a small lake or in one of rollups."""

import datetime as dt

import pytest
from django.urls import set_script_prefix

from peyvand.core import clock
from peyvand.insights import counting, preparing, shapes
from peyvand.insights.preparing import prepare, texts
from peyvand.insights.shapes import is_kept
from peyvand.insights.tests.conftest import NOON, answer_item, keep
from peyvand.timeline.lake.places import lake_path
from peyvand.timeline.tests.conftest import make_item
from peyvand.timeline.types import Subject

pytestmark = pytest.mark.django_db(transaction=True)
PAGES = (
    "",
    "?time=year&against=previous",
    "?time=year&channel=sms&branch=vanak",
    "?time=quarter&as_of=2026-06-12&product=mug",
    "insights/?time=all",
    "insights/?time=year&channel=sms&as_of=2026-06-12",
    "insights/compare/",
    "pulse/csat/?time=year&by=employee",
    "pulse/csat/?time=all&by=month&channel=sms",
    "pulse/csat/answers/?time=year&channel=sms",
    "?time=year&order.delivered:late=true&source=peyvand",
    "?time=year&against=previous&amount=1..5000",
    "insights/?time=year&order.delivered:late=true&amount=1..",
    "insights/compare/?a.order.delivered:late=true&b.amount=..5000&b.import!=0000000000abc",
    "pulse/csat/?time=year&amount=1..5000&order.delivered:late=false",
    "pulse/csat/answers/?time=year&order.delivered:late=true&channel=sms",
    "?time=year&branch!=vanak&channel=sms",
)


@pytest.fixture(autouse=True)
def _monday():
    counting.forget()
    with clock.frozen(NOON):
        yield
    set_script_prefix("/")


def answers():
    """A year of answers that became worse in one branch, with purchases."""
    for n in range(240):
        worse = n < 120 and n % 2
        where = {"channel": ("sms", "web")[n % 3 % 2], "branch": ("vanak", "karaj")[n % 2], "product": ("mug", "vase")[n % 2]}
        where |= {"subject": Subject("order", str(n))}
        yield answer_item(1 if worse else 5, measure="csat", days_ago=n % 80 if n < 120 else 380 + n % 60, who=f"p{n}", **where)
        yield answer_item(2 if worse else 9, days_ago=120 + n % 20, who=f"p{n}", touchpoint="delivery", **where)
        bought = make_item(kind="order.placed", who=f"p{n}", occurred_at=NOON - dt.timedelta(days=n % 100), amount=1000, currency="IRR")
        bought.subject = Subject("order", str(n))
        yield bought
        yield make_item(kind="order.delivered", occurred_at=bought.occurred_at, subject=bought.subject, properties={"late": n % 3 == 0})


def test_pages_of_figures_compile_nothing_once_the_worker_has_prepared(brand, browser, monkeypatch):
    keep(brand, answers())
    shapes.forget()
    monkeypatch.setattr(preparing, "REST", 0)
    while prepare():
        pass
    assert all(is_kept(asks, shape, *more) for asks, shape, more in texts())
    folder = lake_path().parent / "cache" / "sql"
    kept = {file.name for file in folder.iterdir()}
    for smallest in (counting.SMALL_LAKE, 0):  # from rows, then from rollups as in a large lake
        monkeypatch.setattr(counting, "SMALL_LAKE", smallest)
        for page in PAGES:
            assert browser.get(f"/w/{brand.slug}/{page}").status_code == 200, page
            assert {file.name for file in folder.iterdir()} == kept, page
