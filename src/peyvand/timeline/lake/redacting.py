"""The lake follows Redactions: rows that lost their person or words are written anew as the records have them, others go.

Afterwards `sweep` removes the files that still hold what was there before.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from deltalake import write_deltalake

from peyvand.core import clock
from peyvand.timeline.lake import places
from peyvand.timeline.lake.flushing import append, is_written, noted, zones_of
from peyvand.timeline.lake.layout import layout
from peyvand.timeline.lake.rows import interactions_table, perceptions_table, rollup_table
from peyvand.timeline.models import Redaction
from peyvand.timeline.reading import read_ids, read_perceptions

if TYPE_CHECKING:
    import pyarrow as pa
    from deltalake import DeltaTable

ABANDONED: Final = dt.timedelta(minutes=10)  # a file that no version names by then was left by a writer that died
KEYS: Final = ((places.PERCEPTIONS, "interaction"), (places.INTERACTIONS, "id"))


def write_redacted(number: int, redactions: Sequence[int]) -> None:
    """Follow redactions of one loss under a step's number; each table skips what it remembers."""
    found = Redaction.objects.filter(pk__in=redactions).values_list("loss", "ids")
    whole = any(loss == Redaction.Loss.WHOLE for loss, _ids in found)
    lost = [interaction for _loss, ids in found for interaction in ids]
    for table, key in KEYS:
        held = _held(table, key, lost)
        if not held.num_rows:
            continue
        scores = False
        if whole and table == places.PERCEPTIONS:
            rollups = rollup_table(held, zones_of(set(held["workspace"].unique().to_pylist())), sign=-1)
            scores = rollups.num_rows > 0
            append(places.ROLLUPS, number, rollups, scores=True)
        _replace(number, table, key, held, whole=whole, scores=scores)


def _held(table: str, key: str, ids: Sequence[int]) -> "pa.Table":
    """What the lake holds of these: rows that no step has copied yet will come as the records have them."""
    import pyarrow.dataset as ds  # noqa: PLC0415 - weight

    return places.open_table(table).to_pyarrow_dataset().to_table(filter=ds.field(key).isin(list(ids)))


def _replace(number: int, table: str, key: str, held: "pa.Table", *, whole: bool, scores: bool) -> None:
    """Take rows out and put those in that the records have now, in one commit."""
    target = places.open_table(table)
    if is_written(target, number):
        return
    ids, months = set(held[key].to_pylist()), set(held["month"].to_pylist())
    quoted = ", ".join(f"'{month}'" for month in sorted(months))
    where = f"month IN ({quoted}) AND {key} IN ({', '.join(map(str, sorted(ids)))})"
    remembered = noted(number, scores=scores)
    rows = [] if whole else read_ids(ids)
    felt = read_perceptions([row[0] for row in rows]) if rows and table == places.PERCEPTIONS else {}
    if not rows or (table == places.PERCEPTIONS and not felt):
        target.delete(where, writer_properties=layout(table), commit_properties=remembered)
        return
    anew: Any = interactions_table(rows)
    if table == places.PERCEPTIONS:
        anew = perceptions_table(anew, felt)
    write_deltalake(target, anew, mode="overwrite", predicate=where, writer_properties=layout(table), commit_properties=remembered)


def sweep(before: dt.datetime) -> dt.datetime | None:
    """Remove the files that hold rows as they were at `before`; gives when to come again where a writer may still need one.

    Whoever reads such a file at this moment lists the files again. Only once no step of that time is under way.
    """
    again: dt.datetime | None = None
    for table in (places.INTERACTIONS, places.PERCEPTIONS):
        if not (places.lake_path() / table / "_delta_log").exists():
            continue
        target = places.open_table(table)
        target.vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False)
        for path, written in _nameless(table, target):
            if written > before:
                continue
            if clock.now() - written < ABANDONED:
                again = max(again or written, written + ABANDONED)
            else:
                path.unlink(missing_ok=True)
    return again


def _nameless(table: str, target: "DeltaTable") -> Iterator[tuple[Path, dt.datetime]]:
    """Files that no version names, with when they were written."""
    named = {Path(uri.removeprefix("file://")).name for uri in target.file_uris()}
    for path in (places.lake_path() / table).rglob("*.parquet"):
        if "_delta_log" in path.parts or path.name in named:
            continue
        try:
            yield path, dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
        except FileNotFoundError:
            continue
