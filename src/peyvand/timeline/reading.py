"""Reading the timeline in its one order, and turning rows into events. For subscriptions, the lake and screens."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple

import msgspec
from django.db import connection

from peyvand.catalogue.queries import term_names
from peyvand.core.fields import from_micros
from peyvand.core.sets import as_json_array
from peyvand.identities.models import Identity
from peyvand.timeline.models import Batch
from peyvand.timeline.types import Event, Felt, Subject

COLUMNS = tuple(
    "id workspace_id kind occurred_at recorded_at identity_id channel touchpoint stage product branch department employee "
    "company device language subject_type subject_id amount currency duration_s response_s properties batch source external_id".split(" ")
)
AT = {name: n for n, name in enumerate(COLUMNS)}
CODED = ("channel", "touchpoint", "stage", "product", "branch", "department", "employee", "company", "device", "language")
SELECT = f"SELECT {', '.join('i.' + name for name in COLUMNS)}"
# On PostgreSQL: of what no earlier transaction can still slip in front of.
READABLE = "(i.era < (SELECT max(number) FROM timeline_era) OR i.xid < pg_snapshot_xmin(pg_current_snapshot()))"
AFTER_POSTGRES = (
    f"FROM timeline_interaction i WHERE (i.era, i.xid, i.id) > (%s, %s::text::xid8, %s) AND {READABLE} ORDER BY i.era, i.xid, i.id LIMIT %s"
)
PIECE = 1_000
AFTER_SQLITE = "FROM timeline_interaction i WHERE i.id > %s ORDER BY i.id LIMIT %s"

_decode = msgspec.json.Decoder().decode
Row = tuple[Any, ...]


class Position(NamedTuple):
    """A place in the timeline's order. SQLite has one writer, so there the integer alone is the order."""

    era: int = 0
    xid: int = 0
    interaction_id: int = 0


@dataclass
class Page:
    """Rows in order, and where reading goes on after each."""

    rows: list[Row]
    positions: Sequence[Position] = ()

    @cached_property
    def felt(self) -> dict[int, list[Row]]:
        """The perceptions of these rows, read once for all who react to them."""
        return read_perceptions([row[0] for row in self.rows]) if self.rows else {}


def read_after(position: Position, limit: int) -> Page:
    """The next rows after a position that no earlier transaction can still slip in front of."""
    if connection.vendor == "postgresql":
        return _read_in_pieces(position, limit)
    with connection.cursor() as cursor:
        cursor.execute(f"{SELECT} {AFTER_SQLITE}", [position.interaction_id, limit])
        rows = cursor.fetchall()
    return Page(rows, [Position(0, 0, row[0]) for row in rows])


def _read_in_pieces(position: Position, limit: int) -> Page:
    """A page of PostgreSQL, which for more rows at once would sort a whole table it has no statistics of yet."""
    rows: list[Row] = []
    positions: list[Position] = []
    width = len(COLUMNS)
    with connection.cursor() as cursor:
        while (wanted := min(PIECE, limit - len(rows))) > 0:
            cursor.execute(f"{SELECT}, i.era, i.xid::text::bigint {AFTER_POSTGRES}", [*_told(position), wanted])
            piece = cursor.fetchall()
            rows += [row[:width] for row in piece]
            positions += [Position(row[width], row[width + 1], row[0]) for row in piece]
            if len(piece) < wanted:
                break
            position = positions[-1]
    return Page(rows, positions)


