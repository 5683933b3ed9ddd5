"""An address that refused for good is not asked again until a person says so."""

import pytest

from peyvand.channels.models import Outgoing, RefusedAddress
from peyvand.channels.queries import refusals_of
from peyvand.channels.services import lift_refusal, resend, send
from peyvand.channels.services.sending import NO_ADDRESS
from peyvand.channels.types import Message, Purpose
from peyvand.core.tests.working import work_off
from peyvand.workspaces.models import AuditEntry

pytestmark = pytest.mark.django_db
HELLO = Message(text="سلام نگار", subject="سلام")
ADDRESS = "negar@post.example"


def sent(brand, negar, key) -> Outgoing:
    outgoing = send(workspace=brand, customer=negar, purpose=Purpose.SURVEY, message=HELLO, key=key)
    work_off()
    outgoing.refresh_from_db()
    return outgoing


def test_after_a_refusal_for_good_nothing_is_sent_until_a_person_lifts_it(brand, negar, owner, mailbox):
    waiting = send(workspace=brand, customer=negar, purpose=Purpose.SURVEY, message=HELLO, key="0")
    later = send(workspace=brand, customer=negar, purpose=Purpose.SURVEY, message=HELLO, key="1")
    mailbox.refusals[ADDRESS] = "550 5.1.1 no such mailbox"
    work_off()
    mailbox.refusals.clear()
    assert [Outgoing.objects.get(pk=one.pk).state for one in (waiting, later)] == ["failed", "held"]
    assert [one.reason for one in refusals_of(negar).values()] == ["550 5.1.1 no such mailbox"]
    assert (sent(brand, negar, "2").state, sent(brand, negar, "2").error) == ("held", NO_ADDRESS)
    assert mailbox.mails == []
    identity = negar.identities.get(value=ADDRESS)
    assert lift_refusal(identity=identity, channel_kind="email", actor=owner)
    assert not lift_refusal(identity=identity, channel_kind="email", actor=owner)
    assert AuditEntry.objects.filter(action="address.lifted").count() == 1
    assert sent(brand, negar, "3").state == "sent"


def test_whoever_sends_a_refused_mail_again_lifts_the_refusal(brand, negar, owner, mailbox):
    mailbox.refusals[ADDRESS] = "550 no such mailbox"
    failed = sent(brand, negar, "1")
    mailbox.refusals.clear()
    resend(outgoing=failed, actor=owner)
    work_off()
    assert len(mailbox.mails) == 1
    assert not RefusedAddress.objects.exists()


@pytest.mark.parametrize(
    ("answer", "refused"),
    [
        ("550 no such mailbox", True),
        ("550 5.1.1 user unknown", True),
        ("550 5.2.1 mailbox disabled", True),
        ("553 mailbox name not allowed", True),
        ("550 5.7.1 we do not like you", False),
        ("550 relaying denied", False),
        ("554 5.7.1 relay access denied", False),
        ("530 authentication required", False),
        ("552 5.2.2 mailbox full", False),
        ("451 4.1.1 come back later", False),
    ],
)
def test_what_means_that_nobody_is_there(brand, negar, mailbox, answer, refused):
    mailbox.refusals[ADDRESS] = answer
    sent(brand, negar, "1")
    assert RefusedAddress.objects.exists() is refused


def test_a_refusal_goes_with_the_address(brand, negar, mailbox):
    mailbox.refusals[ADDRESS] = "550 no such mailbox"
    sent(brand, negar, "1")
    negar.identities.filter(value=ADDRESS).delete()
    assert not RefusedAddress.objects.exists()
