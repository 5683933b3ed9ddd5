"""Filters of every shared column stand in the address and reach every page; an earlier day is shown as it was and says so."""

import datetime as dt
import html
import re

import pytest

from peyvand.core import clock
from peyvand.desk.tests.test_pulse import words
from peyvand.imports.models import Import
from peyvand.insights import counting
from peyvand.insights.tests.conftest import NOON, answer_item, keep
from peyvand.timeline.services import open_batch, undo_batch
from peyvand.timeline.tests.conftest import make_item
from peyvand.timeline.types import Subject
from peyvand.workspaces.services import audit

pytestmark = pytest.mark.django_db(transaction=True)
PAGES = ("", "pulse/csat/", "pulse/csat/answers/")


@pytest.fixture(autouse=True)
def _monday():
    counting.forget()
    with clock.frozen(NOON):
        yield


def sent(at=None, **fields):
    """Four answers of satisfaction, two of each way."""
    for n in range(4):
        yield answer_item(
            5 if n % 2 else 2, measure="csat", occurred_at=at or NOON - dt.timedelta(days=1), who=f"{sorted(fields.items())}-{n}", **fields
        )


def listed(browser, brand, query):
    said = words(browser.get(f"/w/{brand.slug}/pulse/csat/answers/?time=quarter&{query}"))
    found = re.search(r"(\d+) scores?, newest first", said)
    return int(found[1]) if found else 0


def test_every_shared_column_narrows_and_columns_combine(brand, browser):
    columns = ("channel", "touchpoint", "stage", "product", "branch", "department", "employee", "device", "language", "kind")
    for column in columns:
        keep(brand, sent(**{column: "review.written" if column == "kind" else f"{column}-a"}))
    keep(brand, sent(branch="vanak", channel="sms", device="phone"))
    keep(brand, sent(branch="vanak", channel="web", device="phone"))
    for column in columns[:-1]:
        assert listed(browser, brand, f"{column}={column}-a") == 4, column
    assert listed(browser, brand, "branch=vanak&channel=sms&device=phone") == 4
    assert listed(browser, brand, "branch=vanak&channel=sms&channel=web") == 8
    assert listed(browser, brand, "branch=vanak&branch=branch-a") == 12
    assert listed(browser, brand, "branch=vanak&department=department-a") == 0


@pytest.mark.parametrize("place", PAGES)
def test_what_is_chosen_is_a_chip_that_takes_itself_away_and_nothing_else(brand, browser, place):
    keep(brand, sent(branch="vanak", channel="sms", device="phone"))
    keep(brand, sent(branch="karaj", channel="sms"))
    page = browser.get(f"/w/{brand.slug}/{place}?time=quarter&branch=vanak&branch=karaj&device=phone")
    on = re.findall(r'<a class="pv-chip on" href="([^"]+)">([^<]+)<svg', page.content.decode())
    chips = {text: html.unescape(url) for url, text in on}
    assert set(chips) == {"vanak", "karaj", "Device: phone"}
    assert chips["vanak"] == "?time=quarter&against=lastyear&branch=karaj&device=phone"
    assert chips["Device: phone"] == "?time=quarter&against=lastyear&branch=vanak&branch=karaj"
    down = re.findall(r'href="([^"]*answers/\?[^"]*)"', html.unescape(page.content.decode()))
    assert all("branch=vanak&branch=karaj&device=phone" in link or "branch=" in link for link in down)


def test_the_form_carries_what_is_chosen_and_offers_the_rest(brand, browser):
    keep(brand, sent(branch="vanak", channel="sms"))
    keep(brand, sent(branch="karaj", channel="sms"))
    page = html.unescape(browser.get(f"/w/{brand.slug}/?time=quarter&branch=vanak").content.decode())
    form = re.search(r'<form class="pv-narrow".*?</form>', page, re.DOTALL)[0]
    assert '<input type="hidden" name="branch" value="vanak">' in form
    assert '<input type="hidden" name="time" value="quarter">' in form
    branch = re.search(r'<select name="branch".*?</select>', form, re.DOTALL)[0]
    assert re.findall(r'value="([^"]*)"', branch) == ["", "karaj"]
    assert 'name="channel"' in form
    assert 'name="product"' not in form, "of no product there is anything to choose"


def test_every_shared_column_leaves_out_what_is_named_and_keeps_what_has_no_value(brand, browser):
    columns = ("channel", "touchpoint", "stage", "product", "branch", "department", "employee", "device", "language", "source")
    for column in columns:
        keep(brand, sent(**{column: f"{column}-a"}))
    every = listed(browser, brand, "")
    for column in columns:
        assert listed(browser, brand, f"{column}!={column}-a") == every - 4, column
    assert listed(browser, brand, "branch!=branch-a&channel!=channel-a") == every - 8
    assert listed(browser, brand, "branch!=branch-a&branch=branch-a") == 0


