"""One customer's timeline, newest first, page by page; and their scores. Called by the customer's page."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from django.db import connection

from peyvand.catalogue.models import Term
from peyvand.catalogue.types import Dimension
from peyvand.core.fields import to_micros
from peyvand.identities.models import Identity
from peyvand.timeline.reading import SELECT, Row, events, undone_batches
from peyvand.timeline.types import Event

PAGE: Final = 30
MOST_IDENTITIES: Final = 40  # read one by one, newest first; beyond so many the database sorts them all
_NEWEST: Final = "ORDER BY i.occurred_at DESC, i.id DESC"
_FELT: Final = {
    "sqlite": "EXISTS (SELECT 1 FROM timeline_perception p WHERE p.id >= i.id << 6 AND p.id < (i.id + 1) << 6)",
    "postgresql": (  # as timeline.reading reads perceptions
        "EXISTS (SELECT FROM (SELECT i.id << 6 AS low, (i.id + 1) << 6 AS high OFFSET 0) w CROSS JOIN LATERAL "
        "(SELECT FROM timeline_perception WHERE id >= w.low AND id < w.high ORDER BY id LIMIT 1) p)"
    ),
}


class Moment(NamedTuple):
    """A place in one customer's timeline: microseconds since 1970, and the interaction."""

    at: int
    interaction_id: int


@dataclass(frozen=True, slots=True)
class Asked:
    """Which part of a customer's timeline: before a place, of some kinds (None: all), only what was felt."""

    workspace_id: int
    customer_id: int
    before: Moment | None = None
    kinds: Collection[str] | None = None
    felt: bool = False
    limit: int = PAGE


class Part(NamedTuple):
    """Events, newest first, and the place where the next part goes on; None at the end."""

    events: Sequence[Event]
    following: Moment | None


def moments(asked: Asked) -> Part:
    """A part of one customer's timeline."""
    identities = list(Identity.objects.filter(customer_id=asked.customer_id).values_list("pk", flat=True))
    where, parameters = _where(asked)
    if not identities or where is None:
        return Part([], None)
    rows = _read(identities, where, parameters, asked.limit + 1)
    page = events(rows[: asked.limit])
    last = page[-1] if len(rows) > asked.limit else None
    return Part(page, Moment(to_micros(last.occurred_at), last.id) if last else None)


def _where(asked: Asked) -> tuple[str | None, list[Any]]:
    clauses: list[str] = []
    parameters: list[Any] = []
    if asked.before is not None:
        clauses.append("(i.occurred_at, i.id) < (%s, %s)")
        parameters += asked.before
    if asked.kinds is not None:
        kind_ids = list(
            Term.objects.filter(workspace_id=asked.workspace_id, dimension=Dimension.KIND, code__in=asked.kinds).values_list(
                "pk", flat=True
            )
        )
        if not kind_ids:
            return None, []
        clauses.append(f"i.kind IN ({', '.join(['%s'] * len(kind_ids))})")
        parameters += kind_ids
    if asked.felt:
        clauses.append(_FELT[connection.vendor])
    if undone := undone_batches(asked.workspace_id):
        clauses.append(f"(i.batch IS NULL OR i.batch NOT IN ({', '.join(['%s'] * len(undone))}))")
        parameters += undone
    return " AND ".join(clauses) or "1 = 1", parameters


def _read(identities: Sequence[int], where: str, parameters: Sequence[Any], limit: int) -> list[Row]:
    table = "FROM timeline_interaction i WHERE i.identity_id"
    if len(identities) == 1 or len(identities) > MOST_IDENTITIES:
        marks = ", ".join(["%s"] * len(identities))
        sql = f"{SELECT} {table} IN ({marks}) AND {where} {_NEWEST} LIMIT %s"
        values: list[Any] = [*identities, *parameters, limit]
    else:
        one = f"SELECT * FROM ({SELECT} {table} = %s AND {where} {_NEWEST} LIMIT %s) AS part"
        sql = f"SELECT * FROM ({' UNION ALL '.join([one] * len(identities))}) AS i {_NEWEST} LIMIT %s"
        values = [value for identity in identities for value in (identity, *parameters, limit)] + [limit]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def count_before(asked: Asked, most: int = 1000) -> int:
    """How many events there are in the part asked for, counted up to `most`."""
    identities = list(Identity.objects.filter(customer_id=asked.customer_id).values_list("pk", flat=True))
    where, parameters = _where(asked)
    if not identities or where is None:
        return 0
    marks = ", ".join(["%s"] * len(identities))
    sql = f"SELECT count(*) FROM (SELECT 1 FROM timeline_interaction i WHERE i.identity_id IN ({marks}) AND {where} LIMIT %s) AS found"
    with connection.cursor() as cursor:
        cursor.execute(sql, [*identities, *parameters, most])
        return int(cursor.fetchone()[0])
