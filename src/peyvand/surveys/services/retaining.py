"""Invitations that are long over go, with their links. Called by the app's privacy.py."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.db.models import QuerySet

from peyvand.surveys.models import Invitation
from peyvand.surveys.types import InvitationState

OVER = (InvitationState.ANSWERED, InvitationState.DECLINED, InvitationState.HELD, InvitationState.EXPIRED)


def old_invitations(workspace_id: int, before: dt.datetime, _loss: str) -> "QuerySet[Invitation]":
    """Invitations that were due before a moment and wait for nothing any more."""
    return Invitation.objects.filter(workspace=workspace_id, state__in=OVER, send_at__lt=before)


@transaction.atomic
def let_go_of_invitations(ids: Sequence[int], _loss: str) -> None:
    """Delete them and what was kept of each answer beside the timeline."""
    Invitation.objects.filter(pk__in=ids, state__in=OVER).delete()
