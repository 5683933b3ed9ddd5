"""The whole way: an order comes, the customer is asked by mail, answers on the page, is asked once more after a case."""

import datetime as dt
import re
from urllib.parse import urlsplit

import pytest

from peyvand.surveys.models import Answer, Invitation, SurveyCount
from peyvand.surveys.tests.conftest import NEGAR, read_timeline, send_everything
from peyvand.timeline.models import Interaction
from peyvand.timeline.reading import events, read_ids
from peyvand.timeline.services import record
from peyvand.timeline.types import CustomerIn, IdentityIn, Item

pytestmark = pytest.mark.django_db


def link_in(mail) -> str:
    text = mail.get_body(("plain",)).get_content()
    return urlsplit(re.search(r"https?://\S+/s/\S+", text)[0]).path


def recorded(kind: str):
    found = events(read_ids(list(Interaction.objects.values_list("pk", flat=True))))
    return [event for event in found if event.kind == kind]


def close_case(survey, now) -> None:
    """What follow-up records when case 7 of this customer ends."""
    item = Item(
        kind="case.closed",
        occurred_at=now.at,
        customer=CustomerIn(identities=[IdentityIn("email", NEGAR)]),
        properties={"case": 7, "ask_again": True, "score_before": 3.0},
        source="cases",
        external_id="closed-7",
    )
    record(survey.workspace_id, item)
    read_timeline()


def test_a_customer_is_asked_answers_and_is_asked_once_more_after_the_case(client, survey, deliver, mailbox, now):
    deliver()
    send_everything(now)
    [mail] = mailbox.to(NEGAR)
    assert "سفالینه" in mail["Subject"]
    link = link_in(mail)

    assert client.get(link).status_code == 200
    answer = client.post(link, {"score": "3"})
    assert (answer.status_code, answer["Location"]) == (303, f"{link}why/")
    answer = client.post(f"{link}why/", {"reason": ["late", "packaging", "made-up"], "words": "قول شنبه دادید، دوشنبه رسید."})
    assert (answer.status_code, answer["Location"]) == (303, f"{link}thanks/")
    assert "تماس می‌گیرد" in client.get(f"{link}thanks/").content.decode()

    [event] = recorded("survey.answered")
    [felt] = event.perceptions
    assert (felt.measure, felt.value, felt.low, felt.high, felt.text) == ("nps", 3, 0, 10, "قول شنبه دادید، دوشنبه رسید.")
    assert event.properties == {"survey": "delivery", "reasons": ["late", "packaging"]}
    assert (event.codes["touchpoint"], event.codes["branch"], event.codes["product"], event.codes["channel"]) == (
        "delivery",
        "tehran",
        "cup",
        "email",
    )
    assert (event.subject.type, event.subject.id) == ("order", "521803")
    read_timeline()
    listed = Answer.objects.get()
    assert (listed.survey, listed.value, listed.band, listed.has_words) == ("delivery", 3, 1, True)
    assert SurveyCount.objects.get().sent == 1

    close_case(survey, now)
    again = Invitation.objects.get(case=7)
    assert again.send_at == now.at + dt.timedelta(days=3)
    send_everything(now, days=3)
    link = link_in(mailbox.to(NEGAR)[1])
    client.post(link, {"score": "9"})
    client.post(f"{link}why/", {})
    assert recorded("survey.answered")[1].properties == {"survey": "delivery", "reasons": [], "again": True, "case": 7}
    [first, second] = recorded("survey.sent")
    assert first.properties == {"survey": "delivery"}
    assert second.properties == {"survey": "delivery", "again": True, "case": 7}
    assert second.subject == first.subject == recorded("survey.answered")[1].subject
