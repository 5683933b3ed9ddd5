"""Sending what is due: hours, consent, undone triggers, what the mail says, what became of it."""

import datetime as dt

import pytest

from peyvand.channels.models import Outgoing
from peyvand.channels.services import resend
from peyvand.core.colours import palette
from peyvand.core.tests.working import work_off
from peyvand.customers.services.consents import set_consent
from peyvand.surveys.models import Invitation, SurveyCount
from peyvand.surveys.services import set_active
from peyvand.surveys.services.answering import link_token
from peyvand.surveys.services.sending import expire, may_write_now, send_due, settle
from peyvand.surveys.tests.conftest import NEGAR, customer_of, read_timeline, send_everything
from peyvand.timeline.models import Batch, Interaction
from peyvand.timeline.services import open_batch, undo_batch
from peyvand.workspaces.models import Holiday
from peyvand.workspaces.services import create_owner

pytestmark = pytest.mark.django_db


def test_the_mail_is_in_persian_right_to_left_with_link_and_one_click_stop(invited, mailbox):
    [mail] = mailbox.to(NEGAR)
    assert mail["Subject"] == "سفالینه می‌خواهد نظر شما را بداند"
    assert str(mail["From"]) == "سفالینه <salam@sofalineh.example>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "/u/" in mail["List-Unsubscribe"]
    html = mail.get_body(("html",)).get_content()
    text = mail.get_body(("plain",)).get_content()
    assert '<html lang="fa" dir="rtl">' in html
    assert html.count("?score=") == 11
    for part in (html, text):
        assert "نگار صبوری‌فر عزیز، سلام" in part
        assert "دربارهٔ سفارش ۵۲۱۸۰۳ یک پرسش کوتاه داریم" in part
        assert "/s/" in part


def test_what_left_is_on_the_timeline_and_counted_once(invited):
    settle()
    read_timeline()
    assert (invited.state, invited.sent_noted) == ("sent", True)
    assert Interaction.objects.filter(external_id=f"asked:{invited.pk}").count() == 1
    assert SurveyCount.objects.get().sent == 1


def test_nothing_leaves_at_night_on_fridays_and_on_holidays(brand, now):
    tehran = dt.timezone(dt.timedelta(hours=3.5))
    assert may_write_now(brand, dt.datetime(2026, 6, 16, 9, 0, tzinfo=tehran))
    assert may_write_now(brand, dt.datetime(2026, 6, 16, 20, 59, tzinfo=tehran))
    assert not may_write_now(brand, dt.datetime(2026, 6, 16, 8, 59, tzinfo=tehran))
    assert not may_write_now(brand, dt.datetime(2026, 6, 16, 21, 0, tzinfo=tehran))
    assert not may_write_now(brand, dt.datetime(2026, 6, 19, 12, 0, tzinfo=tehran))  # Friday
    Holiday.objects.create(workspace=brand, date=dt.date(2026, 6, 16))
    assert not may_write_now(brand, dt.datetime(2026, 6, 16, 12, 0, tzinfo=tehran))


def test_what_is_due_at_night_waits_for_the_morning(survey, deliver, mailbox, now):
    deliver()
    now.advance(dt.timedelta(days=2, hours=10))  # Thursday 22:00
    assert send_due() == 0
    now.advance(dt.timedelta(days=1, hours=12))  # Saturday 10:00
    assert send_due() == 1


def test_what_was_planned_waits_while_its_survey_is_paused_and_is_given_up_after_a_month(survey, deliver, mailbox, now):
    deliver()
    set_active(survey=survey, active=False, actor=None)
    now.advance(dt.timedelta(days=5))
    assert send_due() == 0
    assert Invitation.objects.get().state == "planned"
    now.advance(dt.timedelta(days=28))
    send_due()
    assert Invitation.objects.get().state == "expired"


def test_a_refusal_after_planning_holds_the_mail_back(survey, deliver, mailbox, now):
    deliver()
    set_consent(customer=customer_of(), purpose="survey", channel="email", granted=False, source="phone")
    send_everything(now)
    invitation = Invitation.objects.get()
    assert (invitation.state, invitation.reason) == ("held", "The customer does not want this.")
    assert mailbox.mails == []
    assert not Interaction.objects.filter(external_id__startswith="asked:").exists()


def test_a_refusal_between_outbox_and_server_holds_the_mail_back(survey, deliver, mailbox, now):
    deliver()
    now.advance(dt.timedelta(days=2))
    send_due()
    set_consent(customer=customer_of(), purpose="survey", channel="email", granted=False, source="phone")
    work_off()
    settle()
    assert mailbox.mails == []
    assert Invitation.objects.get().state == "held"


def test_an_import_undone_after_planning_asks_nobody(survey, deliver, brand, mailbox, now):
    deliver()
    batch = open_batch(workspace=brand, label="orders.csv")
    Interaction.objects.update(batch=batch.pk)
    undo_batch(batch=batch)
    assert Batch.objects.get().state == "undoing"
    send_everything(now)
    assert Invitation.objects.get().reason == "What it was about has been undone."
    assert mailbox.mails == []


def test_a_refused_address_is_told_and_can_be_tried_again(survey, deliver, brand, mailbox, now):
    mailbox.refusals[NEGAR] = "550 no such mailbox"
    deliver()
    send_everything(now)
    invitation = Invitation.objects.get()
    assert (invitation.state, invitation.reason, invitation.sent_at) == ("held", "550 no such mailbox", None)
    mailbox.refusals.clear()
    actor = create_owner(workspace=brand, email="me@sofalineh.example", password=None).user
    resend(outgoing=Outgoing.objects.get(), actor=actor)
    work_off()
    settle()
    invitation.refresh_from_db()
    assert (invitation.state, invitation.reason) == ("sent", "")
    assert len(mailbox.mails) == 1


def test_sending_is_done_once_however_often_the_job_runs(survey, deliver, mailbox, now):
    deliver()
    send_everything(now)
    send_everything(now, days=0)
    send_everything(now, days=0)
    assert len(mailbox.mails) == 1


def test_links_close_thirty_days_after_the_mail(invited, now):
    now.advance(dt.timedelta(days=31))
    assert expire() == 1
    invited.refresh_from_db()
    assert invited.state == "expired"


def test_a_mail_that_may_have_arrived_is_not_sent_twice_and_its_link_works(survey, deliver, mailbox, now, client):
    mailbox.breaks_off = True
    deliver()
    send_everything(now)
    invitation = Invitation.objects.get()
    assert (invitation.state, Outgoing.objects.get().state, len(mailbox.mails)) == ("sent", "unsure", 1)
    send_everything(now)
    assert len(mailbox.mails) == 1
    assert client.get(f"/s/{link_token(invitation)}/").status_code == 200


def test_the_mail_carries_the_brands_logo_and_looks_right_in_the_dark(survey, deliver, mailbox, now, brand):
    brand.logo = "/brand/sofalineh/logo/0123456789abcdef0123.png"
    brand.save()
    deliver()
    send_everything(now)
    html = mailbox.to(NEGAR)[0].get_body(("html",)).get_content()
    accents = palette(brand.colour)
    assert '<img src="http://localhost:8000/brand/sofalineh/logo/0123456789abcdef0123.png" alt=""' in html
    assert "> سفالینه</p>" in html  # the name stands beside it, for whoever shows no pictures
    assert f"background:{accents.light['accent-fill']};color:{accents.light['on-accent']}" in html
    assert "prefers-color-scheme:dark" in html
    assert f".act{{background:{accents.dark['accent-fill']}!important;color:{accents.dark['on-accent']}!important}}" in html
