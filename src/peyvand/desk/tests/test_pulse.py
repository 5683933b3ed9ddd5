"""Pulse says one true thing first, leads a new brand to its first answers, and every figure opens down to the person."""

import datetime as dt
import html
import json
import re

import msgspec
import pytest
from django.urls import set_script_prefix

from peyvand.cases.models import Case
from peyvand.cases.services.reacting import plan
from peyvand.catalogue.models import Term
from peyvand.catalogue.services import merge_terms
from peyvand.core import clock
from peyvand.customers.queries import lifetime
from peyvand.customers.tests.telling import follow
from peyvand.desk.tests.conftest import signed_in
from peyvand.insights import counting
from peyvand.insights.tests.conftest import NOON, answer_item, keep
from peyvand.timeline.models import Interaction
from peyvand.timeline.reading import Page, read_ids
from peyvand.timeline.tests.conftest import make_item, make_workspace
from peyvand.timeline.types import PerceptionIn, Subject
from peyvand.workspaces.services import create_owner, create_role, put_member
from peyvand.workspaces.types import Permission

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _monday():
    counting.forget()
    with clock.frozen(NOON):
        yield
    set_script_prefix("/")


def words(response, part="main"):
    """What a person reads in the main part of a page, without charts and tables of theirs."""
    assert response.status_code == 200, response.status_code
    found = re.search(rf"<{part}.*?</{part}>", response.content.decode(), re.DOTALL)
    text = re.sub(r"<script.*?</script>|<[^>]+>", " ", found[0], flags=re.DOTALL)
    return " ".join(html.unescape(text).split())


