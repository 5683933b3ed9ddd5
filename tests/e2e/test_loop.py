"""The loop, once around: orders come in, customers are asked, an unhappy one is called, and the change shows."""

import datetime as dt
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.running import prepared
from tests.e2e.shop import CLOSES, NEGAR, OMID, OPENS, SARA, Shop, link_in, opened

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WORDS = "فنجان شکسته رسید و کسی خبر نداد."
WHAT_WAS_DONE = "عذر خواستیم؛ فنجان تازه در راه است."


@pytest.fixture(scope="module")
def shop(tmp_path_factory, browser, mail_server) -> Iterator[Shop]:
    """A shop whose three customers have just got their orders and are being asked."""
    folder = tmp_path_factory.mktemp("loop")
    with opened(folder, prepared(folder), browser, mail_server) as shop:
        yield shop


def test_an_unhappy_customer_is_called_and_the_change_of_the_score_shows(shop):
    link = link_in(shop.mails(NEGAR)[0])
    with shop.phone() as phone:
        answer(phone, link, score=2, words=WORDS)
        send_once_more(shop, phone, link)
    shop.until(shop.agent, "/w/narenj/follow-up/", lambda page: expect(page.get_by_text(NEGAR.name).first).to_be_visible(timeout=1_000))
    assert_the_deadline_counts_working_hours(shop)
    case = call_and_close(shop.agent)
    with shop.phone() as phone:
        answer(phone, link_in(shop.mails(NEGAR, 2)[1]), score=9, words="")
    shop.until(shop.agent, case, assert_the_score_turned)
    shop.until(shop.owner, "/w/narenj/", assert_pulse_shows_both_answers)
    assert_the_figure_opens_down_to_the_person(shop.owner)


def answer(phone: Page, link: str, *, score: int, words: str) -> None:
    """Answer a survey with a thumb: a score, a reason, words."""
    phone.goto(link)
    expect(phone.locator("html")).to_have_attribute("dir", "rtl")
    expect(phone.locator("html")).to_have_attribute("lang", "fa")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    phone.locator(".pv-scale label").nth(score).click()
    phone.locator("button[type=submit]").click()
    phone.wait_for_url("**/why/")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    phone.locator(".reasons label").first.click()
    phone.locator("[name=words]").fill(words)
    phone.locator("button[type=submit]").click()
    phone.wait_for_url("**/thanks/")


def send_once_more(shop: Shop, phone: Page, link: str) -> None:
    """Whatever a nervous thumb repeats changes nothing: the answer stands once, as it was sent."""
    before = shop.recorded()
    for address, said in ((f"{link}why/", {"words": "دوباره"}), (link, {"score": "10"}), (f"{link}why/", {})):
        repeated = phone.request.post(address, form=said)
        assert repeated.ok
        assert repeated.url.endswith("/thanks/")
    assert shop.recorded() == before
    assert shop.read("SELECT score, words FROM surveys_response") == [(2, WORDS)]


def assert_the_deadline_counts_working_hours(shop: Shop) -> None:
    [(opened_at, due_at, hours)] = shop.read(
        "SELECT c.opened_at, c.due_at, p.contact_hours FROM cases_case c JOIN cases_casepolicy p USING (workspace_id)"
    )
    began, due = (dt.datetime.fromisoformat(at).replace(tzinfo=dt.UTC).astimezone(shop.zone) for at in (opened_at, due_at))
    left, at = dt.timedelta(hours=hours), began
    while (end := at.replace(hour=CLOSES, minute=0, second=0, microsecond=0)) - at < left:
        left -= max(end - at, dt.timedelta(0))
        at = (at + dt.timedelta(days=1)).replace(hour=OPENS, minute=0, second=0, microsecond=0)
    assert abs(due - (at + left)) < dt.timedelta(seconds=1)
    assert shop.read("SELECT kind FROM tasks_task WHERE done_at IS NULL") == [("call",)]


