"""What an engine of the lake does; its modules are such engines."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

Rows = list[tuple[Any, ...]]
Asked = Mapping[str, object]  # what a question sets: moments as aware datetimes, the rest dates, numbers, texts and sequences of them
Files = Mapping[str, Sequence[str]]  # the Parquet files of each table; none of a table that holds nothing yet


class FilesGone(Exception):
    """A file that was named is no longer there: the lake was compacted meanwhile."""


class Engine(Protocol):
    """One engine."""

    def sql(self, expression: Any) -> str:
        """An Ibis expression over the lake's tables in the engine's SQL."""

    def read(self, sql: str, asked: Asked, files: Files) -> Rows:
        """Run such SQL with what a question sets. Raises FilesGone."""
