"""Table, what every format is read as: named columns whose combinations of values can be counted. Implemented per format."""

from collections.abc import Iterator, Sequence
from typing import Protocol

Row = tuple[object, ...]


class Table(Protocol):
    """An opened file."""

    columns: Sequence[str]

    def counts(self, picked: Sequence[int]) -> Iterator[tuple[Row, int]]:
        """Yield (values of the picked columns, how many rows have them); a combination may come more than once.

        Raises FileReadError where a row cannot be read.
        """
        ...
