"""A customer asks for no more surveys by one click, and may take it back. Called by the unsubscribe page and by mail programs."""

from django.db import transaction

from peyvand.core import clock
from peyvand.core.ids import sign_token
from peyvand.customers.queries.consent import may_contact
from peyvand.customers.services.consents import set_consent
from peyvand.surveys.models import Invitation, Response
from peyvand.surveys.services.answering import OPEN, SOURCE, known_as, origin
from peyvand.surveys.services.planning import CHANNEL
from peyvand.surveys.services.planning import PURPOSE as SURVEY
from peyvand.surveys.types import InvitationState
from peyvand.timeline.services import record
from peyvand.timeline.types import CustomerIn, Item

PURPOSE = "unsubscribe"
SAID_AT = "unsubscribe"
WAITING = (InvitationState.PLANNED, *OPEN)


def unsubscribe_token(invitation: Invitation) -> str:
    """The signed part of the address that stops surveys; it holds as long as the invitation is kept."""
    return sign_token(PURPOSE, (invitation.pk, invitation.nonce))


def is_declined(invitation: Invitation) -> bool:
    """Whether this customer gets no surveys by mail any more."""
    return not may_contact(invitation.customer_id, SURVEY, CHANNEL)


@transaction.atomic
def decline(*, invitation: Invitation) -> None:
    """Stop surveys by mail for this customer, at once and for what waits; repeating changes nothing, also by the link of another mail."""
    locked = Invitation.objects.select_for_update(of=("self",)).select_related("customer__workspace", "survey").get(pk=invitation.pk)
    said_before = is_declined(locked)
    if not said_before:
        set_consent(customer=locked.customer, purpose=SURVEY, channel=CHANNEL, granted=False, source=SAID_AT)
    answered = Response.objects.filter(invitation__customer=locked.customer).values("invitation")
    Invitation.objects.filter(customer=locked.customer, state__in=WAITING).exclude(pk__in=answered).update(state=InvitationState.DECLINED)
    if said_before:
        return
    now = clock.now()
    record(
        locked.workspace_id,
        Item(
            kind="survey.declined",
            occurred_at=now,
            customer=CustomerIn(identities=known_as(locked.customer_id)),
            channel=CHANNEL,
            properties=origin(locked),
            source=SOURCE,
            external_id=f"declined:{locked.pk}:{now.isoformat()}",
        ),
    )


@transaction.atomic
def take_back(*, invitation: Invitation) -> None:
    """The customer wants surveys after all; the link of this invitation works again."""
    locked = Invitation.objects.select_for_update(of=("self",)).select_related("customer__workspace").get(pk=invitation.pk)
    if is_declined(locked):
        set_consent(customer=locked.customer, purpose=SURVEY, channel=CHANNEL, granted=True, source=SAID_AT)
    Invitation.objects.filter(pk=locked.pk, state=InvitationState.DECLINED).update(state=InvitationState.SENT)
