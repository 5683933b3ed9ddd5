"""Keeping the lake quick and small: many small files become few, old versions go after a grace for readers."""

from typing import TYPE_CHECKING

from peyvand.timeline.lake import places

if TYPE_CHECKING:
    from deltalake import DeltaTable

SMALL_FILES = 40
GRACE_HOURS = 1


def tend() -> int:
    """Compact every table that has gathered files, then remove those that no version of the last hour needs; returns how many tables."""
    tended = 0
    for table in (places.INTERACTIONS, places.PERCEPTIONS, places.ROLLUPS, places.IDENTITIES):
        if not (places.lake_path() / table / "_delta_log").exists():
            continue
        target = places.open_table(table)
        if not _has_gathered(table, target):
            continue
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