def count_after(position: Position, limit: int) -> int:
    """How many rows `read_after` would give, told from the index alone."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"SELECT count(*) FROM (SELECT 1 {AFTER_POSTGRES}) w", [*_told(position), limit])
        else:
            cursor.execute(f"SELECT count(*) FROM (SELECT 1 {AFTER_SQLITE})", [position.interaction_id, limit])
        (count,) = cursor.fetchone()
    return int(count)


def _told(position: Position) -> tuple[int, str, int]:
    return position.era, str(position.xid), position.interaction_id


def read_ids(ids: Collection[int]) -> list[Row]:
    """The rows of these interactions that exist, by integer."""
    wanted = list(ids)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"{SELECT} FROM timeline_interaction i WHERE i.id = ANY(%s) ORDER BY i.id", [wanted])
        else:
            cursor.execute(
                f"{SELECT} FROM json_each(%s) w CROSS JOIN timeline_interaction i ON i.id = w.value ORDER BY i.id",
                [as_json_array(wanted)],
            )
        rows: list[Row] = cursor.fetchall()
        return rows


# LATERAL with its LIMIT: of a table without statistics yet, the planner would read all for each interaction. OFFSET keeps the
# bounds apart, which are then mere integers: behind a wall, PostgreSQL looks nothing up by what it has to compute.
PERCEIVED: Final = (
    "(SELECT w << 6 AS low, (w + 1) << 6 AS high FROM unnest(%s::bigint[]) w OFFSET 0) w CROSS JOIN LATERAL "
    "(SELECT * FROM timeline_perception WHERE id >= w.low AND id < w.high ORDER BY id LIMIT 64) p"
)


def read_perceptions(ids: Sequence[int]) -> dict[int, list[Row]]:
    """The perceptions of these interactions, in order: (id, measure, item, value, low, high, text, sentiment)."""
    found: dict[int, list[Row]] = {}
    columns = "p.id, p.measure, p.item, p.value, p.low, p.high, p.text, p.sentiment"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                f"SELECT {columns} FROM {PERCEIVED} ORDER BY p.id",
                [list(ids)],
            )
        else:
            cursor.execute(
                f"SELECT {columns} FROM json_each(%s) w CROSS JOIN timeline_perception p "
                "ON p.id >= w.value << 6 AND p.id < (w.value + 1) << 6 ORDER BY p.id",
                [as_json_array(list(ids))],
            )
        for row in cursor.fetchall():
            found.setdefault(row[0] >> 6, []).append(row)
    return found


def events(rows: Sequence[Row], felt: Mapping[int, Sequence[Row]] | None = None) -> list[Event]:
    """Turn rows into events: integers become codes, JSON becomes properties, identities become customers.

    `felt` are the perceptions of these rows where they were read already; {} gives events without.
    """
    if felt is None:
        felt = read_perceptions([row[0] for row in rows]) if rows else {}
    coded = [AT[name] for name in ("kind", "source", "subject_type", *CODED)]
    ids = {row[n] for row in rows for n in coded if row[n] is not None}
    ids |= {p[n] for row in rows for p in felt.get(row[0], ()) for n in (1, 2) if p[n] is not None}
    names = {term_id: name.code for term_id, name in term_names(ids).items()}
    customers = customers_of({row[AT["identity_id"]] for row in rows if row[AT["identity_id"]] is not None})
    return [_event(row, felt.get(row[0], ()), names, customers) for row in rows]


def customers_of(identity_ids: Collection[int]) -> dict[int, int]:
    """The customer of each identity, as it is now."""
    found: dict[int, int] = {}
    wanted = list(identity_ids)
    for start in range(0, len(wanted), 900):
        found.update(Identity.objects.filter(pk__in=wanted[start : start + 900]).values_list("id", "customer_id"))
    return found


def _event(row: Row, felt: Iterable[Row], names: dict[int, str], customers: dict[int, int]) -> Event:
    (interaction_id, workspace_id, kind, occurred, recorded, identity_id) = row[:6]
    term_ids = {name: row[AT[name]] for name in CODED if row[AT[name]] is not None}
    subject_type = row[AT["subject_type"]]
    properties = row[AT["properties"]]
    return Event(
        id=interaction_id,
        workspace_id=workspace_id,
        kind=names.get(kind, ""),
        occurred_at=from_micros(occurred),
        recorded_at=from_micros(recorded),
        identity_id=identity_id,
        customer_id=customers.get(identity_id) if identity_id is not None else None,
        codes={name: names.get(term_id, "") for name, term_id in term_ids.items()},
        term_ids=term_ids,
        subject=Subject(names.get(subject_type, ""), row[AT["subject_id"]]) if subject_type is not None else None,
        amount=row[AT["amount"]],
        currency=row[AT["currency"]] or "",
        duration_s=row[AT["duration_s"]],
        response_s=row[AT["response_s"]],
        properties=_decode(properties) if properties else {},
        batch=row[AT["batch"]],
        source=names.get(row[AT["source"]], ""),
        external_id=row[AT["external_id"]],
        perceptions=[
            Felt(p[0] & 63, names.get(p[1], ""), names.get(p[2], "") if p[2] else "", p[3], p[4], p[5], p[6] or "", p[7]) for p in felt
        ],
    )


def undone_batches(workspace_id: int) -> list[int]:
    """Batches whose rows must not be seen any more, though some may still stand."""
    return list(Batch.objects.filter(workspace_id=workspace_id, state=Batch.State.UNDOING).values_list("pk", flat=True))
