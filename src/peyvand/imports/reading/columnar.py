"""Parquet files: checked, then read as they are. Called by staging and preparing."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from django.utils.translation import gettext as _

from peyvand.imports.types import FileProblem, Row

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
                    by_name = {name: column.to_pylist() for name, column in zip(batch.schema.names, batch.slice(skipped), strict=True)}
                    yield from zip(*(by_name[name] for name in columns), strict=True)
    except (pa.ArrowException, OSError) as error:
        reason = str(error).partition("\n")[0]
        raise FileProblem(_("%(file)s is not a whole Parquet file: %(reason)s") % {"file": path.name, "reason": reason}) from None
