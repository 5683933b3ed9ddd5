"""Many rows inserted, or changed where they stand already, in one statement on SQLite and on PostgreSQL."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from django.db import connection

_encode = msgspec.json.Encoder().encode


class Upsert:
    """Where rows go: a table whose first column is its key, the columns rows bring (with PostgreSQL types), and constants."""

    def __init__(self, table: str, columns: Mapping[str, str], constants: Mapping[str, str]) -> None:
        self.columns = tuple(columns)
        names = ", ".join((*columns, *constants))
        conflict = f" ON CONFLICT ({self.columns[0]}) DO UPDATE SET "
        values = ", ".join([*["%s"] * len(columns), *constants.values()])
        self._sqlite = f"INSERT INTO {table} ({names}) VALUES ({values}){conflict}"
        # Columns as JSON arrays: five times cheaper to send than arrays of PostgreSQL's own, and as quick to read.
        given = ", ".join([*(f"u.{name}::{kind}" for name, kind in columns.items()), *constants.values()])
        arrays = ", ".join(["json_array_elements_text(%s::json)"] * len(columns))
        self._postgres = f"INSERT INTO {table} ({names}) SELECT {given} FROM ROWS FROM ({arrays}) AS u({', '.join(columns)}){conflict}"

    def run(self, rows: Sequence[Sequence[Any]], changes: str) -> None:
        """Insert rows, no key twice; `changes` is what is SET where a row stands, over the table's name and `excluded`."""
        if not rows:
            return
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute(self._postgres + changes, [_encode(column).decode() for column in zip(*rows, strict=True)])
            else:
                cursor.executemany(self._sqlite + changes, rows)
