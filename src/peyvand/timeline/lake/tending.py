"""Keeping the lake quick and small: many small files become few, old versions go after a grace for readers."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog

from peyvand.timeline.lake import places

if TYPE_CHECKING:
    from deltalake import DeltaTable

log = structlog.get_logger()
SMALL_FILES: Final = 40
GRACE_HOURS: Final = 1
ROW_GROUP: Final = 65_536  # rows a reader takes or leaves as a whole, by the least and the most of their columns
MOST_SORTED: Final = 24 << 20  # bytes of a month, some 1.2 million perceptions; sorting them takes 30 times as much memory


def tend() -> int:
    """Compact every table that has gathered files, then remove those that no version of the last hour needs; returns how many tables."""
    tended = 0
    for table in (places.INTERACTIONS, places.PERCEPTIONS, places.ROLLUPS, places.IDENTITIES):
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
            target.optimize.compact()
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
    """One file a month, by workspace and measure, so that a question about one measure leaves the rows of others unread."""
    from deltalake import WriterProperties  # noqa: PLC0415 - weight

    layout = WriterProperties(compression="ZSTD", max_row_group_size=ROW_GROUP)
    for month, size in _scattered(target).items():
        filters = [("month", "=", month)]
        if size <= MOST_SORTED:
            target.optimize.z_order(["workspace", "measure"], partition_filters=filters, writer_properties=layout)
        else:
            target.optimize.compact(partition_filters=filters, writer_properties=layout)


def _add_up(target: "DeltaTable") -> None:
    """One row for each day, slice and score instead of one for each copy that met it; what cancels out goes."""
    import pyarrow.compute as pc  # noqa: PLC0415 - weight
    import pyarrow.dataset as ds  # noqa: PLC0415 - weight
    from deltalake import WriterProperties, write_deltalake  # noqa: PLC0415 - weight
    from deltalake.exceptions import CommitFailedError  # noqa: PLC0415 - weight

    names = places.schema(places.ROLLUPS).names
    keys = [name for name in names if name != "n"]
    layout = WriterProperties(compression="ZSTD", max_row_group_size=ROW_GROUP)
    for month in _scattered(target):
        rows = target.to_pyarrow_dataset().to_table(filter=ds.field("month") == month)
        added = rows.group_by(keys, use_threads=False).aggregate([("n", "sum")]).rename_columns([*keys, "n"]).select(names)
        added = added.filter(pc.not_equal(added["n"], 0))
        added = added.sort_by([(name, "ascending") for name in ("workspace", "dimension", "measure", "day")])
        try:
            write_deltalake(target, added, mode="overwrite", predicate=f"month = '{month}'", writer_properties=layout)
        except CommitFailedError as error:  # a copy came meanwhile; the next time will do
            log.info("lake.tended_later", month=month, error=str(error).partition("\n")[0])
            target.update_incremental()


def _scattered(target: "DeltaTable") -> Counter[str]:
    """The bytes of each month that lies in several files."""
    files: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for path in target.file_uris():
        file = Path(path.removeprefix("file://"))
        month = file.parent.name.removeprefix("month=")
        files[month] += 1
        sizes[month] += file.stat().st_size
    return Counter({month: size for month, size in sizes.items() if files[month] > 1})
