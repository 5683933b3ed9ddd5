"""From rows of the timeline to Arrow tables of the lake."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from peyvand.core.fields import from_micros
from peyvand.timeline.lake.places import ALONE, CUBE, INTERACTIONS, PERCEPTIONS, ROLLUPS, SLICES, schema
from peyvand.timeline.reading import AT, Row

if TYPE_CHECKING:
    import pyarrow as pa

DAY: Final = 24 * 60 * 60 * 1_000_000  # in microseconds
Felt = Mapping[int, Sequence[Row]]


def _column(rows: Sequence[Row], name: str) -> list[Any]:
    place = AT.get(name)
    return [None] * len(rows) if place is None else [row[place] for row in rows]


@cache
def _month(day: int) -> str:
    """The month of a UTC day, counted from 1970; few days make up most of a copy."""
    return from_micros(day * DAY).strftime("%Y-%m")


def _shared(rows: Sequence[Row]) -> dict[str, list[Any]]:
    columns = {name: _column(rows, name) for name in ("occurred_at", "recorded_at", "subject_id", *SLICES)}
    columns["workspace"] = _column(rows, "workspace_id")
    columns["identity"] = _column(rows, "identity_id")
    columns["month"] = [_month(at // DAY) for at in columns["occurred_at"]]
    return columns


def _table(name: str, columns: Mapping[str, list[Any]]) -> "pa.Table":
    import pyarrow as pa  # noqa: PLC0415 - weight

    wanted = schema(name)
    arrays = []
    for column in wanted:
        if pa.types.is_timestamp(column.type):
            arrays.append(pa.array(columns[column.name], pa.int64()).cast(column.type))
        else:
            arrays.append(pa.array(columns[column.name], column.type))
    return pa.table(arrays, schema=wanted)


def interactions_table(rows: Sequence[Row]) -> "pa.Table":
    """Rows of the timeline as they lie in the lake, sorted by workspace and time."""
    columns = _shared(rows)
    for name in ("id", "amount", "currency", "duration_s", "response_s", "properties"):
        columns[name] = _column(rows, name)
    return _table(INTERACTIONS, columns).sort_by([("workspace", "ascending"), ("occurred_at", "ascending")])


def perceptions_table(rows: Sequence[Row], felt: Felt) -> "pa.Table":
    """Perceptions with the columns of their interaction, sorted by workspace and time."""
    pairs = [(row, p) for row in rows for p in felt.get(row[0], ())]
    columns = _shared([row for row, _p in pairs])
    columns["interaction"] = [row[0] for row, _p in pairs]
    for place, name in enumerate(("id", "measure", "item", "value", "low", "high", "text", "sentiment")):
        columns[name] = [p[place] for _row, p in pairs]
    return _table(PERCEPTIONS, columns).sort_by([("workspace", "ascending"), ("occurred_at", "ascending")])


def rollup_table(rows: Sequence[Row], felt: Felt, zones: Mapping[int, ZoneInfo], *, sign: int = 1) -> "pa.Table":
    """What these perceptions add to the rollups: how often each score was given, by day and slice.

    Counts add up, so a flush only appends and an undone batch appends the same with `sign` -1. `day` is the
    workspace's own day in the `zone` it had then. Perceptions without a score are left out.
    """
    counts: Counter[tuple[Any, ...]] = Counter()
    for row in rows:
        scored = [p for p in felt.get(row[0], ()) if p[3] is not None]
        if not scored:
            continue
        workspace = row[AT["workspace_id"]]
        day = from_micros(row[AT["occurred_at"]]).astimezone(zones[workspace]).date()
        cube = tuple(row[AT[name]] for name in CUBE)
        alone = [(name, row[AT[name]]) for name in ALONE if name in AT]
        for p in scored:
            counts[workspace, day, "cube", None, *cube, *p[1:6]] += sign
            for name, term in alone:
                counts[workspace, day, name, term, None, None, None, None, *p[1:6]] += sign
    return _counted(counts, zones)


def _counted(counts: Mapping[tuple[Any, ...], int], zones: Mapping[int, ZoneInfo]) -> "pa.Table":
    names = ("workspace", "day", "dimension", "term", *CUBE, "measure", "item", "value", "low", "high")
    keys = list(counts)
    columns = {name: [key[place] for key in keys] for place, name in enumerate(names)}
    columns["n"] = [counts[key] for key in keys]
    columns["zone"] = [zones[key[0]].key for key in keys]
    columns["month"] = [day.strftime("%Y-%m") for day in columns["day"]]
    return _table(ROLLUPS, columns).sort_by([("workspace", "ascending"), ("dimension", "ascending"), ("day", "ascending")])
