"""How far behind the readers of the timeline are, and what holds them back. Asked by `peyvand doctor`, /metrics,
the page of operations and the API.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from peyvand.core import beats, clock, jobs, walls
from peyvand.core.db import is_sqlite
from peyvand.core.fields import from_micros
from peyvand.timeline.lake.flushing import NAME as LAKE
from peyvand.timeline.models import Place
from peyvand.timeline.reading import AT, Position, count_after, read_after
from peyvand.timeline.subscriptions import subscribers

MOST_BEHIND: Final = 10_000  # it says enough


@dataclass(frozen=True, slots=True)
class Wait:
    """What one subscription has still to read (counted up to 10,000), and how long ago the first of it was recorded."""

    name: str
    count: int
    age: timedelta


@dataclass(frozen=True, slots=True)
class Machinery:
    """How far things are for one brand: whether a worker lives, its due jobs and how long the first has waited, the readers, the lake."""

    working: bool
    jobs_due: int
    oldest_due: timedelta
    catching_up: bool
    figures_as_of: datetime | None


def machinery(workspace_id: int) -> Machinery:
    """What the pages of operations tell. The machinery serves every brand: how much the others do is not told to this one."""
    with walls.across():  # a reader goes on only when it has read what everybody recorded
        catching_up = any(wait.count for wait in waits())
    return Machinery(
        working=bool(beats.living("worker")),
        jobs_due=jobs.due(workspace_id=workspace_id).count(),
        oldest_due=jobs.oldest_due(workspace_id),
        catching_up=catching_up,
        figures_as_of=Place.objects.filter(name=LAKE).values_list("moved_at", flat=True).first(),
    )


def waits() -> Iterator[Wait]:
    """The state of every subscription, by name. Those that stand at one place are asked for once."""
    stored = {place.name: Position(place.era, place.xid, place.interaction_id) for place in Place.objects.filter(name__in=subscribers())}
    known: dict[Position, tuple[int, timedelta]] = {}
    for name in sorted(subscribers()):
        start = stored.get(name, Position())
        if start not in known:
            known[start] = _behind(start)
        yield Wait(name, *known[start])


def lake_wait() -> Wait:
    """What the lake has still to copy."""
    place = Place.objects.filter(name=LAKE).first()
    return Wait(LAKE, *_behind(Position(place.era, place.xid, place.interaction_id) if place else Position()))


def _behind(start: Position) -> tuple[int, timedelta]:
    first = read_after(start, 1).rows
    if not first:
        return 0, timedelta()
    return count_after(start, MOST_BEHIND), max(timedelta(), clock.now() - from_micros(first[0][AT["recorded_at"]]))


def oldest_writer() -> timedelta | None:
    """How long ago the oldest transaction that writes began: nothing is read past it. None on SQLite, which has one writer."""
    if is_sqlite():
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(max(clock_timestamp() - xact_start), interval '0') FROM pg_stat_activity "
            "WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()"
        )
        age: timedelta = cursor.fetchone()[0]
        return age
