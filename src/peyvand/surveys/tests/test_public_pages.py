"""The customer's pages: reading them records nothing, they work without scripts, they are small, and bad links get a plain word."""

import datetime as dt
import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.cache import cache
from django.test import Client

from peyvand.core.ids import sign_token
from peyvand.customers.models import Consent
from peyvand.customers.queries.consent import may_contact
from peyvand.surveys.models import Invitation, Response
from peyvand.surveys.services.answering import keep_score, link_token, submit
from peyvand.surveys.services.declining import unsubscribe_token
from peyvand.surveys.tests.conftest import NEGAR, send_everything
from peyvand.timeline.models import Interaction
from peyvand.timeline.services import record
from peyvand.timeline.types import CustomerIn, IdentityIn, Item

pytestmark = pytest.mark.django_db


@pytest.fixture
def link(invited) -> str:
    return f"/s/{link_token(invited)}/"


@pytest.fixture
def stop(invited) -> str:
    return f"/u/{unsubscribe_token(invited)}/"


def state() -> tuple[object, ...]:
    invitations = list(Invitation.objects.values_list("pk", "state"))
    return (invitations, list(Response.objects.values()), list(Consent.objects.values()), Interaction.objects.count())


@pytest.mark.parametrize("method", ["get", "head"])
def test_reading_any_page_records_nothing(client, link, stop, method):
    before = state()
    for address in (link, f"{link}?score=3", f"{link}?lang=en", f"{link}why/", f"{link}thanks/", stop, f"{stop}?again=1"):
        assert getattr(client, method)(address).status_code in {200, 303}
    assert state() == before


def test_the_first_page_is_persian_right_to_left_and_wears_the_brand(client, link):
    response = client.get(link, headers={"accept-language": "en"})
    page = response.content.decode()
    assert '<html lang="fa"' in page
    assert 'dir="rtl"' in page
    assert "چقدر احتمال دارد سفالینه را به دوستانتان معرفی کنید؟" in page
    assert "سفارش ۵۲۱۸۰۳، تحویل سه‌شنبه ۲۶ خرداد" in page
    assert "/brand/sofalineh/b4532f.css" in page
    assert page.count('name="score"') == 11
    assert "<span>۱۰</span>" in page
    assert response["Content-Language"] == "fa"


def test_it_can_be_read_and_answered_in_english(client, link):
    page = client.get(f"{link}?lang=en").content.decode()
    assert '<html lang="en"' in page
    assert "Order 521803, delivered on Tuesday 26 Khordad 1405" in page
    answer = client.post(link, {"score": "7", "lang": "en"})
    assert answer["Location"] == f"{link}why/?lang=en"
    assert "Why did you give this score?" in client.get(answer["Location"]).content.decode()
    assert Response.objects.get().language == "en"


def test_no_page_carries_scripts_cookies_or_other_sites_and_none_may_be_listed_or_kept(client, link):
    keep_score(invitation=Invitation.objects.get(), score=3, language="fa")
    for address in (link, f"{link}why/"):
        response = client.get(address)
        page = response.content.decode()
        assert "<script" not in page
        assert not re.search(r'(?:src|href|action)="(?:https?:)?//', page)
        assert (response["Referrer-Policy"], response["X-Robots-Tag"]) == ("no-referrer", "noindex, nofollow")
        assert "no-store" in response["Cache-Control"]
        assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
        assert not response.cookies


def test_pages_are_small(client, link, stop):
    style = gzip.compress(Path(finders.find("survey.css")).read_bytes())
    icons = gzip.compress(Path(finders.find("icons.svg")).read_bytes())
    sizes = {}
    sizes["score"] = len(gzip.compress(client.get(link).content))
    client.post(link, {"score": "3"})
    sizes["why"] = len(gzip.compress(client.get(f"{link}why/").content))
    client.post(f"{link}why/", {})
    sizes["thanks"] = len(gzip.compress(client.get(f"{link}thanks/").content))
    colours = len(gzip.compress(client.get("/brand/sofalineh/b4532f.css").content))
    assert max(sizes.values()) + len(style) + len(icons) + colours < 60_000, sizes
    assert Path(finders.find("fonts/Vazirmatn-survey.woff2")).stat().st_size <= 50_000


