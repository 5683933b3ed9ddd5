"""What waited while sending was stopped: told before it leaves, sent or dropped by choice, and never sent once it lost its sense."""

import datetime as dt

import pytest
from django.core import mail as mailbox

from peyvand.channels.models import Outgoing, SendingStop
from peyvand.channels.queries import waiting_by_purpose
from peyvand.channels.services import resume_sending, stop_sending
from peyvand.channels.services.stopping import CHUNK
from peyvand.channels.types import Purpose
from peyvand.core import clock, jobs
from peyvand.core.tests.working import work_off
from peyvand.privacy.tests.test_pages import browser, mail, planned
from peyvand.surveys.models import Invitation
from peyvand.surveys.services.sending import expire, send_due, settle
from peyvand.workspaces.models import AuditEntry

pytestmark = pytest.mark.django_db(transaction=True)
NOON = dt.datetime(2026, 6, 16, 8, 30, tzinfo=dt.UTC)  # Tuesday in Tehran
PAGE = "/w/sofal/settings/privacy/sending/"


@pytest.fixture
def noon():
    with clock.frozen(NOON) as frozen:
        yield frozen


@pytest.fixture
def stopped(brand, noon):
    """Two invitations and an answer of a case that were queued while sending was stopped."""
    stop_sending(workspace=brand, reason="wrong price", actor=brand.members.get().user)
    planned(brand, 2)
    send_due()
    mail(brand, "case:1:1")
    work_off()
    return noon


def states() -> list[tuple[str, str, str]]:
    return list(Outgoing.objects.order_by("pk").values_list("purpose", "state", "error"))


def test_the_page_says_what_waits_since_when_and_what_will_not_leave(brand, stopped):
    stopped.advance(dt.timedelta(days=3))
    Invitation.objects.filter(pk=Invitation.objects.earliest("pk").pk).update(state="declined")
    client = browser(brand)
    page = client.get(PAGE)
    assert page.status_code == 200
    assert [tuple(one) for one in page.context["form"].waiting] == [("survey", 2, NOON, 1), ("service", 1, NOON, 0)]
    said = page.content.decode()
    assert "wrong price" in said
    assert PAGE in client.get("/w/sofal/settings/privacy/").content.decode()
    assert browser(brand, "agent").get(PAGE).status_code == 403
    resume_sending(workspace=brand, actor=brand.members.get(role="owner").user)
    assert client.get(PAGE).status_code == 302


def test_some_are_dropped_with_a_reason_and_the_others_leave(brand, stopped):
    client = browser(brand)
    asked = {"resume": "yes", "survey": "drop", "service": "send", "reason": " "}
    assert client.post(PAGE, asked).status_code == 422
    assert client.post(PAGE, {"resume": "yes", "service": "send"}).status_code == 422  # what came in meanwhile is asked for, too
    assert SendingStop.objects.exists()
    assert client.post(PAGE, {**asked, "reason": "long out of date"}).status_code == 302
    work_off()
    assert states() == [("survey", "held", "long out of date")] * 2 + [("service", "sent", "")]
    settle()
    assert set(Invitation.objects.values_list("state", "reason", "sent_at")) == {("held", "long out of date", None)}
    trail = AuditEntry.objects.filter(action__in=("messages.dropped", "sending.resumed")).order_by("pk")
    assert [(one.action, one.detail, one.actor) for one in trail] == [
        ("messages.dropped", {"purposes": ["survey"], "rows": 2, "reason": "long out of date"}, brand.members.get(role="owner").user),
        ("sending.resumed", {"rows": 1}, brand.members.get(role="owner").user),
    ]
    assert client.get("/w/sofal/settings/audit/").status_code == 200


@pytest.mark.parametrize("why", ["expired", "paused", "declined", "answered", "undone"])
def test_an_invitation_that_lost_its_sense_is_never_sent(brand, stopped, why):
    gone = Invitation.objects.earliest("pk")
    if why == "expired":
        stopped.advance(dt.timedelta(days=32))  # a Saturday: Friday is off
        expire()
    elif why == "paused":
        gone.survey.is_active = False
        gone.survey.save()
    elif why == "undone":
        Invitation.objects.filter(pk=gone.pk).update(trigger=987654321)
    else:
        Invitation.objects.filter(pk=gone.pk).update(state=why)
    void = 2 if why in ("expired", "paused") else 1
    assert [one.void for one in waiting_by_purpose(brand)] == [void, 0]
    resume_sending(workspace=brand, actor=brand.members.get().user)
    work_off()
    first = Outgoing.objects.get(pk=gone.message_id)
    assert first.state == "held"
    assert first.error
    assert Outgoing.objects.filter(state="sent").count() == 3 - void
    assert not any("c0@post.example" in one.to for one in getattr(mailbox, "outbox", []))


def test_surveys_let_go_at_night_wait_for_the_morning_and_answers_do_not(brand, stopped):
    stopped.advance(dt.timedelta(hours=11))  # half past eleven in the evening
    resume_sending(workspace=brand, actor=brand.members.get().user)
    work_off()
    assert [state for _purpose, state, _error in states()] == ["queued", "queued", "sent"]
    stopped.advance(dt.timedelta(hours=9))
    work_off()
    assert {state for _purpose, state, _error in states()} == {"queued"} | {"sent"}
    stopped.advance(dt.timedelta(hours=1))
    work_off()
    assert {state for _purpose, state, _error in states()} == {"sent"}
    assert not jobs.due().exists()


def test_hundreds_leave_piece_by_piece_and_a_new_stop_holds_the_rest(brand, noon, monkeypatch):
    monkeypatch.setattr("peyvand.channels.services.stopping.CHUNK", 2)
    monkeypatch.setattr("peyvand.channels.services.stopping.A_TURN", 4)
    owner = brand.members.get().user
    stop_sending(workspace=brand, reason="", actor=owner)
    for n in range(11):
        mail(brand, f"case:{n}:1")
    work_off()
    resume_sending(workspace=brand, actor=owner)
    stop_sending(workspace=brand, reason="again", actor=owner)
    work_off()
    assert {state for _purpose, state, _error in states()} == {"queued"}
    resume_sending(workspace=brand, actor=owner, drop={Purpose.SURVEY}, reason="none there")
    work_off()
    assert [state for _purpose, state, _error in states()] == ["sent"] * 11
    assert not AuditEntry.objects.filter(action="messages.dropped").exists()


def test_what_may_have_left_is_not_dropped(brand, stopped):
    Outgoing.objects.filter(purpose="service").update(handed_at=clock.now())
    resume_sending(workspace=brand, actor=brand.members.get().user, drop=set(Purpose), reason="old")
    work_off()
    assert [state for _purpose, state, _error in states()] == ["held", "held", "unsure"]
    assert CHUNK <= 100  # a transaction on SQLite is short


def test_no_reason_is_too_long_to_stop_by(brand):
    assert browser(brand).post(PAGE, {"reason": "x" * 300}).status_code == 302
    assert SendingStop.objects.get().reason == "x" * 200
