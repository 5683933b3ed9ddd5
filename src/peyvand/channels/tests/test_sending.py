"""One door out: one mail a key, only where allowed, retried when that may help, told in words when it may not."""

from importlib import import_module

import pytest

from peyvand.channels.models import Outgoing
from peyvand.channels.services import deliver, resend, send
from peyvand.channels.services.forgetting import forget_messages
from peyvand.channels.services.sending import BROKE_OFF, DELIVER, TryAgain
from peyvand.channels.types import Message, Purpose
from peyvand.core import jobs
from peyvand.core.models import Job
from peyvand.core.privacy import Person
from peyvand.core.tests.working import work_off
from peyvand.customers.services.consents import set_consent
from peyvand.workspaces.models import AuditEntry

pytestmark = pytest.mark.django_db
HELLO = Message(text="سلام نگار", subject="سلام", html="<p>سلام نگار</p>", unsubscribe_url="https://peyvand.example/u/x/")


def sent(brand, negar, key="k1", purpose=Purpose.SURVEY) -> Outgoing:
    return send(workspace=brand, customer=negar, purpose=purpose, message=HELLO, key=key)


def test_a_key_sends_one_mail_however_often_it_is_sent(brand, negar, mailbox):
    first, second = sent(brand, negar), sent(brand, negar)
    assert first.pk == second.pk
    work_off()
    assert sent(brand, negar).state == "sent"
    work_off()
    [mail] = mailbox.mails
    assert mail["Message-ID"] == f"<sofalineh.{first.pk}@sofalineh.example>"
    assert mail["To"] == "negar@post.example"


def test_a_refusal_or_a_missing_address_holds_the_mail_with_its_reason(brand, negar, mailbox):
    set_consent(customer=negar, purpose="survey", channel="any", granted=False, source="phone")
    assert (sent(brand, negar).state, sent(brand, negar).error) == ("held", "The customer does not want this.")
    assert sent(brand, negar, key="k2", purpose=Purpose.SERVICE).state == "queued"
    negar.identities.all().delete()
    held = sent(brand, negar, key="k3", purpose=Purpose.SERVICE)
    assert (held.state, held.error) == ("held", "The customer has no address on this channel.")


def test_marketing_needs_consent_first(brand, negar, mailbox):
    assert sent(brand, negar, purpose=Purpose.MARKETING).state == "held"
    set_consent(customer=negar, purpose="marketing", channel="email", granted=True, source="phone")
    assert sent(brand, negar, key="k2", purpose=Purpose.MARKETING).state == "queued"


def test_a_passing_refusal_is_tried_again(brand, negar, mailbox):
    mailbox.refusals["negar@post.example"] = "451 come back later"
    outgoing = sent(brand, negar)
    work_off()
    outgoing.refresh_from_db()
    assert (outgoing.state, outgoing.error, outgoing.attempts) == ("queued", "451 come back later", 1)
    [job] = Job.objects.filter(name=DELIVER)
    mailbox.refusals.clear()
    deliver(outgoing.pk)
    outgoing.refresh_from_db()
    assert (outgoing.state, outgoing.error, len(mailbox.mails)) == ("sent", "", 1)
    assert job.attempts == 1


def test_after_the_last_try_the_mail_has_failed_and_says_why(brand, negar, mailbox):
    mailbox.refusals["negar@post.example"] = "451 come back later"
    outgoing = sent(brand, negar)
    for _ in range(jobs.TRIES - 1):
        with pytest.raises(TryAgain):
            deliver(outgoing.pk)
    deliver(outgoing.pk)
    outgoing.refresh_from_db()
    assert (outgoing.state, outgoing.error) == ("failed", "451 come back later")


def test_a_final_refusal_fails_at_once_and_can_be_sent_again_by_a_person(brand, negar, owner, mailbox):
    mailbox.refusals["negar@post.example"] = "550 no such mailbox"
    outgoing = sent(brand, negar)
    work_off()
    outgoing.refresh_from_db()
    assert (outgoing.state, outgoing.error) == ("failed", "550 no such mailbox")
    mailbox.refusals.clear()
    resend(outgoing=outgoing, actor=owner)
    resend(outgoing=outgoing, actor=owner)
    work_off()
    assert len(mailbox.mails) == 1
    assert AuditEntry.objects.filter(action="message.resent").count() == 1


def test_a_mail_that_left_cannot_be_sent_again(brand, negar, owner, mailbox):
    outgoing = sent(brand, negar)
    work_off()
    outgoing.refresh_from_db()
    resend(outgoing=outgoing, actor=owner)
    work_off()
    assert len(mailbox.mails) == 1


def test_a_refusal_said_while_the_mail_waits_holds_it_back(brand, negar, mailbox):
    outgoing = sent(brand, negar)
    set_consent(customer=negar, purpose="survey", channel="email", granted=False, source="phone")
    work_off()
    outgoing.refresh_from_db()
    assert (outgoing.state, mailbox.mails) == ("held", [])


def test_a_secret_of_another_installation_is_told_and_not_tried(brand, negar, mailbox, settings):
    outgoing = sent(brand, negar)
    settings.SECRET_KEY = "another installation's"
    deliver(outgoing.pk)
    outgoing.refresh_from_db()
    assert outgoing.state == "failed"
    assert "enter it again" in outgoing.error


def test_without_any_mail_server_mails_are_kept_in_the_data_folder(brand, negar, settings, tmp_path):
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    outgoing = sent(brand, negar)
    work_off()
    outgoing.refresh_from_db()
    [kept] = (tmp_path / "mail").glob("*.eml")
    assert (outgoing.state, outgoing.receipt) == ("sent", "kept in mail/")
    assert b"negar@post.example" in kept.read_bytes()
    assert kept.stat().st_mode & 0o077 == 0


