"""What waits to leave or to be forgotten, over all brands: counted by indexes, for /metrics and `peyvand doctor`."""

from datetime import timedelta
from typing import Any, Final

from django.db.models import QuerySet

from peyvand.channels.models import BulkApproval, Outgoing, SendingStop
from peyvand.core import clock
from peyvand.privacy.models import Erasure
from peyvand.webhooks.models import Endpoint, Telling
from peyvand.workspaces.models import Workspace

MOST_COUNTED: Final = 100_000
UNSENT: Final = (Outgoing.State.QUEUED, Outgoing.State.UNSURE, Outgoing.State.FAILED, Outgoing.State.HELD)  # all but what was ever sent
UNTOLD: Final = (Telling.State.WAITING, Telling.State.DEAD)


def messages() -> dict[str, int]:
    """Messages that did not leave, by state."""
    brands = list(Workspace.objects.values_list("pk", flat=True))
    return {state.value: _count(Outgoing.objects.filter(workspace__in=brands, state=state)) for state in UNSENT}


def stops() -> int:
    """Brands whose sending to customers is stopped."""
    return SendingStop.objects.count()


def approvals() -> int:
    """Sendings to many that wait for a person's word."""
    return BulkApproval.objects.filter(approved_at=None, refused_at=None).count()


def tellings() -> dict[str, int]:
    """What webhooks are still to be told, and what was given up."""
    endpoints = list(Endpoint.objects.values_list("pk", flat=True))
    return {state.value: _count(Telling.objects.filter(endpoint__in=endpoints, state=state)) for state in UNTOLD}


def resting() -> int:
    """Webhooks that are left alone for a while, since nobody answered there."""
    return Endpoint.objects.filter(is_active=True, rests_until__gt=clock.now()).count()


def erasures() -> tuple[int, timedelta]:
    """Erasures that were asked for and are not at their end: how many, and for how long the oldest waits."""
    asked = list(Erasure.objects.exclude(state=Erasure.State.DONE).values_list("asked_at", flat=True))
    return len(asked), clock.now() - min(asked) if asked else timedelta()


def _count(rows: QuerySet[Any]) -> int:
    return rows.order_by()[:MOST_COUNTED].count()
