"""Keeping the lake quick and small: many small files become few, old versions go after a grace for readers."""

import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog

from peyvand.timeline.lake import places
from peyvand.timeline.lake.layout import ROW_GROUP, layout
from peyvand.timeline.lake.rooms import clear_left, own_room

if TYPE_CHECKING:
    import pyarrow as pa
    from deltalake import DeltaTable

log = structlog.get_logger()
SMALL_FILES: Final = 40
GRACE_HOURS: Final = 1
ORDER: Final = "workspace, measure, channel, occurred_at"
MEMORY: Final = "384MB"  # beyond it rows wait in files, so a month of any size takes no more to sort


def tend() -> int:
    """Compact every table that has gathered files, then remove those that no version of the last hour needs; returns how many tables."""
    tended = 0
    clear_left()
    for table in places.TABLES:
        if not (places.lake_path() / table / "_delta_log").exists():
            continue
        target = places.open_table(table)
        if not _has_gathered(table, target):
            continue
        if table == places.ROLLUPS:
            _add_up(target)
        elif table == places.PERCEPTIONS:
            _sort(target)
        else:
            target.optimize.compact(writer_properties=layout(table))
        target.vacuum(retention_hours=GRACE_HOURS, dry_run=False, enforce_retention_duration=False)
        target.create_checkpoint()
        target.cleanup_metadata()
        tended += 1
    return tended


def _has_gathered(table: str, target: "DeltaTable") -> bool:
    """Whether so many small files make it up; of one that is written anew each time, whether so many old ones lie there."""
    if table in places.PARTITIONED:
        return len(target.file_uris()) >= SMALL_FILES + 2 * max(1, len(target.partitions()))
    return sum(1 for _file in (places.lake_path() / table).glob("*.parquet")) > SMALL_FILES


def _sort(target: "DeltaTable") -> None:
    """One file a month, by workspace, measure and channel, so that a question about one of them leaves the rows of others unread."""
    for month in _scattered(target):
        with tempfile.TemporaryDirectory(dir=own_room()) as room:
            sorted_now = _replace(target, month, _sorted(target, month, room))
        if not sorted_now:
            target.optimize.compact(partition_filters=[("month", "=", month)], writer_properties=layout(places.PERCEPTIONS))


def _sorted(target: "DeltaTable", month: str, room: str) -> "pa.RecordBatchReader":
    """The rows of a month in order, a group at a time; what the memory does not hold waits in the room."""
    import duckdb  # noqa: PLC0415 - weight

    engine = duckdb.connect(config={"memory_limit": MEMORY, "threads": 1, "temp_directory": room})
    engine.execute("SET TimeZone = 'UTC'; SET autoinstall_known_extensions = false")
    names = ", ".join(places.schema(places.PERCEPTIONS).names)
    read = "read_parquet($files, hive_partitioning = true, hive_types_autocast = false, union_by_name = true)"
    rows = engine.execute(f"SELECT {names} FROM {read} ORDER BY {ORDER}", {"files": _files_of(target, month)})
    reader: pa.RecordBatchReader = rows.to_arrow_reader(ROW_GROUP)
    return reader


def _replace(target: "DeltaTable", month: str, rows: "pa.Table | pa.RecordBatchReader") -> bool:
    """Put these in the place of a month's rows; False where a copy came meanwhile."""
    from deltalake import write_deltalake  # noqa: PLC0415 - weight
    from deltalake.exceptions import CommitFailedError  # noqa: PLC0415 - weight

    table = Path(target.table_uri).name
    try:
        write_deltalake(target, rows, mode="overwrite", predicate=f"month = '{month}'", writer_properties=layout(table))
    except CommitFailedError as error:
        log.info("lake.tended_later", table=table, month=month, error=str(error).partition("\n")[0])
        target.update_incremental()
        return False
    return True


def _add_up(target: "DeltaTable") -> None:
    """One row for each day, slice and score instead of one for each copy that met it; what cancels out goes."""
    import pyarrow.compute as pc  # noqa: PLC0415 - weight
    import pyarrow.dataset as ds  # noqa: PLC0415 - weight

    names = places.schema(places.ROLLUPS).names
    keys = [name for name in names if name != "n"]
    for month in _scattered(target):
        rows = target.to_pyarrow_dataset().to_table(filter=ds.field("month") == month)
        added = rows.group_by(keys, use_threads=False).aggregate([("n", "sum")]).rename_columns([*keys, "n"]).select(names)
        added = added.filter(pc.not_equal(added["n"], 0))
        added = added.sort_by([(name, "ascending") for name in ("workspace", "dimension", "measure", "day")])
        _replace(target, month, added)  # where a copy came meanwhile, the next time will do


def _files_of(target: "DeltaTable", month: str) -> list[str]:
    return [path for path in (uri.removeprefix("file://") for uri in target.file_uris()) if f"/month={month}/" in path]


def _scattered(target: "DeltaTable") -> list[str]:
    """The months that lie in several files."""
    files = Counter(Path(uri).parent.name.removeprefix("month=") for uri in target.file_uris())
    return [month for month, number in files.items() if number > 1]