@pytest.mark.parametrize("place", PAGES)
def test_what_is_left_out_is_said_by_its_chip_and_reaches_every_link(brand, browser, place):
    for branch in ("vanak", "karaj", "tajrish"):
        keep(brand, sent(branch=branch, device="phone" if branch == "vanak" else ""))
    page = html.unescape(browser.get(f"/w/{brand.slug}/{place}?time=quarter&branch!=karaj&device!=tablet&branch!=vanak").content.decode())
    chips = {text: url for url, text in re.findall(r'<a class="pv-chip on" href="([^"]+)">([^<]+)<svg', page)}
    assert set(chips) == {"All but karaj", "All but vanak", "Device: all but tablet"}
    assert chips["All but karaj"] == "?time=quarter&against=lastyear&branch%21=vanak&device%21=tablet"
    assert "leaves out “\u2068tablet\u2069”, which does not exist here; so it leaves nothing out" in page
    assert all("branch%21=karaj&branch%21=vanak" in link for link in re.findall(r'href="([^"]*answers/\?[^"]*)"', page))


def test_the_switch_of_a_column_turns_what_is_chosen_into_all_but_these(brand, browser):
    for branch in ("vanak", "karaj", "tajrish"):
        keep(brand, sent(branch=branch))
    assert listed(browser, brand, "branch=karaj&not=branch") == 8
    assert listed(browser, brand, "branch=karaj&branch=vanak&not=branch") == 4
    assert listed(browser, brand, "branch=karaj&not=channel&not=branch!&not=time") == 4
    page = html.unescape(browser.get(f"/w/{brand.slug}/?time=quarter&branch=karaj&not=branch").content.decode())
    form = re.search(r'<form class="pv-narrow".*?</form>', page, re.DOTALL)[0]
    assert '<input type="hidden" name="branch" value="karaj">' in form, "the switch says the rest, and can be turned off"
    assert re.findall(r'name="not" value="(\w+)" checked', form) == ["branch"]
    assert re.findall(r'value="([^"]*)"', re.search(r'<select name="branch".*?</select>', form, re.DOTALL)[0]) == ["", "tajrish", "vanak"]
    mixed = html.unescape(browser.get(f"/w/{brand.slug}/?time=quarter&branch!=karaj&branch=vanak").content.decode())
    form = re.search(r'<form class="pv-narrow".*?</form>', mixed, re.DOTALL)[0]
    assert '<input type="hidden" name="branch!" value="karaj">' in form
    assert '<input type="hidden" name="branch" value="vanak">' in form
    assert " checked" not in form


def test_amounts_are_written_as_people_count_them(brand, browser):
    for number, amount in enumerate((900_000, 5_000_000, 70_000_000)):
        subject = Subject("order", str(number))
        keep(
            brand, [make_item(kind="order.placed", occurred_at=NOON - dt.timedelta(days=2), subject=subject, amount=amount, currency="IRR")]
        )
        keep(brand, [answer_item(5, measure="csat", days_ago=1, subject=subject, who=f"p{number}")])
    assert listed(browser, brand, "amount_from=500,000&amount_to=&branch=") == 2, "toman, of ten rial each"
    assert listed(browser, brand, "amount_from=۵۰۰٬۰۰۰&amount_to=۱٬۰۰۰٬۰۰۰ تومان") == 1
    page = browser.get(f"/w/{brand.slug}/?time=quarter&amount_from=500,000")
    assert "500,000 toman or more paid" in words(page)
    assert "amount=5000000.." in html.unescape(page.content.decode())
    for wrong, said in (
        ("amount_from=much", "is not an amount of money"),
        ("amount_from=9&amount_to=1", "The smallest amount is larger than the largest one"),
        ("amount=x", "The range of amounts in this address could not be read"),
    ):
        page = browser.get(f"/w/{brand.slug}/?time=quarter&{wrong}")
        assert said in words(page)
        assert listed(browser, brand, wrong) == 3


def test_two_properties_of_other_interactions_are_never_mixed_up(brand, browser):
    for number, late in enumerate((True, False)):
        subject = Subject("order", str(number))
        keep(brand, [make_item(kind="order.delivered", occurred_at=NOON, subject=subject, properties={"late": late})])
        keep(brand, [make_item(kind="call.ended", occurred_at=NOON, subject=subject, properties={"resolved": True})])
        keep(brand, [answer_item(5, measure="csat", days_ago=1, subject=subject)])
    both = "order.delivered:late=true&call.ended:resolved=true"
    assert listed(browser, brand, both) == 1
    assert "narrowed by one property" in words(browser.get(f"/w/{brand.slug}/?time=quarter&{both}"))
    page = browser.get(f"/w/{brand.slug}/pulse/csat/?time=quarter&order.delivered:late=true&by=call.ended:resolved")
    assert "narrowed by one property" in words(page)
    assert listed(browser, brand, "order.delivered:late=true&order.delivered:late=false") == 2


