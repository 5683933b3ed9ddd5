"""Reads of webhooks: how each endpoint does, and what was told it lately. Called by the pages and the API."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from django.db.models import Count, Max, Q

from peyvand.core.ids import read_token, sign_token
from peyvand.webhooks.models import Endpoint, Telling

PAGE: Final = 50
CURSOR: Final = "webhook.tellings"


class Tally(NamedTuple):
    """How many wait, how many were given up, and when one arrived last."""

    waiting: int = 0
    dead: int = 0
    last: object = None


def tallies(endpoints: Iterable[Endpoint]) -> dict[int, Tally]:
    """Endpoint → how it does."""
    waiting, dead, told = (Q(state=state) for state in (Telling.State.WAITING, Telling.State.DEAD, Telling.State.TOLD))
    rows = (
        Telling.objects.filter(endpoint__in=[endpoint.pk for endpoint in endpoints])
        .values("endpoint_id")
        .annotate(
            waiting=Count("pk", filter=waiting),
            dead=Count("pk", filter=dead & Q(interaction_id__isnull=False)),
            last=Max("ended_at", filter=told),
        )
        .order_by()
    )
    return {row["endpoint_id"]: Tally(row["waiting"], row["dead"], row["last"]) for row in rows}


class Tellings(NamedTuple):
    """A page of tellings, the newest first, and where the next one begins."""

    rows: Sequence[Telling]
    following: str = ""


def tellings(endpoint: Endpoint, *, state: str = "", cursor: str = "", limit: int = PAGE) -> Tellings:
    """What was told and what waits, of one state or of all. An unknown cursor begins anew."""
    found = Telling.objects.filter(endpoint=endpoint)
    if state:
        found = found.filter(state=state)
    place = read_token(CURSOR, cursor) if cursor else None
    if place is not None:
        found = found.filter(pk__lt=int(place[0]))
    rows = list(found.order_by("-pk")[: limit + 1])
    following = sign_token(CURSOR, [rows[limit - 1].pk]) if len(rows) > limit else ""
    return Tellings(rows[:limit], following)
