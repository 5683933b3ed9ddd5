"""Parquet files: checked, then read as they are. Called by staging and preparing."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from peyvand.imports.types import FileProblem, Row

if TYPE_CHECKING:
    import pyarrow as pa

BATCH: Final = 2_000
MOST_HELD: Final = 128 << 20  # bytes of a batch: 64 KB a row, which no table has
MOST_RATIO: Final = 200
RATIO_FROM: Final = 64 << 20
TEXTS: Final = ("STRING", "NONE", "JSON", "ENUM", "BSON")  # what BYTE_ARRAY may hold and be read by its distinct values


def check_parquet(path: Path) -> tuple[Sequence[str], int]:
    """Columns and the number of rows. Raises FileProblem where the file is not whole."""
    import pyarrow as pa  # noqa: PLC0415 - weight
    import pyarrow.parquet as pq  # noqa: PLC0415 - weight

    try:
        with pq.ParquetFile(path) as file:
            told = file.metadata
            names, rows = list(file.schema_arrow.names), int(told.num_rows)
            unpacked = sum(told.row_group(n).total_byte_size for n in range(told.num_row_groups))
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise FileProblem(_("%(file)s is not a whole Parquet file: %(reason)s") % {"file": path.name, "reason": reason}) from None
    if unpacked > RATIO_FROM and unpacked > MOST_RATIO * path.stat().st_size:
        raise _bomb(path)
    return names, rows


def _bomb(path: Path) -> FileProblem:
    return FileProblem(_("%(file)s unpacks to far more than a table would; save the sheet as CSV.") % {"file": path.name})


def parquet_rows(path: Path, columns: Sequence[str], start: int = 0) -> Iterator[Row]:
    """Rows from `start` on, a batch in memory at a time; whole row groups before it are not read. Raises FileProblem.

    A text that every row refers to stands once in the file. So texts are read by their distinct values, and a batch is weighed
    before its rows are written out: five hundred bytes of a file could else become gigabytes.
    """
    import pyarrow as pa  # noqa: PLC0415 - weight
    import pyarrow.parquet as pq  # noqa: PLC0415 - weight

    try:
        with pq.ParquetFile(path, read_dictionary=_text_columns(path)) as file:
            for group in range(file.num_row_groups):
                held = file.metadata.row_group(group).num_rows
                if start >= held:
                    start -= held
                    continue
                for batch in file.iter_batches(BATCH, row_groups=[group], columns=list(columns)):
                    skipped = min(start, batch.num_rows)
                    start -= skipped
                    if sum(map(_weight, batch.columns)) > MOST_HELD:
                        raise _bomb(path)
                    by_name = {
                        name: _plain(column).to_pylist() for name, column in zip(batch.schema.names, batch.slice(skipped), strict=True)
                    }
                    yield from zip(*(by_name[name] for name in columns), strict=True)
    except (pa.ArrowException, OSError) as error:
        reason = str(error).partition("\n")[0]
        raise FileProblem(_("%(file)s is not a whole Parquet file: %(reason)s") % {"file": path.name, "reason": reason}) from None


def _text_columns(path: Path) -> list[str]:
    import pyarrow.parquet as pq  # noqa: PLC0415 - weight

    schema = pq.read_metadata(path).schema
    columns = map(schema.column, range(len(schema)))
    return [one.path for one in columns if one.physical_type == "BYTE_ARRAY" and one.logical_type.type in TEXTS]


def _weight(column: "pa.Array") -> int:
    """How many bytes the values of a column have once each row has its own."""
    import pyarrow as pa  # noqa: PLC0415 - weight
    import pyarrow.compute as pc  # noqa: PLC0415 - weight

    if pa.types.is_dictionary(column.type):
        lengths = pc.take(pc.binary_length(column.dictionary), column.indices) if len(column.dictionary) else None
        return 0 if lengths is None else int(pc.sum(lengths.cast(pa.int64())).as_py() or 0)
    if pa.types.is_struct(column.type):
        return sum(map(_weight, column.flatten()))
    if pa.types.is_map(column.type):
        return _weight(column.keys) + _weight(column.items)
    if pa.types.is_nested(column.type):
        return _weight(column.flatten())
    return int(column.nbytes)


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
