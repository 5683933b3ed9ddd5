"""One workspace's interactions for programs: filtered, in the timeline's order, a bounded look at a time. Called by the API."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from django.db import connection
from django.db.models import Q

from peyvand.catalogue.models import Term
from peyvand.core import walls
from peyvand.core.fields import to_micros
from peyvand.core.sets import as_json_array
from peyvand.identities.models import Identity
from peyvand.timeline.models import Batch
from peyvand.timeline.reading import COLUMNS, READABLE, SELECT, Position, Row, undone_batches

SPAN: Final = 20_000  # interactions of all workspaces that one look goes over


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which interactions: codes by dimension (any of them), imports by code, a span of time, one customer, one subject."""

    codes: Mapping[str, list[str]] = field(default_factory=dict)
    imports: Sequence[str] = ()
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    customer_id: int | None = None
    subject: tuple[str, str] | None = None


class Listed(NamedTuple):
    """Interactions in order; where to go on; and whether anything may be there yet."""

    rows: list[Row]
    place: Position
    more: bool


def list_after(workspace_id: int, place: Position, wanted: Wanted, limit: int) -> Listed:
    """The next interactions after a place. Fewer than `limit` while `more` is true means: go on from the new place.

    Read again and again from the place given, it tells everything once, whatever is recorded meanwhile.
    """
    conditions = _Conditions(workspace_id)
    conditions.demand(wanted)
    if conditions.nothing:
        return Listed([], place, more=False)
    narrow = wanted.customer_id is not None or wanted.subject is not None
    end, more = (None, False) if narrow else _end_of_look(place)
    rows = _read(place, end, conditions, limit)
    if len(rows) == limit:
        return Listed([row[: len(COLUMNS)] for row in rows], _place_of(rows[-1]), more=True)
    after = end or (_place_of(rows[-1]) if rows else place)
    return Listed([row[: len(COLUMNS)] for row in rows], after, more)


class _Conditions:
    """What rows must be, as SQL with its values; `nothing` where no row can be that."""

    def __init__(self, workspace_id: int) -> None:
        self.workspace_id = workspace_id
        self.parts = ["i.workspace_id = %s"]
        self.values: list[Any] = [workspace_id]
        self.nothing = False

    @property
    def sql(self) -> str:
        return " AND ".join(self.parts)

    def demand(self, wanted: Wanted) -> None:
        self._demand_codes(wanted)
        if wanted.subject is not None:
            self._any("subject_type", _terms(self.workspace_id, "subject", [wanted.subject[0]]))
            self._add("i.subject_id = %s", wanted.subject[1])
        if wanted.customer_id is not None:
            mine = Identity.objects.filter(workspace_id=self.workspace_id, customer_id=wanted.customer_id)
            self._any("identity_id", list(mine.values_list("pk", flat=True)))
        if wanted.since is not None:
            self._add("i.occurred_at >= %s", to_micros(wanted.since))
        if wanted.until is not None:
            self._add("i.occurred_at < %s", to_micros(wanted.until))
        if undone := undone_batches(self.workspace_id):
            self._add(f"(i.batch IS NULL OR NOT i.batch {_among()})", _many(undone))

    def _demand_codes(self, wanted: Wanted) -> None:
        for dimension, codes in wanted.codes.items():
            if codes:
                column = "subject_type" if dimension == "subject" else dimension
                self._any(column, _terms(self.workspace_id, dimension, codes))
        if wanted.imports:
            named = [code for code in wanted.imports if code]  # what was recorded by hand has none
            batches = Batch.objects.filter(workspace_id=self.workspace_id, code__in=named)
            self._any("batch", list(batches.values_list("pk", flat=True)))

    def _add(self, part: str, value: Any) -> None:
        self.parts.append(part)
        self.values.append(value)

    def _any(self, column: str, ids: list[int]) -> None:
        self.nothing = self.nothing or not ids
        self._add(f"i.{column} {_among()}", _many(ids))


def _terms(workspace_id: int, dimension: str, codes: list[str]) -> list[int]:
    """The integers of codes, with those that were merged into them."""
    terms = Term.objects.filter(workspace_id=workspace_id, dimension=dimension)
    found = {merged or term for term, merged in terms.filter(code__in=codes).values_list("pk", "merged_into_id")}
    return list(terms.filter(Q(pk__in=found) | Q(merged_into__in=found)).values_list("pk", flat=True))


def _among() -> str:
    return "= ANY(%s::bigint[])" if connection.vendor == "postgresql" else "IN (SELECT value FROM json_each(%s))"


def _many(ids: list[int]) -> Any:
    return ids if connection.vendor == "postgresql" else as_json_array(ids)


def _end_of_look(place: Position) -> tuple[Position, bool]:
    """Where this look ends, SPAN interactions on or at the last readable one, and whether there is more behind it.

    Those of all workspaces are counted: a look for one that recorded little would otherwise go over everything.
    """
    with walls.across(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT i.era, i.xid::text::bigint, i.id FROM timeline_interaction i WHERE (i.era, i.xid, i.id) > (%s, %s::text::xid8, %s) "
                f"AND {READABLE} ORDER BY i.era, i.xid, i.id LIMIT %s",
                [place.era, str(place.xid), place.interaction_id, SPAN + 1],
            )
            rows = cursor.fetchall()
            return (Position(*rows[-1 if len(rows) <= SPAN else -2]), len(rows) > SPAN) if rows else (place, False)
        # Two looks: SQLite finds an end of the index at once only where it is asked for alone.
        cursor.execute(
            "SELECT (SELECT min(id) FROM timeline_interaction WHERE id > %s), (SELECT max(id) FROM timeline_interaction)",
            [place.interaction_id],
        )
        first, last = cursor.fetchone()
    if first is None:
        return place, False
    end = min(first + SPAN - 1, last)
    return Position(0, 0, end), end < last


def _read(place: Position, end: Position | None, conditions: _Conditions, limit: int) -> list[Row]:
    begin: list[Any] = [place.interaction_id]
    bounds: list[Any] = []
    if connection.vendor == "postgresql":
        upto, start, order = READABLE, "(i.era, i.xid, i.id) > (%s, %s::text::xid8, %s)", "i.era, i.xid, i.id"
        shown, begin = "i.era, i.xid::text::bigint", [place.era, str(place.xid), *begin]
        if end is not None:
            upto, bounds = "(i.era, i.xid, i.id) <= (%s, %s::text::xid8, %s)", [end.era, str(end.xid), end.interaction_id]
    else:
        upto, start, order, shown = "1", "i.id > %s", "i.id", "0, 0"
        if end is not None:
            upto, bounds = "i.id <= %s", [end.interaction_id]
    with connection.cursor() as cursor:
        cursor.execute(
            f"{SELECT}, {shown} FROM timeline_interaction i WHERE {start} AND {upto} AND {conditions.sql} ORDER BY {order} LIMIT %s",
            [*begin, *bounds, *conditions.values, limit],
        )
        rows: list[Row] = cursor.fetchall()
        return rows


def _place_of(row: Row) -> Position:
    return Position(row[-2], row[-1], row[0])