def test_more_filters_than_are_used_are_said(brand, browser):
    keep(brand, sent(branch="vanak"))
    many = "&".join(f"branch=b{n}" for n in range(12))
    said = "At most 12 filters are used at a time; the rest is left out."
    for place in PAGES:
        assert said in words(browser.get(f"/w/{brand.slug}/{place}?time=quarter&{many}&branch=vanak")), place
        assert said not in words(browser.get(f"/w/{brand.slug}/{place}?time=quarter&{many}")), place
    page = browser.get(f"/w/{brand.slug}/insights/compare/?" + many.replace("branch", "a.branch") + "&a.branch=vanak")
    assert said in words(page)


def test_an_earlier_day_is_shown_as_it_was_and_says_so(brand, browser):
    with clock.frozen(NOON - dt.timedelta(days=10)):
        keep(brand, sent(clock.now() - dt.timedelta(days=20), branch="vanak"))
    keep(brand, sent(branch="karaj"))
    earlier = "?time=quarter&as_of=2026-06-05"
    for place in PAGES:
        page = browser.get(f"/w/{brand.slug}/{place}{earlier}")
        assert "This is how it stood at the end of Friday 15 Khordad 1405" in words(page), place
        assert "As of 15 Khor" in words(page)
        assert 'href="?time=quarter&amp;against=lastyear"' in page.content.decode(), "the way back"
        assert "This is how it stood" not in words(browser.get(f"/w/{brand.slug}/{place}?time=quarter"))
    assert "Nobody is waiting" not in words(browser.get(f"/w/{brand.slug}/{earlier}")), "what waits, waits today"
    assert listed(browser, brand, "as_of=1405-03-14") == 0
    assert listed(browser, brand, "as_of=۱۴۰۵/۰۳/۱۵") == 4
    assert listed(browser, brand, "as_of=2026-06-15") == 8
    assert listed(browser, brand, "as_of=2030-01-01") == 8
    page = browser.get(f"/w/{brand.slug}/?as_of=someday")
    assert "“someday” is not a date." in words(page)


def test_an_import_undone_since_is_told_since_it_cannot_be_brought_back(brand, browser):
    keep(brand, sent(branch="vanak"))
    with clock.frozen(NOON - dt.timedelta(days=10)):
        batch = open_batch(workspace=brand, label="orders.csv")
        keep(brand, sent(clock.now(), branch="karaj"), batch=batch.pk)
        one = Import.objects.create(workspace=brand, name="orders.csv", digest="0" * 64, batch=batch, started_at=clock.now())
    undo_batch(batch=batch)
    audit(workspace=brand, actor=None, action="import.undone", target=one)
    with clock.frozen(NOON + dt.timedelta(days=2)):
        assert "1 import that was there then has been undone since" in words(browser.get(f"/w/{brand.slug}/?as_of=2026-06-10"))
        for day in ("2026-06-04", "2026-06-16"):
            assert "undone since" not in words(browser.get(f"/w/{brand.slug}/?as_of={day}")), "before it began, and after it was undone"


def test_who_told_and_the_imported_file_narrow_every_page_and_a_file_can_be_left_out(brand, browser):
    code = "0000000000abc"
    batch = open_batch(workspace=brand, label="spring.csv", code=code)
    keep(brand, sent(source="till"))
    keep(brand, sent(source="survey"))
    keep(brand, sent(branch="vanak", source="till"), batch=batch.pk)
    assert listed(browser, brand, "source=till") == 8
    assert listed(browser, brand, f"source=till&import={code}") == 4
    assert listed(browser, brand, f"source=till&import!={code}") == 4
    assert listed(browser, brand, f"import!={code}") == 8
    for place in PAGES:
        page = html.unescape(browser.get(f"/w/{brand.slug}/{place}?time=quarter&import!={code}&source=survey").content.decode())
        chips = re.findall(r'<a class="pv-chip on" href="([^"]+)">([^<]+)<svg', page)
        assert sorted(text for _url, text in chips) == ["Imported file: all but \u2068spring.csv\u2069, 25 Khordad", "Source: Survey"]
        assert all("import%21=" in link for link in re.findall(r'href="([^"]*answers/\?[^"]*)"', page))
    cut = browser.get(f"/w/{brand.slug}/pulse/csat/?time=quarter&by=import").content.decode()
    assert f"import={code}" in cut
    assert "spring.csv" in cut
