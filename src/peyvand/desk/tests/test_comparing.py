"""Two sides are chosen freely, told apart honestly, opened down to their answers, and saved as a file that is noted."""

import csv
import html
import io
import re

import pytest

from peyvand.core import clock
from peyvand.desk.tests.conftest import signed_in
from peyvand.desk.tests.test_pulse import finding, words
from peyvand.insights import counting
from peyvand.insights.tests.conftest import NOON, answer_item, keep
from peyvand.timeline.tests.conftest import make_workspace
from peyvand.workspaces.models import AuditEntry
from peyvand.workspaces.services import create_owner, put_member

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "insights/compare/"


@pytest.fixture(autouse=True)
def _monday():
    counting.forget()
    with clock.frozen(NOON):
        yield


def given(happy, n, days_ago=1, **fields):
    for number in range(n):
        yield answer_item(5 if number < happy else 1, measure="csat", days_ago=days_ago, who=f"{days_ago}-{fields}-{number}", **fields)


def opened(browser, brand, query=""):
    return browser.get(f"/w/{brand.slug}/{PAGE}?{query}")


def test_without_a_word_the_last_ninety_days_stand_against_those_before(brand, browser):
    keep(brand, [*given(80, 100), *given(30, 60, days_ago=100)])
    page = opened(browser, brand)
    assert finding(page) == "Satisfaction is 30 points higher in A than in B."
    said = words(page)
    assert "A is surely 30 points higher than B." in said
    assert re.search(r"Difference \+30\.0 \+1\d\.\d to \+4\d\.\d", said)
    counts = re.findall(r'href="([^"]*pulse/csat/answers/[^"]*)">\s*(\d+) answers', html.unescape(page.content.decode()))
    assert [count for _url, count in counts] == ["100", "60"]
    for url, count in counts:
        assert f"{count} scores, newest first" in words(browser.get(url))


def test_any_group_and_any_days_stand_against_any_others(brand, browser):
    keep(brand, [*given(80, 100, branch="vanak", channel="sms"), *given(20, 50, branch="karaj", channel="sms"), *given(9, 40, days_ago=60)])
    page = opened(browser, brand, "a.time=quarter&a.branch=karaj&a.channel=sms&b.time=quarter&b.branch=vanak")
    assert finding(page) == "Satisfaction is 40 points lower in A than in B."
    said = words(page)
    assert "Last 90 days · karaj · SMS" in said
    chip = re.search(r'<a class="pv-chip on" href="([^"]+)">karaj<', page.content.decode())[1]
    assert html.unescape(chip) == "?a.time=quarter&a.channel=sms&b.time=quarter&b.branch=vanak"
    days = opened(browser, brand, "a.since=2026-06-01&a.until=1405/03/24&b.since=۱۴۰۵/۰۱/۲۰&b.until=2026-04-20")
    counts = re.findall(r">\s*(\d+) answers", html.unescape(days.content.decode()))
    assert counts[:2] == ["150", "40"]
    assert "days of your own" in words(days).lower()


def test_a_branch_stands_against_all_but_it(brand, browser):
    keep(brand, [*given(80, 100, branch="vanak"), *given(20, 50, branch="karaj"), *given(10, 25)])
    for other in ("b.branch!=vanak", "b.branch=vanak&b.not=branch"):
        page = opened(browser, brand, f"a.time=quarter&a.branch=vanak&b.time=quarter&{other}")
        assert finding(page) == "Satisfaction is 40 points higher in A than in B."
        assert "Last 90 days · All but vanak" in words(page)
        assert re.findall(r">\s*(\d+) answers", html.unescape(page.content.decode()))[:2] == ["100", "75"]
        assert re.findall(r'name="(\w\.not)" value="(\w+)" checked', page.content.decode()) == [("b.not", "branch")]


def test_sides_that_share_answers_are_not_judged(brand, browser):
    keep(brand, [*given(80, 100, branch="vanak"), *given(20, 50, branch="karaj")])
    page = opened(browser, brand, "a.time=quarter&b.time=quarter&b.branch=karaj")
    assert finding(page) == "The two sides overlap, so no difference can be judged."
    assert "50 answers stand on both sides" in words(page)


def test_few_answers_are_called_few(brand, browser):
    keep(brand, [*given(9, 10), *given(1, 60, days_ago=100)])
    assert "Too few answers to conclude from: 10 and 60." in words(opened(browser, brand))
    assert finding(opened(browser, brand)) == "No figure differs beyond noise between A and B."


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("a.time=all&b.time=previous", "choose a length of time for the first side"),
        ("a.since=someday", "“someday” is not a date."),
        ("a.since=2026-06-05&a.until=2026-06-01", "The last day of a side lies before its first"),
        ("b.amount_from=much", "is not an amount of money"),
        ("a.order.delivered:late=true&a.call.ended:resolved=true", "narrowed by one property"),
        ("a.branch=nowhere", "which does not exist here"),
        ("as_of=2026-06-10", "This is how it stood at the end of"),
    ],
)
def test_what_cannot_be_understood_is_said_and_the_page_stands(brand, browser, query, said):
    keep(brand, given(5, 40))
    assert said in words(opened(browser, brand, query))


@pytest.mark.parametrize(
    "query", ["a.time=x&b.time=%00", f"a.branch={'x' * 5000}", "a.amount=9..1&b.amount=x", "b.since=0001-01-01", "a.until=2200-12-31"]
)
def test_addresses_that_make_no_sense_show_a_page_all_the_same(brand, browser, query):
    keep(brand, given(5, 40))
    assert opened(browser, brand, query).status_code == 200


def test_a_file_has_every_figure_runs_no_formula_and_is_noted(brand, browser):
    keep(brand, [*given(80, 100, branch="=1+1"), *given(20, 50, branch="karaj")])
    query = "a.time=quarter&a.branch=%3D1%2B1&b.time=quarter&b.branch=karaj"
    link = html.unescape(re.search(r'href="([^"]*compare/export/[^"]*)"', opened(browser, brand, query).content.decode())[1])
    response = browser.get(link)
    assert response["Content-Disposition"].endswith('.csv"')
    (row,) = csv.DictReader(io.StringIO(response.content.decode().removeprefix("\ufeff")))
    assert (row["measure"], row["a_n"], row["b_n"], row["difference"], row["beyond_noise"]) == ("csat", "100", "50", "40.0", "yes")
    assert not row["a"].startswith("=")
    entry = AuditEntry.objects.get(action="comparison.exported")
    assert (entry.workspace, entry.detail["narrowed"][1]) == (brand, "Last 90 days · karaj")
    viewer = signed_in(put_member(workspace=brand, email="viewer@example.com", name="Vida", role="viewer").user)
    assert "compare/export" not in opened(viewer, brand, query).content.decode()
    assert viewer.get(link).status_code == 403


def test_another_brand_is_never_compared(brand, browser):
    keep(make_workspace("Twin"), given(5, 40))
    assert "Nothing to compare yet" in words(opened(browser, brand))


def test_persian_readers_read_persian(brand):
    keep(brand, [*given(80, 100), *given(30, 60, days_ago=100)])
    reader = signed_in(create_owner(workspace=brand, email="sara@example.com", password="x").user, "fa")
    assert finding(opened(reader, brand)) == "رضایت در «الف» ۳۰ امتیاز بیشتر از «ب» است."
