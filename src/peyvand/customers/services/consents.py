"""What customers agree to and refuse, said by themselves, told by staff or read from a file."""

from django.db import transaction
from django.utils.translation import gettext as _

from peyvand.core import clock
from peyvand.core.redaction import redacted
from peyvand.customers.models import Consent
from peyvand.customers.types import ANY_CHANNEL, Purpose
from peyvand.identities.models import Customer
from peyvand.workspaces.models import User
from peyvand.workspaces.services import audit


class ConsentError(Exception):
    """A consent that cannot be kept; the message is for the person who asked."""


@transaction.atomic
def set_consent(
    *,
    customer: Customer,
    purpose: str,
    channel: str,
    granted: bool,
    source: str,
    note: str = "",
    actor: User | None = None,
) -> Consent:
    """Keep a customer's word for a purpose (survey, service, marketing) on a channel; `channel` any speaks for all.

    `source` says where it was said: page, phone, unsubscribe. The word said last counts; what was said before stays in the history.
    """
    if purpose not in list(Purpose):
        raise ConsentError(_("Consent is given for surveys, for service or for marketing."))
    consent = Consent.objects.create(
        workspace_id=customer.workspace_id,
        customer=customer,
        purpose=purpose,
        channel=(channel.replace("\x00", "").strip() or ANY_CHANNEL)[:24],
        granted=granted,
        source=source[:40],
        note=redacted(note.strip())[:300],
        at=clock.now(),
        recorded_by=actor,
    )
    action = "consent.granted" if granted else "consent.refused"
    audit(
        workspace=customer.workspace,
        actor=actor,
        action=action,
        target=customer,
        detail={"purpose": purpose, "channel": consent.channel, "source": source},
        actor_label="" if actor else source,
    )
    return consent
