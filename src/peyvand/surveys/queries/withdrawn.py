"""Which invitations have lost their sense before they were sent. Called where they are put into the outbox and where they leave it."""

from collections.abc import Collection, Sequence

from django.utils.translation import gettext_noop as _

from peyvand.core import clock
from peyvand.surveys.models import Invitation
from peyvand.surveys.types import EXPIRES, InvitationState
from peyvand.timeline.models import Batch, Interaction

UNDONE = _("What it was about has been undone.")
OVER = {
    InvitationState.EXPIRED: _("The invitation had expired before it left."),
    InvitationState.DECLINED: _("The customer does not want this."),
    InvitationState.ANSWERED: _("It was answered before it left."),
}


def fallen(triggers: Collection[int]) -> set[int]:
    """Those of these interactions that are gone, or whose import has been undone or is about to be."""
    batches = dict(Interaction.objects.filter(pk__in=triggers).values_list("pk", "batch"))
    states = (Batch.State.UNDOING, Batch.State.UNDONE)
    undone = set(
        Batch.objects.filter(pk__in={batch for batch in batches.values() if batch is not None}, state__in=states).values_list(
            "pk", flat=True
        )
    )
    return {one for one in triggers if one not in batches or batches[one] in undone}


def reasons_not_to_send(numbers: Sequence[int]) -> dict[int, str]:
    """Invitation → why it is not to leave: its time is over, its survey was paused, or what it asks about is no more."""
    found = {one.pk: one for one in Invitation.objects.filter(pk__in=numbers).select_related("survey")}
    gone = fallen({one.trigger for one in found.values() if one.trigger is not None})
    return {number: why for number in numbers if (why := _reason(found.get(number), gone))}


def _reason(invitation: Invitation | None, gone: set[int]) -> str:
    if invitation is None:
        return UNDONE
    state = InvitationState(invitation.state)
    if state in OVER:
        return OVER[state]
    if invitation.send_at < clock.now() - EXPIRES:
        return OVER[InvitationState.EXPIRED]
    if not invitation.survey.is_active:
        return _("The survey had ended before this left.")
    return UNDONE if invitation.trigger in gone else ""
