"""`send()`: the one door through which anything leaves to a customer. The row in the outbox is the queue."""

import datetime as dt
from contextlib import suppress

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop as _

from peyvand.channels.accounts import account_of
from peyvand.channels.models import Outgoing, SendingStop
from peyvand.channels.registry import adapters, reasons_against
from peyvand.channels.services.refusing import identity_at, is_refused, lift_refusal, note_refusal
from peyvand.channels.types import Delivery, Envelope, Message, Purpose
from peyvand.core import clock, jobs
from peyvand.core.vault import SealBroken
from peyvand.customers.queries.consent import may_contact
from peyvand.identities.models import Customer, Identity
from peyvand.identities.types import TYPE_NAMES
from peyvand.workspaces.models import User, Workspace
from peyvand.workspaces.services import audit

DELIVER = "channels.deliver"


BROKE_OFF = _("The connection ended before the answer came: it may have arrived. Send it again only if it did not.")
NO_ADDRESS = _("The address refused an earlier message for good, so nothing is sent there. Lift that on the customer’s page.")


class TryAgain(Exception):
    """A refusal that may pass: the job's back-off tries again."""


class InOtherHandsError(Exception):
    """Another worker is handing over this very message."""


@transaction.atomic
def send(
    *, workspace: Workspace, customer: Customer, purpose: Purpose, message: Message, key: str, channel_kind: str = "email"
) -> Outgoing:
    """Put a message in the outbox; the same key again gives the first one and sends nothing.

    Not allowed by the customer, or no address: the row is `held` and says why.
    """
    known = Outgoing.objects.filter(workspace=workspace, key=key).first()
    if known is not None:
        return known
    address = _address(customer, channel_kind)
    error = ""
    if not address:
        error = _("The customer has no address on this channel.")
    elif not may_contact(customer.pk, purpose.value, channel_kind):
        error = _("The customer does not want this.")
    elif is_refused(workspace.pk, channel_kind, address):
        error = NO_ADDRESS
    outgoing = Outgoing(
        workspace=workspace,
        channel_kind=channel_kind,
        purpose=purpose,
        customer=customer,
        address=address,
        subject=message.subject[:300],
        text=message.text,
        html=message.html,
        unsubscribe_url=message.unsubscribe_url,
        language=message.language,
        key=key,
        state=Outgoing.State.HELD if error else Outgoing.State.QUEUED,
        error=error,
    )
    try:
        with transaction.atomic():
            outgoing.save()
    except IntegrityError:  # the same key a moment ago
        return Outgoing.objects.get(workspace=workspace, key=key)
    if not error:
        jobs.enqueue(name=DELIVER, payload={"outgoing": outgoing.pk}, key=str(outgoing.pk), workspace_id=workspace.pk)
    return outgoing


def _address(customer: Customer, channel_kind: str) -> str:
    adapter = adapters().get(channel_kind)
    if adapter is None:
        return ""
    wanted = TYPE_NAMES[adapter.identity]
    return Identity.objects.filter(customer=customer, type=wanted).order_by("-id").values_list("value", flat=True).first() or ""


def deliver(outgoing_id: int) -> None:
    """Hand one queued message to its channel; called by the job. Raises TryAgain when the refusal may pass."""
    outgoing = Outgoing.objects.select_related("workspace", "customer").filter(pk=outgoing_id).first()
    if outgoing is None or outgoing.state != Outgoing.State.QUEUED:
        return
    if SendingStop.objects.filter(workspace=outgoing.workspace_id).exists():
        return  # it waits as it is; who lets messages leave again puts its job down anew
    if outgoing.handed_at is not None:  # whoever handed it over died before the answer was noted
        _settle(outgoing, Outgoing.State.UNSURE, error=BROKE_OFF, sent_at=outgoing.handed_at)
        return
    if against := _against(outgoing):
        _settle(outgoing, Outgoing.State.HELD, error=against)
        return
    try:
        account = account_of(outgoing.workspace, outgoing.channel_kind, outgoing.language)
    except SealBroken as broken:
        _settle(outgoing, Outgoing.State.FAILED, error=str(broken))
        return
    message = Message(outgoing.text, outgoing.subject, outgoing.html, outgoing.unsubscribe_url, outgoing.language)
    envelope = Envelope(outgoing.address, message, envelope_key(outgoing), handing_over=lambda: _note_handing_over(outgoing.pk))
    with suppress(InOtherHandsError):
        _conclude(outgoing, adapters()[outgoing.channel_kind].send(account, envelope))


