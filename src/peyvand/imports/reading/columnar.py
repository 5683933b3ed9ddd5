"""Parquet files: checked, then read as they are. Called by staging and preparing."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from peyvand.imports.types import FileProblem, Row

if TYPE_CHECKING:
    import pyarrow as pa

BATCH: Final = 2_000


def check_parquet(path: Path) -> tuple[Sequence[str], int]:
    """Columns and the number of rows. Raises FileProblem where the file is not whole."""
    import pyarrow as pa  # noqa: PLC0415 - weight
    import pyarrow.parquet as pq  # noqa: PLC0415 - weight

    try:
        with pq.ParquetFile(path) as file:
            return list(file.schema_arrow.names), int(file.metadata.num_rows)
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise FileProblem(_("%(file)s is not a whole Parquet file: %(reason)s") % {"file": path.name, "reason": reason}) from None


def parquet_rows(path: Path, columns: Sequence[str], start: int = 0) -> Iterator[Row]:
    """Rows from `start` on, a batch in memory at a time; whole row groups before it are not read. Raises FileProblem."""
    import pyarrow as pa  # noqa: PLC0415 - weight
    import pyarrow.parquet as pq  # noqa: PLC0415 - weight

    try:
        with pq.ParquetFile(path) as file:
            for group in range(file.num_row_groups):
                held = file.metadata.row_group(group).num_rows
                if start >= held:
                    start -= held
                    continue
                for batch in file.iter_batches(BATCH, row_groups=[group], columns=list(columns)):
                    skipped = min(start, batch.num_rows)
                    start -= skipped
                    by_name = {
                        name: _plain(column).to_pylist() for name, column in zip(batch.schema.names, batch.slice(skipped), strict=True)
                    }
                    yield from zip(*(by_name[name] for name in columns), strict=True)
    except (pa.ArrowException, OSError) as error:
        reason = str(error).partition("\n")[0]
        raise FileProblem(_("%(file)s is not a whole Parquet file: %(reason)s") % {"file": path.name, "reason": reason}) from None


def _plain(column: "pa.Array") -> "pa.Array":
    """A column whose values Python's own types can hold: nanoseconds, as pandas writes them, are cut to microseconds."""
    wanted = _plain_type(column.type)
    return column if wanted == column.type else column.cast(wanted, safe=False)


def _plain_type(given: "pa.DataType") -> "pa.DataType":
    import pyarrow as pa  # noqa: PLC0415 - weight

    if pa.types.is_timestamp(given) and given.unit == "ns":
        return pa.timestamp("us", given.tz)
    if pa.types.is_duration(given) and given.unit == "ns":
        return pa.duration("us")
    if pa.types.is_time64(given) and given.unit == "ns":
        return pa.time64("us")
    if pa.types.is_dictionary(given):
        return _plain_type(given.value_type)
    if pa.types.is_list(given):
        return pa.list_(_plain_type(given.value_type))
    if pa.types.is_struct(given):
        return pa.struct([(field.name, _plain_type(field.type)) for field in given])
    return given