def test_a_point_of_the_mail_is_marked_beforehand(client, link):
    page = client.get(f"{link}?score=9").content.decode()
    [chosen] = re.findall(r'value="(\d+)"[^>]*checked', page)
    assert chosen == "9"


def test_answers_are_taken_without_a_csrf_token_since_the_link_is_who_answers(link):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(link, {"score": "3"}, headers={"origin": "null"}).status_code == 303


@pytest.mark.parametrize("score", ["", "11", "-1", "3.5", "abc", "9" * 500, "٣\x00", "۳; drop"])
def test_a_score_that_is_none_is_asked_for_again(client, link, score):
    answer = client.post(link, {"score": score, "lang": "en"})
    assert (answer.status_code, answer["Location"]) == (303, f"{link}?lang=en&missing=1")
    assert "Choose a number" in client.get(answer["Location"]).content.decode()
    assert not Response.objects.exists()
    client.post(link, {"score": "3"})
    assert "Choose a number" not in client.get(answer["Location"]).content.decode(), "asked again only while nothing was chosen"


def test_persian_digits_are_a_score_too(client, link):
    assert client.post(link, {"score": "۱۰"}).status_code == 303
    assert Response.objects.get().score == 10


def test_going_back_shows_what_was_chosen_and_after_sending_there_are_only_thanks(client, link):
    client.post(link, {"score": "3"})
    assert re.search(r'value="3"[^>]*checked', client.get(link).content.decode())
    client.post(f"{link}why/", {"words": "خوب نبود"})
    for address in (link, f"{link}why/"):
        assert client.get(address)["Location"] == f"{link}thanks/"
        assert client.post(address, {"score": "9", "words": "عالی"})["Location"] == f"{link}thanks/"
    assert Interaction.objects.filter(external_id__startswith="survey:").count() == 1
    assert Response.objects.get().words == "خوب نبود"


@pytest.mark.parametrize("score", [(2, "با شما تماس می‌گیرد"), (7, "دفعهٔ بعد بهتر"), (10, "خوشحالیم")])
def test_thanks_say_what_happens_next(client, link, score):
    client.post(link, {"score": str(score[0])})
    client.post(f"{link}why/", {})
    page = client.get(f"{link}thanks/").content.decode()
    assert score[1] in page
    assert "تا ۳۰ روز نظرسنجی دیگری نمی‌فرستد" in page
    assert ("جز آن" in page) == (score[0] == 2)  # who was unhappy is asked once more, as the page has just said


@pytest.mark.parametrize("which", ["of this answer", "of another"])
def test_a_used_link_promises_no_call_once_the_case_of_its_answer_is_closed(client, link, brand, now, which):
    client.post(link, {"score": "2"})
    client.post(f"{link}why/", {})
    answer = Response.objects.get().interaction or 0
    now.advance(dt.timedelta(days=2))
    closed = Item(
        kind="case.closed",
        occurred_at=now.at,
        customer=CustomerIn(identities=[IdentityIn("email", NEGAR)]),
        properties={"case": 7, "ask_again": True, "answer": answer if which == "of this answer" else answer + 1},
        source="cases",
        external_id="closed-7",
    )
    record(brand.pk, closed)
    page = client.get(f"{link}thanks/").content.decode()
    true_now = ("تماس می‌گیرد" in page, "نظرسنجی دیگری نمی‌فرستد" in page, "این نظر ۲۸ خرداد رسید و پیگیری شده است." in page)
    assert true_now == ((False, False, True) if which == "of this answer" else (True, True, False))


def test_scripts_in_what_a_brand_or_customer_wrote_are_shown_as_text(client, link, invited):
    survey = invited.survey
    survey.texts["fa"]["question"] = "<script>alert(1)</script> {brand}"
    survey.reasons = [{"code": "x", "fa": '"><img src=x onerror=alert(1)>', "en": ""}]
    survey.save()
    keep_score(invitation=invited, score=3, language="fa")
    for address in (link, f"{link}why/"):
        page = client.get(address).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_forged_and_foreign_links_are_not_found(client, invited):
    good = link_token(invited)
    forged = [
        good[:-1] + ("A" if good[-1] != "A" else "B"),
        "x",
        "%00",
        "ا",
        unsubscribe_token(invited),
        sign_token("survey", (invited.pk, "nonce")),
    ]
    forged += [sign_token("survey", ("x", "y")), sign_token("survey", (1, 2, 3)), sign_token("survey", (10**17, invited.nonce))]
    for token in forged:
        for address in (f"/s/{token}/", f"/s/{token}/why/", f"/s/{token}/thanks/"):
            answer = client.get(address)
            assert answer.status_code == 404, address
            cache.clear()
        assert client.post(f"/s/{token}/", {"score": "3"}).status_code == 404
    assert not Response.objects.exists()


