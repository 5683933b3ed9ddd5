"""Parquet and JSON, both counted by DuckDB. Called by counting."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from peyvand.measures.files.duck import duck, duck_error, name_literal, text_columns
from peyvand.measures.files.errors import FileReadError
from peyvand.measures.files.table import Row


class Parquet:
    """An opened Parquet file."""

    def __init__(self, path: Path) -> None:
        """Read the schema. Raises FileReadError where the file is damaged."""
        self._path = path
        described = self._rows("DESCRIBE SELECT *", "")
        self.columns: Sequence[str] = [str(row[0]) for row in described]
        self._zoned = {str(row[0]) for row in described if "WITH TIME ZONE" in str(row[1])}

    def counts(self, picked: Sequence[int]) -> Iterator[tuple[Row, int]]:
        """Yield combinations and how many rows have them."""
        names = ", ".join(self._read(self.columns[place]) for place in picked)
        return ((row[:-1], row[-1]) for row in self._rows(f"SELECT {names}, count(*)", "GROUP BY ALL"))

    def _read(self, name: str) -> str:
        """A column; a moment with a zone as text in UTC, since DuckDB would give it with a module that is not here."""
        literal = name_literal(name)
        return f"strftime(make_timestamp(epoch_us({literal})), '%Y-%m-%d %H:%M:%S')" if name in self._zoned else literal

    def _rows(self, select: str, ending: str) -> list[Any]:
        try:
            with duck(self._path) as (connection, address):
                query = f"{select} FROM read_parquet({address}, hive_partitioning = false) {ending}"
                return connection.execute(query).fetchall()
        except duck_error() as error:
            raise FileReadError(f"{self._path.name} is not a whole Parquet file: {_first_line(error)}") from None


class JsonRows:
    """An opened file of JSON objects in UTF-8: one a line, or all in one array."""

    def __init__(self, path: Path, form: Literal["newline_delimited", "array"]) -> None:
        """Collect the names of all objects. Raises FileReadError naming the line that is no JSON."""
        self._path, self._form = path, form
        names = "CASE json_type(json) WHEN 'OBJECT' THEN json_keys(json) ELSE [NULL] END"
        rows = self._rows(f"SELECT DISTINCT unnest({names}) FROM read_json_objects", "")
        if (None,) in rows:
            raise FileReadError(f"not proper JSON: {self._fault() or 'not everything in it is an object'}")
        self.columns: Sequence[str] = sorted(row[0] for row in rows)

    def counts(self, picked: Sequence[int]) -> Iterator[tuple[Row, int]]:
        """Yield combinations and how many objects have them; what is nested comes as its JSON text."""
        names = [self.columns[place] for place in picked]
        listed = ", ".join(name_literal(name) for name in names)
        columns = text_columns(list(dict.fromkeys(names)))
        rows = self._rows(f"SELECT {listed}, count(*) FROM read_json", f", columns = {columns}", "GROUP BY ALL")
        return ((row[:-1], row[-1]) for row in rows)

    def _rows(self, reader: str, options: str, ending: str = "") -> list[Any]:
        try:
            with duck(self._path) as (connection, address):
                query = f"{reader}({address}, format = '{self._form}'{options}) {ending}"
                return connection.execute(query).fetchall()
        except (duck_error(), UnicodeDecodeError) as error:
            raise FileReadError(f"not proper JSON: {self._fault() or _first_line(error)}") from None

    def _fault(self) -> str | None:
        """Find what DuckDB tells only roughly: the first line that is no object."""
        with self._path.open(encoding="utf-8", errors="replace") as file:
            for number, line in enumerate(file if self._form == "newline_delimited" else (), start=1):
                try:
                    if line.strip() and not isinstance(json.loads(line), dict):
                        return f"line {number} is no object"
                except json.JSONDecodeError as error:
                    return f"line {number}: {error.msg}"
        return None


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0].rstrip(". ")
