"""From rows of the timeline to Arrow tables of the lake, by whole columns: that leaves the interpreter to others."""

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from peyvand.core.fields import from_micros
from peyvand.timeline.lake.places import ALONE, CUBE, INTERACTIONS, PERCEPTIONS, ROLLUPS, schema
from peyvand.timeline.reading import AT, COLUMNS, Row

if TYPE_CHECKING:
    import pyarrow as pa

QUARTER: Final = 15 * 60 * 1_000_000  # of an hour, in microseconds: since 1972 days begin on one in every time zone
QUARTERS: Final = 100_000  # remembered; few make up most of a copy
NAMES: Final = {"workspace_id": "workspace", "identity_id": "identity"}  # what the lake calls otherwise
FELT: Final = ("id", "measure", "item", "value", "low", "high", "text", "sentiment")  # as read_perceptions gives them
SCORE: Final = ("measure", "item", "value", "low", "high")
Felt = Mapping[int, Sequence[Row]]


def interactions_table(rows: Sequence[Row]) -> "pa.Table":
    """Rows of the timeline as they lie in the lake, sorted by workspace and time."""
    columns = zip(COLUMNS, zip(*rows, strict=True), strict=True)
    return _in_time(_table(INTERACTIONS, {NAMES.get(name, name): column for name, column in columns}))


def perceptions_table(interactions: "pa.Table", felt: Felt) -> "pa.Table":
    """The perceptions of interactions of the lake, with the columns of theirs, sorted by workspace and time."""
    import pyarrow as pa  # noqa: PLC0415 - weight
    import pyarrow.compute as pc  # noqa: PLC0415 - weight

    columns: dict[str, Any] = dict(zip(FELT, zip(*(p for several in felt.values() for p in several), strict=True), strict=True))
    columns["interaction"] = pa.array([interaction for interaction, several in felt.items() for _p in several], pa.int64())
    shared = interactions.drop_columns(["id"]).take(pc.index_in(columns["interaction"], value_set=interactions["id"]))
    return _in_time(_table(PERCEPTIONS, _columns(shared) | columns))


def rollup_table(perceptions: "pa.Table", zones: Mapping[int, ZoneInfo], *, sign: int = 1) -> "pa.Table":
    """What these perceptions of the lake add to the rollups: how often each score was given, by day and slice.

    Counts add up, so a flush only appends and an undone batch appends the same with `sign` -1. `day` is the
    workspace's own day in the `zone` it had then. Perceptions without a score are left out.
    """
    import pyarrow as pa  # noqa: PLC0415 - weight
    import pyarrow.compute as pc  # noqa: PLC0415 - weight

    scored = perceptions.filter(pc.is_valid(perceptions["value"]))
    scored = scored.append_column("day", pa.array(_days(scored, zones), pa.date32()))
    slices = {"cube": {name: name for name in CUBE}} | {name: {"term": name} for name in ALONE if name in AT}
    counted = [_counted(scored, dimension, terms) for dimension, terms in slices.items()]
    columns = _columns(pa.concat_tables(counted, promote_options="default"))
    columns["n"] = pc.multiply(columns["n"], sign)
    columns["zone"] = [zones[workspace].key for workspace in columns["workspace"].to_pylist()]
    return _table(ROLLUPS, columns).sort_by([("workspace", "ascending"), ("dimension", "ascending"), ("day", "ascending")])


def _counted(scored: "pa.Table", dimension: str, terms: Mapping[str, str]) -> "pa.Table":
    """How often each score was given by `terms`, the rollup's column → the perceptions'."""
    import pyarrow as pa  # noqa: PLC0415 - weight

    keys = ["workspace", "day", *terms.values(), *SCORE]
    found = scored.group_by(keys, use_threads=False).aggregate([([], "count_all")])
    found = found.select([*keys, "count_all"]).rename_columns(["workspace", "day", *terms, *SCORE, "n"])
    return found.append_column("dimension", pa.repeat(dimension, len(found)))


def _days(scored: "pa.Table", zones: Mapping[int, ZoneInfo]) -> list[dt.date]:
    moments = scored["occurred_at"].cast("int64").to_pylist()
    return [_day(zones[workspace], at // QUARTER) for workspace, at in zip(scored["workspace"].to_pylist(), moments, strict=True)]


@lru_cache(QUARTERS)
def _day(zone: ZoneInfo, quarter: int) -> dt.date:
    return from_micros(quarter * QUARTER).astimezone(zone).date()


def _columns(table: "pa.Table") -> dict[str, Any]:
    return dict(zip(table.column_names, table.columns, strict=True))


def _table(name: str, columns: Mapping[str, Any]) -> "pa.Table":
    """A table of the lake from columns of Arrow or Python; those not given are empty, `month` is that of its day or moment."""
    import pyarrow as pa  # noqa: PLC0415 - weight
    import pyarrow.compute as pc  # noqa: PLC0415 - weight

    found: dict[str, pa.ChunkedArray | pa.Array] = {}
    for wanted in schema(name):
        column = columns.get(wanted.name)
        if wanted.name == "month":
            column = pc.strftime(found["day" if "day" in found else "occurred_at"].cast(pa.date32()), "%Y-%m")
        elif column is None:
            column = pa.nulls(len(next(iter(found.values()))), wanted.type)
        elif not isinstance(column, pa.ChunkedArray | pa.Array):
            column = pa.array(column, pa.int64() if pa.types.is_timestamp(wanted.type) else wanted.type)
        found[wanted.name] = column.cast(wanted.type)
    return pa.table(found)


def _in_time(table: "pa.Table") -> "pa.Table":
    return table.sort_by([("workspace", "ascending"), ("occurred_at", "ascending")])