def envelope_key(outgoing: Outgoing) -> str:
    """By what a channel knows a message each time it is tried."""
    return f"{outgoing.workspace.slug}.{outgoing.pk}"


def _against(outgoing: Outgoing) -> str:
    """Why a message is not to leave after all: much may have happened since it was queued."""
    if outgoing.customer_id and not may_contact(outgoing.customer_id, outgoing.purpose, outgoing.channel_kind):
        return _("The customer does not want this.")
    if is_refused(outgoing.workspace_id, outgoing.channel_kind, outgoing.address):
        return NO_ADDRESS
    return reasons_against([outgoing.key]).get(outgoing.key, "")


def _conclude(outgoing: Outgoing, delivery: Delivery) -> None:
    """Keep what the channel said. Raises TryAgain when the refusal may pass and tries are left."""
    if delivery.sent:
        _settle(outgoing, Outgoing.State.SENT, receipt=delivery.receipt, sent_at=clock.now())
    elif delivery.unsure:
        _settle(outgoing, Outgoing.State.UNSURE, error=BROKE_OFF, sent_at=clock.now())
    elif delivery.may_pass and outgoing.attempts + 1 < jobs.TRIES:
        Outgoing.objects.filter(pk=outgoing.pk).update(error=delivery.error[:500], attempts=outgoing.attempts + 1, handed_at=None)
        raise TryAgain(delivery.error)
    else:
        with transaction.atomic():
            _settle(outgoing, Outgoing.State.FAILED, error=delivery.error)
            if delivery.no_address:
                note_refusal(outgoing=outgoing, reason=delivery.error)


def _note_handing_over(outgoing_id: int) -> None:
    """Keep on disk that a message is about to leave, so that a crash right after never sends it twice."""
    mine = Outgoing.objects.filter(pk=outgoing_id, state=Outgoing.State.QUEUED, handed_at=None)
    if not mine.update(handed_at=clock.now()):
        raise InOtherHandsError


def _settle(outgoing: Outgoing, state: Outgoing.State, *, error: str = "", receipt: str = "", sent_at: dt.datetime | None = None) -> None:
    """End a delivery. Errors of ours are kept in English and translated where they are shown."""
    Outgoing.objects.filter(pk=outgoing.pk, state=Outgoing.State.QUEUED).update(
        state=state, error=error[:500], receipt=receipt[:200], attempts=outgoing.attempts + 1, sent_at=sent_at
    )


@transaction.atomic
def resend(*, outgoing: Outgoing, actor: User) -> None:
    """Queue a message again that failed, was held or may not have arrived; its key stays. An address found since is taken.

    One whose texts were let go by a rule of retention stays as it is. Whoever says so knows better than a refusal that stands against
    the address: it is lifted.
    """
    states = (Outgoing.State.FAILED, Outgoing.State.HELD, Outgoing.State.UNSURE)
    address = outgoing.address or (_address(outgoing.customer, outgoing.channel_kind) if outgoing.customer is not None else "")
    if not address or not outgoing.text:  # there is nothing left to send of one whose texts were let go
        return
    again = Outgoing.objects.filter(pk=outgoing.pk, state__in=states)
    if again.update(state=Outgoing.State.QUEUED, error="", attempts=0, handed_at=None, address=address):
        identity = identity_at(outgoing.workspace_id, outgoing.channel_kind, address)
        if identity is not None:
            lift_refusal(identity=identity, channel_kind=outgoing.channel_kind, actor=actor)
        jobs.enqueue(name=DELIVER, payload={"outgoing": outgoing.pk}, key=str(outgoing.pk), workspace_id=outgoing.workspace_id)
        audit(workspace=outgoing.workspace, actor=actor, action="message.resent", target=outgoing)