def call_and_close(agent: Page) -> str:
    """The agent calls, notes what came of it, and closes the case as solved; returns the address of the case."""
    expect(agent.locator(".list tr[aria-selected=true]")).to_contain_text(NEGAR.name)
    expect(agent.locator(".case .pv-said")).to_contain_text(WORDS)
    expect(agent.locator(".case .call a[href^='tel:']")).to_have_attribute("href", "tel:+989120000012")
    agent.locator("#do-contact [name=contact-text]").fill(WHAT_WAS_DONE)
    agent.locator("#do-contact button[type=submit]").click()
    agent.locator("#do-close [name=close-outcome][value=solved]").check(force=True)
    agent.locator("#do-close button[type=submit]").click()
    expect(agent.get_by_text(WHAT_WAS_DONE).first).to_be_visible()
    return agent.url


def assert_the_score_turned(page: Page) -> None:
    turned = page.locator(".case .turned .pv-score")
    expect(turned).to_have_text(["۲", "۹"], timeout=1_000)


def assert_pulse_shows_both_answers(page: Page) -> None:
    figure = page.locator(".pv-figure", has_text="NPS")
    expect(figure).to_contain_text("۲ پاسخ", timeout=1_000)


def assert_the_figure_opens_down_to_the_person(page: Page) -> None:
    page.locator(".pv-figure", has_text="NPS").locator("h2 a").click()
    page.get_by_role("link", name="دیدن پاسخ‌ها").click()
    expect(page.locator(".pv-list li")).to_have_count(2)
    expect(page.locator(".pv-list")).to_contain_text(WORDS)
    page.locator(".pv-list a", has_text=NEGAR.name).first.click()
    expect(page.locator(".person")).to_contain_text(NEGAR.name)
    expect(page.locator(".person")).to_contain_text(WORDS)


def test_opening_a_link_records_nothing(shop):
    [mail] = shop.mails(SARA)
    link = link_in(mail)
    stop = mail["List-Unsubscribe"].strip("<>")
    with shop.phone() as phone:
        before = shop.recorded()
        for address in (link, f"{link}?score=3", f"{link}why/", f"{link}thanks/", stop):
            for method in ("GET", "HEAD"):
                assert phone.request.fetch(address, method=method).ok
        phone.goto(f"{link}?score=3")
        expect(phone.locator("[name=score][value='3']")).to_be_checked()
    assert shop.recorded() == before


def test_back_works_after_nothing_was_chosen_and_the_answer_stands_once(shop):
    link = link_in(shop.mails(SARA)[0])
    with shop.phone() as phone:
        phone.goto(link)
        phone.locator("button[type=submit]").click()
        expect(phone.get_by_role("alert")).to_be_visible()
        phone.locator(".pv-scale label").nth(7).click()
        phone.locator("button[type=submit]").click()
        phone.wait_for_url("**/why/")
        for _page in ("asked again", "asked first"):
            phone.go_back()
            expect(phone.locator("[name=score][value='7']")).to_be_checked()
            expect(phone.get_by_role("alert")).to_have_count(0)
        phone.locator("button[type=submit]").click()
        phone.wait_for_url("**/why/")
    assert shop.read("SELECT score FROM surveys_response WHERE score = 7") == [(7,)]


def test_one_click_stops_surveys_and_closes_the_link(shop):
    [mail] = shop.mails(OMID)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    with shop.phone() as phone:
        for _repeated in range(2):
            stopped = phone.request.post(mail["List-Unsubscribe"].strip("<>"), form={"List-Unsubscribe": "One-Click"})
            assert stopped.ok
        assert phone.request.get(link_in(mail)).status == 410
    declined = shop.read("SELECT count(*) FROM surveys_invitation WHERE state = 'declined'")
    assert declined == [(1,)]
    told = shop.read(
        "SELECT c.granted FROM customers_consent c JOIN identities_identity i ON i.customer_id = c.customer_id"
        " WHERE i.value = ? AND c.purpose = 'survey' ORDER BY c.id DESC",
        OMID.email,
    )
    assert told[0] == (0,)