def finding(response):
    found = re.search(r'<(?:p|h1) class="pv-finding">.*?</(?:p|h1)>', response.content.decode(), re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", found[0])).split())


def satisfied(days_ago, happy, count, **fields):
    """`count` answers of CSAT, `happy` of each ten satisfied."""
    for n in range(count):
        yield answer_item(5 if n % 10 < happy else 1, measure="csat", days_ago=days_ago + n % 10, who=f"{days_ago}-{n}", **fields)


def test_a_new_brand_is_led_to_its_first_answers(brand, browser):
    page = browser.get(f"/w/{brand.slug}/")
    assert "Nobody has been heard yet." in finding(page)
    assert "Import a file" in words(page)
    assert f'href="/w/{brand.slug}/imports/"' in page.content.decode()


def test_few_answers_are_called_few(brand, browser):
    keep(brand, satisfied(1, 7, 12))
    page = browser.get(f"/w/{brand.slug}/?time=quarter&against=previous")
    assert finding(page) == "12 people answered in the last 90 days. That is too few to conclude from."
    assert "Too few answers to conclude from" in words(page)


def test_where_nothing_changed_nothing_is_claimed(brand, browser):
    keep(brand, [*satisfied(95, 7, 200), *satisfied(1, 7, 200)])
    page = browser.get(f"/w/{brand.slug}/?time=quarter&against=previous")
    assert finding(page) == "200 people answered in the last 90 days. Nothing changed beyond noise against the 90 days before."


def test_a_drop_is_the_headline_with_where_it_comes_from(brand, browser):
    keep(
        brand,
        [
            *satisfied(95, 9, 150, touchpoint="delivery", branch="karaj", channel="sms"),
            *satisfied(95, 9, 150, touchpoint="delivery", branch="vanak", channel="sms"),
            *satisfied(1, 9, 150, touchpoint="delivery", branch="vanak", channel="sms"),
            *satisfied(2, 3, 150, touchpoint="delivery", branch="karaj", channel="sms"),
        ],
    )
    page = browser.get(f"/w/{brand.slug}/?time=quarter&against=previous")
    assert finding(page) == "300 people answered in the last 90 days. Satisfaction with “karaj” is 60 points lower than the 90 days before."
    assert "Mostly from “karaj”" in words(page)
    assert "Satisfaction with “karaj”: 30% in the last 90 days, 90% the 90 days before" in words(page)
    assert 'class="turn bad"' in page.content.decode()


def test_everything_at_once_is_compared_with_nothing(brand, browser):
    keep(brand, satisfied(400, 8, 60))
    page = browser.get(f"/w/{brand.slug}/?time=all")
    assert finding(page) == "60 people answered so far. Satisfaction is 80%."
    assert "Everything at once has no before" in words(page)


def test_the_sentence_speaks_of_what_most_answered(brand, browser):
    keep(brand, satisfied(400, 8, 60))
    keep(brand, [answer_item(9, measure="nps", days_ago=2, who="negar")])
    page = browser.get(f"/w/{brand.slug}/?time=all")
    assert finding(page) == "61 people answered so far. Satisfaction is 80%."


def test_few_answers_make_no_finding_on_the_page_of_a_figure(brand, browser):
    keep(brand, satisfied(3, 8, 4))
    shown = browser.get(f"/w/{brand.slug}/pulse/csat/?time=all").content.decode()
    assert "The answers one by one" in shown
    assert "4 answers each" in shown
    assert "Most gave" not in shown


def test_persian_readers_read_persian(brand):
    keep(brand, [*satisfied(95, 9, 100, branch="karaj"), *satisfied(1, 4, 100, branch="karaj")])
    user = create_owner(workspace=brand, email="sara@example.com", password="x").user
    page = signed_in(user, "fa").get(f"/w/{brand.slug}/?time=quarter&against=previous")
    assert finding(page) == "در ۹۰ روز گذشته ۱۰۰ نفر نظر دادند. رضایت ۵۰ امتیاز کمتر از ۹۰ روز پیش از آن است."


def test_invitations_and_freshness_stand_below_the_finding(brand, browser):
    before = NOON - dt.timedelta(days=2)
    asked = [make_item(kind="survey.sent", who=f"p{n}", occurred_at=before, subject=Subject("order", str(n))) for n in range(4)]
    reply = answer_item(9, kind="survey.answered", who="p1", days_ago=1, subject=Subject("order", "1"))
    keep(brand, [*asked, reply])
    said = words(browser.get(f"/w/{brand.slug}/?time=quarter"))
    assert "25% of 4 invitations were answered. Too few invitations to conclude from. Up to date at 13:00" in said


def test_the_share_of_answered_invitations_has_its_interval(brand, browser):
    before = NOON - dt.timedelta(days=2)
    asked = [make_item(kind="survey.sent", who=f"p{n}", occurred_at=before, subject=Subject("order", str(n))) for n in range(40)]
    replies = [answer_item(9, kind="survey.answered", who=f"p{n}", days_ago=1, subject=Subject("order", str(n))) for n in range(10)]
    keep(brand, [*asked, *replies])
    said = words(browser.get(f"/w/{brand.slug}/?time=quarter"))
    assert "25% (14% to 40%) of 40 invitations were answered. Up to date" in said


def test_a_figure_opens_down_to_the_person_who_said_it(brand, browser):
    item = answer_item(2, measure="csat", who="bob", days_ago=1, branch="karaj", text="Nobody called me back.")
    item.customer.name = "Bob Parsa"
    keep(brand, [item, *satisfied(2, 9, 40, branch="vanak")])
    home = browser.get(f"/w/{brand.slug}/?time=quarter").content.decode()
    assert f'href="/w/{brand.slug}/pulse/csat/?time=quarter' in html.unescape(home)
    figure = browser.get(f"/w/{brand.slug}/pulse/csat/?time=quarter&by=branch")
    assert "karaj" in words(figure)
    down = html.unescape(figure.content.decode())
    link = re.search(r'href="([^"]*/answers/\?[^"]*branch=karaj[^"]*)"', down)[1]
    said = words(browser.get(link))
    assert "Bob Parsa" in said
    assert "Nobody called me back." in said
    assert "1 score, newest first" in said


def chart(page, place):
    """What the browser draws a chart from."""
    found = re.search(rf'<script id="spec-{place}" type="application/json">(.*?)</script>', page.content.decode(), re.DOTALL)
    return json.loads(found[1])


def test_every_point_of_a_trend_and_every_bar_opens_the_answers_it_stands_on(brand, browser):
    keep(brand, [*satisfied(1, 7, 40, branch="vanak"), *satisfied(30, 7, 20, branch="vanak"), *satisfied(1, 7, 10, branch="karaj")])
    figure = browser.get(f"/w/{brand.slug}/pulse/csat/?time=quarter&branch=vanak")
    for place in ("trend", "distribution"):
        drawn = chart(figure, place)["series"][0]
        opened = [(n, href) for n, href in zip(drawn["n"], drawn["href"], strict=True) if n]
        assert len(opened) > 1
        for n, href in opened:
            assert f"{n} score{'s' if n > 1 else ''}, newest first" in words(browser.get(href)), href
        assert all(href is None for n, href in zip(drawn["n"], drawn["href"], strict=True) if not n)
    rows = re.findall(r'<th scope="row">\s*<a href="([^"]+)">', figure.content.decode())
    assert {html.unescape(row) for row in rows} >= {href for _n, href in opened}


def test_the_parts_of_a_figure_open_their_own_answers(brand, browser):
    keep(brand, satisfied(1, 7, 40))
    page = html.unescape(browser.get(f"/w/{brand.slug}/pulse/csat/?time=quarter").content.decode())
    assert "1 score, newest first" not in page
    link = re.search(r'<a class="pv-key d" href="([^"]+)">', page)[1]
    assert "12 scores, newest first" in words(browser.get(link))


def test_the_page_of_a_figure_begins_with_its_finding(brand, browser):
    keep(brand, [*satisfied(95, 9, 100), *satisfied(1, 4, 100)])
    page = browser.get(f"/w/{brand.slug}/pulse/csat/?time=quarter&against=previous")
    assert finding(page) == "Satisfaction is 40% in the last 90 days, 50 points lower than the 90 days before."
    same = browser.get(f"/w/{brand.slug}/pulse/csat/?time=all")
    assert finding(same) == "Satisfaction is 65% so far."


def test_the_people_of_the_headline_are_one_click_away(brand, browser):
    keep(brand, satisfied(1, 7, 40, branch="vanak"))
    page = html.unescape(browser.get(f"/w/{brand.slug}/?time=quarter&branch=vanak").content.decode())
    link = re.search(r'<a class="pv-calm" href="([^"]+)">40 people', page)[1]
    assert "branch=vanak" in link
    assert "since=2026-03-18&until=2026-06-15" in link
    assert browser.get(link).status_code == 200


@pytest.mark.parametrize("query", ["product=chair", "branch!=karaj", "branch=vanak&branch=rasht", "branch=vanak&as_of=2026-06-16"])
def test_where_the_list_of_answers_cannot_take_a_filter_the_people_lead_to_the_answers_of_the_lead_measure(brand, browser, query):
    keep(brand, [*satisfied(2, 7, 40, branch="vanak", product="chair"), *satisfied(1, 7, 10, branch="karaj")])
    with clock.frozen(NOON + dt.timedelta(days=3)):
        page = html.unescape(browser.get(f"/w/{brand.slug}/?time=quarter&{query}").content.decode())
        link = re.search(r'<a class="pv-calm" href="([^"]+)">40 people', page)[1]
        assert link.startswith(f"/w/{brand.slug}/pulse/csat/answers/")
        assert "40 scores, newest first" in words(browser.get(link))


def test_who_may_not_read_answers_is_led_to_none(brand, browser):
    keep(brand, satisfied(1, 7, 40, branch="vanak", product="chair"))
    owner = brand.members.get().user
    role = create_role(workspace=brand, names={"en": "Looks"}, permissions={Permission.PULSE_READ}, actor=owner)
    looks = signed_in(put_member(workspace=brand, email="looks@example.com", name="Lida", role=role).user)
    for query in ("branch=vanak", "product=chair"):
        page = looks.get(f"/w/{brand.slug}/?time=quarter&{query}")
        assert "40 people answered" in finding(page)
        assert page.context["people_url"] == ""


WHOLE = "Of the whole brand: filters are of answers."


@pytest.fixture
def unhappy(brand):
    """A case in each of two branches."""
    told = ((f"0912000000{n}", branch) for n, branch in enumerate(("karaj", "vanak")))
    keep(brand, [answer_item(2, who=who, branch=branch, channel="sms", text=f"Words of {branch}.") for who, branch in told])
    plan(Page(read_ids(list(Interaction.objects.values_list("id", flat=True)))))()
    Case.objects.update(owner=None)


def test_what_needs_a_person_is_of_the_branch_that_the_page_is_narrowed_to(brand, browser, unhappy):
    page = browser.get(f"/w/{brand.slug}/?time=quarter&branch=karaj")
    assert "Words of karaj." in words(page)
    assert "Words of vanak." not in words(page)
    assert WHOLE not in words(page)
    assert "1 case without an owner" in words(page)
    assert page.context["tasks"] == 1
    for url in (page.context["tasks_url"], next(need.url for need in page.context["needs"] if "view=unowned" in need.url)):
        assert [row.case.words for row, _url in browser.get(url).context["rows"]] == ["Words of karaj."]


def test_cases_of_a_name_that_was_merged_are_of_the_branch(brand, browser, unhappy):
    karaj, vanak = (Term.objects.get(workspace=brand, dimension="branch", code=code) for code in ("karaj", "vanak"))
    merge_terms(keep=karaj, away=vanak, actor=None)
    page = browser.get(f"/w/{brand.slug}/?time=quarter&branch=vanak")
    assert "2 cases without an owner" in words(page)
    assert len(browser.get(page.context["tasks_url"]).context["rows"]) == page.context["tasks"] == 2


@pytest.mark.parametrize("query", ["channel=sms", "branch=karaj&channel=sms", "branch!=karaj", "branch=nobody"])
def test_what_cannot_be_narrowed_says_that_it_is_of_the_whole_brand(brand, browser, unhappy, query):
    said = words(browser.get(f"/w/{brand.slug}/?time=quarter&{query}"))
    assert "Words of karaj." in said
    assert "Words of vanak." in said
    assert WHOLE in said


def test_the_lifetime_says_that_no_filter_narrows_it(brand, browser, unhappy):
    follow()
    lifetime.forget()
    for query, told in (("", 0), ("&branch=karaj", 1), ("&channel=sms", 2)):
        said = words(browser.get(f"/w/{brand.slug}/?time=quarter{query}"))
        assert "Lifetime of the relationship" in said
        assert said.count(WHOLE) == told, query


def test_a_cut_by_a_delivery_shows_the_figure_of_all_that_were_delivered(brand, browser):
    items = []
    for n in range(40):
        subject = Subject("order", str(n))
        items.append(
            make_item(kind="order.delivered", occurred_at=NOON - dt.timedelta(days=3), subject=subject, properties={"late": n < 10})
        )
        items.append(answer_item(2 if n < 10 else 5, measure="rating", days_ago=1, subject=subject))
    keep(brand, [*items, answer_item(1, measure="rating", days_ago=1, subject=Subject("order", "never delivered"))])
    page = browser.get(f"/w/{brand.slug}/pulse/rating/?time=quarter&by=order.delivered:late")
    assert re.search(r"late \d+ .*?2\.00", words(page))
    assert re.search(r"All of these .*?4\.25", words(page))
    link = re.search(r'href="([^"]*)">All of these', html.unescape(page.content.decode()))[1]
    down = browser.get(link)
    assert "40 scores" in words(down)
    assert "Late delivery: any" in words(down)


def test_two_groups_of_a_cut_are_compared_with_each_other(brand, browser):
    keep(brand, satisfied(3, 8, 60, channel="sms"))
    keep(brand, satisfied(4, 2, 60, channel="web"))
    keep(brand, satisfied(5, 2, 40, channel="email"))
    page = browser.get(f"/w/{brand.slug}/pulse/csat/?time=quarter&by=channel")
    assert "Compare the two" in words(page)
    assert "Difference" not in words(page)
    page = browser.get(f"/w/{brand.slug}/pulse/csat/?time=quarter&by=channel&one=web&other=sms")
    assert re.search(r"is 60 points lower than “SMS”", words(page))
    assert re.search(r"Difference −60\.0 Standard error 7\.3 95% interval −7\d\.\d to −4\d\.\d p below 0\.001", words(page))
    same = browser.get(f"/w/{brand.slug}/pulse/csat/?time=quarter&by=channel&one=web&other=email")
    assert "do not differ beyond noise" in words(same)
    assert "Difference" not in words(browser.get(f"/w/{brand.slug}/pulse/csat/?time=quarter&by=channel&one=nope&other=sms"))


def test_a_filter_whose_code_nothing_bears_is_told_and_not_shown_as_nothing(brand, browser):
    keep(brand, satisfied(3, 8, 60, channel="sms"))
    for path in ("", "pulse/csat/"):
        page = browser.get(f"/w/{brand.slug}/{path}?time=quarter&channel=nope")
        assert re.search("The filter “Channel” names “.?nope.?”, which does not exist here", words(page)), path
        assert "does not exist here" not in words(browser.get(f"/w/{brand.slug}/{path}?time=quarter&channel=sms"))


def test_bands_and_pages_of_answers_hold_together(brand, browser):
    keep(brand, [answer_item(n % 11, days_ago=1, who=f"p{n}") for n in range(110)])
    address, seen = f"/w/{brand.slug}/pulse/nps/answers/?time=quarter&band=bad", 0
    for _ in range(9):
        body = html.unescape(browser.get(address).content.decode())
        seen += len(re.findall(r'class="pv-score', body))
        following = re.search(r'href="(\?[^"]+)"\s+rel="next"', body)
        if following is None:
            break
        address = f"/w/{brand.slug}/pulse/nps/answers/{following[1]}"
    assert seen == 70


def test_a_scale_without_end_costs_its_bands_nothing_and_scores_between_its_points_are_found(brand, browser):
    """Whoever may send a score says what its scale is: listing the points of this one would fill all memory."""
    scored = [PerceptionIn(measure="trust", value=value, scale=(0, 1e300), text=f"{value}") for value in (1.3, 5e299, 9e299)]
    keep(brand, [msgspec.structs.replace(answer_item(0, days_ago=1, who=f"p{n}"), perceptions=[one]) for n, one in enumerate(scored)])
    for band, value in (("bad", 1.3), ("mixed", 5e299), ("good", 9e299)):
        body = browser.get(f"/w/{brand.slug}/pulse/trust/answers/?time=quarter&band={band}").content.decode()
        assert [f"{one.value}" in body for one in scored] == [one.value == value for one in scored]


@pytest.mark.parametrize(
    "query",
    [
        "?time=nonsense&against=x&by=y", "?branch=nobody", "?since=2026-13-40&until=x", "?after=abc.def", "?after=1.2.3", "?band=worst",
        "?order.delivered:late=true&by=order.delivered:late", "?channel=%00", "?by=kind:x'y", f"?branch={'x' * 5000}", "?time=all&by=month",
        "?since=0001-01-01&until=9999-12-31", "?since=2026-01-01&until=9999-12-31", "?point=²", "?point=9999999999999999999",
        "?after=².²", f"?after={'9' * 19}.{'9' * 19}",
    ],
)  # fmt: skip
def test_addresses_that_make_no_sense_show_a_page_all_the_same(brand, browser, query):
    keep(brand, satisfied(1, 7, 5))
    for place in ("", "pulse/csat/", "pulse/csat/answers/"):
        assert browser.get(f"/w/{brand.slug}/{place}{query}").status_code == 200


def test_a_measure_nobody_was_asked_is_no_page(brand, browser):
    keep(brand, satisfied(1, 7, 5))
    assert browser.get(f"/w/{brand.slug}/pulse/joy/").status_code == 404
    assert browser.get(f"/w/{brand.slug}/pulse/joy/answers/").status_code == 404


@pytest.mark.parametrize(("language", "label"), [("en", "Net promoters (NPS)"), ("fa", "شاخص خالص ترویج‌کنندگان (NPS)")])
@pytest.mark.parametrize("place", ["pulse/nps/", "pulse/nps/answers/"])
def test_a_figure_before_its_first_answer_leads_to_one(brand, place, language, label):
    browser = signed_in(create_owner(workspace=brand, email="alice@example.com", password="x", name="Alice").user, language)
    for answers in ([], satisfied(1, 7, 5)):  # of nothing, then of another measure
        keep(brand, answers)
        page = browser.get(f"/w/{brand.slug}/{place}")
        assert label in words(page)
        assert f"/w/{brand.slug}/surveys/" in page.content.decode()


def test_a_viewer_sees_answers_but_no_way_to_the_person(brand):
    item = answer_item(2, who="bob", days_ago=1)
    item.customer.name = "Bob Parsa"
    keep(brand, [item])
    member = put_member(workspace=brand, email="viewer@example.com", name="Vida", role="viewer")
    page = signed_in(member.user).get(f"/w/{brand.slug}/pulse/nps/answers/?time=quarter")
    assert "Bob Parsa" in words(page)
    assert "/customers/" not in re.search(r"<main.*</main>", page.content.decode(), re.DOTALL)[0]


def test_who_sees_no_cases_is_not_told_that_nobody_waits(brand, browser):
    keep(brand, satisfied(1, 8, 40))
    member = put_member(workspace=brand, email="viewer@example.com", name="Vida", role="viewer")
    home = f"/w/{brand.slug}/"
    assert "Nobody is waiting" in words(browser.get(home))
    assert "Nobody is waiting" not in words(signed_in(member.user).get(home))


def test_another_brands_answers_are_never_shown(brand, browser):
    other = make_workspace("Twin")
    keep(other, satisfied(1, 2, 50))
    assert "Nobody has been heard yet." in finding(browser.get(f"/w/{brand.slug}/"))
    assert browser.get(f"/w/{other.slug}/").status_code == 404


def test_pulse_asks_the_records_a_bounded_number_of_things(brand, browser, django_assert_max_num_queries):
    keep(brand, [item for n in range(8) for item in (*satisfied(95, 9, 40, branch=f"b{n}"), *satisfied(1, 5, 40, branch=f"b{n}"))])
    address = f"/w/{brand.slug}/?time=quarter&against=previous"
    browser.get(address)
    with django_assert_max_num_queries(60):
        browser.get(address)
