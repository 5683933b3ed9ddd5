"""The chain shows what is known of each place and link, what is not and how to ask, and never takes company for cause."""

import datetime as dt
import html
import re

import pytest

from peyvand.core import clock
from peyvand.desk.tests.conftest import signed_in
from peyvand.desk.tests.test_pulse import finding, words
from peyvand.insights import counting
from peyvand.insights.tests.conftest import NOON, answer_item, keep
from peyvand.timeline.tests.conftest import make_item, make_workspace
from peyvand.workspaces.services import put_member

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _monday():
    counting.forget()
    with clock.frozen(NOON):
        yield


def people(trust=False):
    """Eighty people, half of them happy in all they say; 100 days ago they recommended or not, the happy bought again."""
    for n in range(80):
        who, happy = f"p{n}", n % 2
        yield answer_item(5 if happy else 1, measure="csat", days_ago=5, who=who)
        for days in (5, 120):
            yield answer_item(10 if happy else 2 + n % 3, days_ago=days, who=who)
        if trust:
            yield answer_item(6 if happy else 2, measure="trust", scale=(1, 7), days_ago=5, who=who)
            yield answer_item(5 if happy else 2, measure="rating", kind="review.written", days_ago=4, who=who)
        if happy or n < 8:
            at = NOON - dt.timedelta(days=60)
            yield make_item(kind="order.placed", who=who, occurred_at=at, amount=4_000_000 + n, currency="IRR")


def opened(browser, brand, query="time=quarter"):
    return browser.get(f"/w/{brand.slug}/insights/?{query}")


def test_what_is_known_is_shown_and_what_is_not_says_how_to_ask(brand, browser):
    keep(brand, people())
    said = words(opened(browser, brand))
    assert "Trust Not asked yet Nobody was asked yet how far they trust the brand." in said
    assert "Reputation Not known yet No review is known yet." in said
    assert f'href="/w/{brand.slug}/imports/"' in opened(browser, brand).content.decode()
    assert finding(opened(browser, brand)) == "The strongest link that is known: Satisfaction and NPS go strongly together."
    assert "What goes together need not bring about" in said
    assert "not known yet" in said


def test_people_who_would_recommend_and_those_who_would_not_differ_in_what_they_did(brand, browser):
    keep(brand, people())
    said = words(opened(browser, brand))
    assert "Of happy people 100% bought again within 90 days, of unhappy ones 10%." in said
    assert re.search(r"Happy against unhappy \+90\.0 \( ?\+7\d\.\d to \+9\d\.\d ?\)", said)
    assert "Happy people spent 400,000 toman each in the 90 days afterwards, unhappy ones 40,000 toman." in said
    assert "Bought again within 90 days 55%" in said
    down = re.findall(r'class="pv-key d" href="([^"]+)">Unhappy', html.unescape(opened(browser, brand).content.decode()))
    assert len(down) == 3
    for url in down:
        assert "40 scores, newest first" in words(browser.get(url)), url


def test_with_trust_and_reviews_every_link_of_the_chain_is_there(brand, browser):
    keep(brand, people(trust=True))
    page = opened(browser, brand)
    said = words(page)
    for title in ("Satisfaction and trust", "trust and NPS", "Satisfaction and NPS", "NPS and buying again", "NPS and what is spent"):
        assert title in said, title
    assert "NPS and The mean rating" in said
    assert "Not asked yet" not in said
    assert "not known yet" not in said
    assert "Rating in reviews 3.50" in said


def test_few_people_make_no_link(brand, browser):
    keep(brand, list(people())[:24])
    said = words(opened(browser, brand))
    assert "too few people" in said
    assert "Too few people on one side to conclude from" in said
    assert finding(opened(browser, brand)) == "No link of the chain can be seen beyond noise in this time."


def test_an_earlier_day_and_filters_reach_the_chain(brand, browser):
    keep(brand, people())
    assert "This is how it stood at the end of" in words(opened(browser, brand, "time=quarter&as_of=2026-06-01"))
    narrowed = words(opened(browser, brand, "time=quarter&channel=nope"))
    assert "which does not exist here" in narrowed


def test_what_filters_or_the_time_leave_out_was_asked_all_the_same(brand, browser):
    keep(brand, people(trust=True))
    keep(brand, [answer_item(3, measure="csat", days_ago=5, who="p1", branch="karaj")])
    said = words(opened(browser, brand, "time=quarter&branch=karaj"))
    assert "Perception Satisfaction" in said
    assert said.count("None here There are answers at other times or without these filters.") == 3, "of trust, loyalty and reviews"
    assert "Nobody was asked" not in said
    assert "All purchases of this time: filters are of answers." in said
    assert "All purchases of this time" not in words(opened(browser, brand))


def test_who_may_not_read_answers_finds_no_way_to_them_and_a_new_brand_is_led(brand, browser):
    assert "Here you see what perception brings" in words(opened(browser, brand))
    keep(make_workspace("Twin"), people())
    assert "Here you see what perception brings" in words(opened(browser, brand)), "another brand's answers are no chain of this one"
    keep(brand, people())
    viewer = signed_in(put_member(workspace=brand, email="viewer@example.com", name="Vida", role="viewer").user)
    page = opened(viewer, brand)
    assert page.status_code == 200
    assert "/imports/" not in re.search(r"<main.*</main>", page.content.decode(), re.DOTALL)[0]
