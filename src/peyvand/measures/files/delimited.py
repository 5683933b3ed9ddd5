"""Delimited text (CSV and kin): counted by DuckDB, and by Python's reader where that gives up. Called by counting."""

import csv
import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from peyvand.measures.files.duck import duck, duck_error, text_columns, text_literal
from peyvand.measures.files.errors import FileReadError
from peyvand.measures.files.layout import find_layout, read_rows
from peyvand.measures.files.table import Row

# Not null_padding, nor a single thread: with these DuckDB 1.5 drops all rows after a quote that never closes, without a word.
_OPTIONS: Final = """header = true, quote = '"', escape = '"', auto_detect = false"""


class Delimited:
    """An opened CSV in UTF-8; `wanted` are the columns asked for, which help to tell the delimiter."""

    def __init__(self, path: Path, wanted: Sequence[str]) -> None:
        """Read the header. Raises FileReadError where there is none."""
        self._path = path
        self._layout = find_layout(path, wanted)
        self.columns: Sequence[str] = self._layout.columns

    def counts(self, picked: Sequence[int]) -> Iterator[tuple[Row, int]]:
        """Yield combinations and how many rows have them. Raises FileReadError naming the line that cannot be read."""
        if len(self.columns) > 1:  # in a single column DuckDB takes the empty line at the end for a missing answer
            try:
                return iter(self._fast_counts(picked))
            except duck_error():
                pass  # short rows, mixed line ends, odd quotes, huge cells: read slowly, which also tells the line at fault
        return iter(self._slow_counts(picked).items())

    def _fast_counts(self, picked: Sequence[int]) -> list[tuple[Row, int]]:
        names = [f"c{place}" for place in range(len(self.columns))]
        listed = ", ".join(names[place] for place in picked)
        layout = f"delim = {text_literal(self._layout.delimiter)}, skip = {self._layout.skip}"
        with duck(self._path) as (connection, address):
            source = f"read_csv({address}, columns = {text_columns(names)}, {layout}, {_OPTIONS})"
            rows = connection.execute(f"SELECT {listed}, count(*) FROM {source} GROUP BY ALL").fetchall()
        return [(row[:-1], row[-1]) for row in rows]

    def _slow_counts(self, picked: Sequence[int]) -> Counter[Row]:
        found: Counter[Row] = Counter()
        width, line = len(self.columns), self._layout.skip
        with self._path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            rows = read_rows(itertools.islice(file, self._layout.skip, None), self._layout.delimiter)
            try:
                for row in itertools.islice(rows, 1, None):
                    if len(row) > width and any(row[width:]):
                        where = f"line {line + rows.line_num}"
                        raise FileReadError(f"{where} has {len(row)} cells where the header has {width}")
                    if row:
                        found[tuple(row[place] if place < len(row) else None for place in picked)] += 1
            except csv.Error as error:
                raise FileReadError(f"line {line + rows.line_num} cannot be read: {error}") from None
        return found