def test_a_mail_that_was_kept_goes_with_the_person_though_its_address_is_no_longer_theirs(brand, negar, settings, tmp_path):
    settings.EMAIL_FILE_PATH = tmp_path
    sent(brand, negar)
    work_off()
    assert list(tmp_path.glob("*.eml"))
    negar.identities.all().delete()
    forget_messages(Person(brand.pk, frozenset({negar.pk})))
    assert (list(tmp_path.glob("*.eml")), Outgoing.objects.count()) == ([], 0)


def test_without_its_own_channel_a_brand_sends_by_the_installations_server(brand, negar, inbox, settings):
    settings.PEYVAND_MAIL_READY, settings.EMAIL_HOST, settings.EMAIL_PORT = True, inbox.host, inbox.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.DEFAULT_FROM_EMAIL = "Peyvand <post@host.example>"
    sent(brand, negar)
    work_off()
    assert str(inbox.mails[0]["From"]) == "سفالینه <post@host.example>"


@pytest.mark.parametrize(
    ("name", "language", "said"),
    [
        ("سفالینه", "en", "Sofalineh"),
        ("Sofalineh", "fa", "سفالینه"),
        ("سفالینه", "", "سفالینه"),
        ("مینا از سفالینه", "en", "مینا از سفالینه"),
    ],
)
def test_the_brand_stands_as_sender_in_the_language_of_the_mail(brand, negar, mailbox, name, language, said):
    brand.channels.update(name=name)
    message = Message(text="Hello", subject="Hello", language=language)
    send(workspace=brand, customer=negar, purpose=Purpose.SERVICE, message=message, key="k")
    work_off()
    assert str(mailbox.mails[0]["From"]) == f"{said} <salam@sofalineh.example>"


def test_a_mail_to_an_address_of_examples_has_not_arrived_and_says_why(brand, negar, mailbox):
    brand.channels.update(settings=brand.channels.get().settings | {"host": "smtp.sofalineh.ir"})
    outgoing = sent(brand, negar)
    work_off()
    outgoing.refresh_from_db()
    assert (outgoing.state, mailbox.mails) == ("failed", [])
    assert "examples and tests" in outgoing.error


def test_a_worker_that_died_while_handing_a_mail_over_never_sends_it_twice(brand, negar, owner, mailbox, monkeypatch):
    outgoing = sent(brand, negar)

    def die(*_words, **_more):
        raise KeyboardInterrupt

    monkeypatch.setattr("peyvand.channels.services.sending._settle", die)
    with pytest.raises(KeyboardInterrupt):
        deliver(outgoing.pk)
    monkeypatch.undo()
    assert len(mailbox.mails) == 1
    deliver(outgoing.pk)
    outgoing.refresh_from_db()
    assert (outgoing.state, len(mailbox.mails)) == ("unsure", 1)
    assert outgoing.sent_at == outgoing.handed_at
    deliver(outgoing.pk)
    assert len(mailbox.mails) == 1
    resend(outgoing=outgoing, actor=owner)  # a person looked and says that it did not arrive
    deliver(outgoing.pk)
    outgoing.refresh_from_db()
    assert (outgoing.state, len(mailbox.mails)) == ("sent", 2)
    assert len({mail["Message-ID"] for mail in mailbox.mails}) == 1


def test_a_worker_that_died_before_the_mail_left_is_followed_by_one_that_sends_it(brand, negar, mailbox, monkeypatch):
    outgoing = sent(brand, negar)

    def die(*_words, **_more):
        raise KeyboardInterrupt

    monkeypatch.setattr("peyvand.connectors.email.adapter._address", die)
    with pytest.raises(KeyboardInterrupt):
        deliver(outgoing.pk)
    monkeypatch.undo()
    deliver(outgoing.pk)
    outgoing.refresh_from_db()
    assert (outgoing.state, len(mailbox.mails)) == ("sent", 1)


def test_of_two_workers_one_hands_the_mail_over(brand, negar, mailbox, monkeypatch):
    outgoing = sent(brand, negar)
    email_adapter = import_module("peyvand.connectors.email.adapter")
    address = email_adapter._address

    def slowly(*words):
        monkeypatch.undo()
        deliver(outgoing.pk)  # the other worker is quicker
        address(*words)

    monkeypatch.setattr(email_adapter, "_address", slowly)
    deliver(outgoing.pk)
    outgoing.refresh_from_db()
    assert (outgoing.state, len(mailbox.mails)) == ("sent", 1)


def test_a_server_that_breaks_off_after_the_mail_leaves_it_uncertain(brand, negar, mailbox):
    mailbox.breaks_off = True
    outgoing = sent(brand, negar)
    work_off()
    outgoing.refresh_from_db()
    assert (outgoing.state, outgoing.error, len(mailbox.mails)) == ("unsure", BROKE_OFF, 1)
    assert not Job.objects.filter(name=DELIVER).exists()


def test_a_refusal_of_the_mail_itself_is_told_and_tried_again_where_it_may_pass(brand, negar, mailbox):
    mailbox.answer = "451 the scanner is away"
    outgoing = sent(brand, negar)
    with pytest.raises(TryAgain):
        deliver(outgoing.pk)
    outgoing.refresh_from_db()
    assert (outgoing.state, outgoing.error, outgoing.handed_at) == ("queued", "451 the scanner is away", None)
    mailbox.answer = "554 we take it for spam"
    deliver(outgoing.pk)
    outgoing.refresh_from_db()
    assert (outgoing.state, outgoing.error, mailbox.mails) == ("failed", "554 we take it for spam", [])
