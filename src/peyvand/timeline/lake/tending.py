"""Keeping the lake quick: many small files become few, old versions go after a grace for readers."""

from peyvand.timeline.lake import places

SMALL_FILES = 40
GRACE_HOURS = 1


def tend() -> int:
    """Compact every table that has gathered small files, then remove files no version of the last hour needs."""
    compacted = 0
    for table in (places.INTERACTIONS, places.PERCEPTIONS, places.ROLLUPS, places.IDENTITIES):
        if not (places.lake_path() / table / "_delta_log").exists():
            continue
        target = places.open_table(table)
        partitions = max(1, len(target.partitions()) if table in places.PARTITIONED else 1)
        if len(target.file_uris()) < SMALL_FILES + 2 * partitions:
            continue
        target.optimize.compact()
        target.vacuum(retention_hours=GRACE_HOURS, dry_run=False, enforce_retention_duration=False)
        target.create_checkpoint()
        target.cleanup_metadata()
        compacted += 1
    return compacted
