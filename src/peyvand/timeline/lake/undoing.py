"""Taking an undone batch out of the lake: its scores are subtracted from the rollups, its rows deleted."""

from typing import TYPE_CHECKING

from peyvand.timeline.lake import places
from peyvand.timeline.lake.flushing import append, is_written, noted, zones_of
from peyvand.timeline.lake.layout import layout
from peyvand.timeline.lake.rows import rollup_table

if TYPE_CHECKING:
    import pyarrow as pa


def write_undone(number: int, batch: int) -> None:
    """Take a batch away under a step's number; each table skips what it remembers."""
    scores = False
    if perceptions := _perceptions_of(batch):
        zones = zones_of(set(perceptions["workspace"].unique().to_pylist()))
        rollups = rollup_table(perceptions, zones, sign=-1)
        scores = rollups.num_rows > 0
        append(places.ROLLUPS, number, rollups, scores=True)
    for table in (places.PERCEPTIONS, places.INTERACTIONS):
        target = places.open_table(table)
        if not is_written(target, number):
            remembered = noted(number, scores=scores and table == places.PERCEPTIONS)
            target.delete(f"batch = {batch:d}", writer_properties=layout(table), commit_properties=remembered)


def _perceptions_of(batch: int) -> "pa.Table":
    import pyarrow.dataset as ds  # noqa: PLC0415 - weight

    return places.open_table(places.PERCEPTIONS).to_pyarrow_dataset().to_table(filter=ds.field("batch") == batch)
