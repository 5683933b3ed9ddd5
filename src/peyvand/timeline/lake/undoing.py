"""Taking an undone batch out of the lake: its scores are subtracted from the rollups, its rows deleted."""

from typing import TYPE_CHECKING

from deltalake import CommitProperties, Transaction

from peyvand.timeline.lake import places
from peyvand.timeline.lake.flushing import APPLICATION, append, zones_of
from peyvand.timeline.lake.rows import rollup_table

if TYPE_CHECKING:
    import pyarrow as pa


def write_undone(number: int, batch: int) -> None:
    """Take a batch away under a step's number; each table skips what it remembers."""
    if perceptions := _perceptions_of(batch):
        zones = zones_of(set(perceptions["workspace"].unique().to_pylist()))
        append(places.ROLLUPS, number, rollup_table(perceptions, zones, sign=-1))
    for table in (places.PERCEPTIONS, places.INTERACTIONS):
        target = places.open_table(table)
        if (target.transaction_version(APPLICATION) or 0) < number:
            target.delete(f"batch = {batch:d}", commit_properties=CommitProperties(app_transactions=[Transaction(APPLICATION, number)]))


def _perceptions_of(batch: int) -> "pa.Table":
    import pyarrow.dataset as ds  # noqa: PLC0415 - weight

    return places.open_table(places.PERCEPTIONS).to_pyarrow_dataset().to_table(filter=ds.field("batch") == batch)