def test_whoever_tries_many_links_is_told_to_wait_but_a_real_link_still_opens(client, link):
    answers = [client.get(f"/s/forged{n}/").status_code for n in range(40)]
    assert (answers[0], answers[-1]) == (404, 429)
    assert client.get(link).status_code == 200


def test_a_link_that_is_hammered_is_told_to_wait(client, link):
    statuses = {client.post(link, {"score": "3"}).status_code for _ in range(130)}
    assert statuses == {303, 429}


def test_a_link_that_was_closed_early_does_not_speak_of_thirty_days(client, link, invited):
    Invitation.objects.filter(pk=invited.pk).update(state="held")
    answer = client.get(link)
    assert answer.status_code == 410
    assert "سی روز" not in answer.content.decode()


def test_a_month_later_the_link_is_closed(client, link, now):
    now.advance(dt.timedelta(days=31))
    answer = client.post(link, {"score": "3"})
    assert answer.status_code == 410
    assert "این نظرسنجی بسته است" in answer.content.decode()
    assert not Response.objects.exists()


def test_one_click_stops_surveys_at_once(client, link, stop, invited):
    answer = Client(enforce_csrf_checks=True).post(stop, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert not may_contact(invited.customer_id, "survey", "email")
    assert may_contact(invited.customer_id, "service", "email")
    assert client.get(link).status_code == 410
    client.post(stop)
    assert Consent.objects.count() == 1
    assert Interaction.objects.filter(external_id__startswith=f"declined:{invited.pk}:").count() == 1


def test_what_waits_for_somebody_who_stopped_is_not_sent(client, stop, deliver, mailbox, now, invited):
    now.advance(dt.timedelta(days=31))
    deliver(order="2")
    client.post(stop)
    send_everything(now)
    assert len(mailbox.mails) == 1
    assert Invitation.objects.order_by("pk").last().state == "declined"


def test_stopping_by_several_mails_is_told_once_and_once_more_after_it_was_undone(invited, deliver, client, now):
    stop = f"/u/{unsubscribe_token(invited)}/"
    other = Invitation.objects.create(
        workspace=invited.workspace, survey=invited.survey, customer=invited.customer, nonce="another", send_at=now.at, state="sent"
    )

    def told() -> int:
        return Interaction.objects.filter(external_id__startswith="declined:").count()

    client.post(stop)
    client.post(stop)
    client.post(f"/u/{unsubscribe_token(other)}/")
    assert told() == 1
    now.advance(dt.timedelta(minutes=1))
    client.post(stop, {"again": "1"})
    now.advance(dt.timedelta(minutes=1))
    client.post(stop)
    assert told() == 2


def test_stopping_can_be_undone(client, link, stop, invited, now):
    client.post(stop)
    now.advance(dt.timedelta(seconds=5))
    page = client.post(stop, {"again": "1"}).content.decode()
    assert "دوباره نظرسنجی می‌گیرید" in page
    assert may_contact(invited.customer_id, "survey", "email")
    assert client.get(link).status_code == 200


def test_who_changes_their_mind_without_end_fills_no_timeline_and_may_still_stop(client, stop, invited, now):
    stopped, undone = [], []
    for _ in range(15):
        now.advance(dt.timedelta(seconds=2))
        stopped.append(client.post(stop).status_code)
        now.advance(dt.timedelta(seconds=2))
        undone.append(client.post(stop, {"again": "1"}).status_code)
    assert (stopped, undone) == ([200] * 15, [200] * 10 + [429] * 5)
    assert Interaction.objects.filter(external_id__startswith="declined:").count() == 11
    assert not may_contact(invited.customer_id, "survey", "email")


def test_stopping_after_the_answer_leaves_the_answer(client, link, stop, invited):
    keep_score(invitation=invited, score=3, language="fa")
    submit(invitation=invited, reasons=[], words="")
    client.post(stop)
    assert client.get(f"{link}thanks/").status_code == 200
    assert Invitation.objects.get().state == "answered"
