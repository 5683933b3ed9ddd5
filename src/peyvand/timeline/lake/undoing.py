"""Taking an undone batch out of the lake: its scores are subtracted from the rollups, its rows deleted."""

from typing import Any

from deltalake import CommitProperties, Transaction

from peyvand.core.fields import to_micros
from peyvand.timeline.lake import places
from peyvand.timeline.lake.flushing import APPLICATION, append, zones_of
from peyvand.timeline.lake.rows import rollup_table
from peyvand.timeline.reading import AT, Row

FELT = ("id", "measure", "item", "value", "low", "high", "text", "sentiment")


def write_undone(number: int, batch: int) -> None:
    """Take a batch away under a step's number; each table skips what it remembers."""
    rows, felt = _perceptions_of(batch)
    if rows:
        zones = zones_of({row[AT["workspace_id"]] for row in rows})
        append(places.ROLLUPS, number, rollup_table(rows, felt, zones, sign=-1))
    for table in (places.PERCEPTIONS, places.INTERACTIONS):
        target = places.open_table(table)
        if (target.transaction_version(APPLICATION) or 0) < number:
            target.delete(f"batch = {batch:d}", commit_properties=CommitProperties(app_transactions=[Transaction(APPLICATION, number)]))


def _perceptions_of(batch: int) -> tuple[list[Row], dict[int, list[Row]]]:
    """The batch's perceptions as the lake holds them, in the shape the timeline is read in."""
    import pyarrow.dataset as ds  # noqa: PLC0415 - weight

    found = places.open_table(places.PERCEPTIONS).to_pyarrow_dataset().to_table(filter=ds.field("batch") == batch)
    rows: dict[int, Row] = {}
    felt: dict[int, list[Row]] = {}
    for line in found.to_pylist():
        interaction = line["interaction"]
        rows.setdefault(interaction, _row(line))
        felt.setdefault(interaction, []).append(tuple(line[name] for name in FELT))
    return list(rows.values()), felt


def _row(line: dict[str, Any]) -> Row:
    row: list[Any] = [None] * len(AT)
    for name, place in AT.items():
        row[place] = line.get(name)
    row[AT["id"]] = line["interaction"]
    row[AT["workspace_id"]], row[AT["identity_id"]] = line["workspace"], line["identity"]
    row[AT["occurred_at"]], row[AT["recorded_at"]] = to_micros(line["occurred_at"]), to_micros(line["recorded_at"])
    return tuple(row)
