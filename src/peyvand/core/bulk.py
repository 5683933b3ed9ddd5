"""Many rows in few statements, one module for both databases: rows in, found rows out.

Called inside a transaction by the services of hot tables, which own the SQL's meaning.
"""

from collections.abc import Callable, Collection, Sequence
from functools import cache
from typing import Any, Final, NamedTuple

import msgspec
from django.db import connection

Row = tuple[Any, ...]
PIECES: Final = (128, 64, 32, 16, 8, 4, 2, 1)  # rows a statement on SQLite: few sizes, so that each is prepared once
_decode: Final[Callable[[str], list[Any]]] = msgspec.json.Decoder(list[Any]).decode
_encode: Final = msgspec.json.Encoder().encode


class Columns(NamedTuple):
    """Where rows go: a table, the columns every row shares, the columns each row brings, and their PostgreSQL types.

    `types` stands for shared and own columns together, in that order: int2, int4, int8, float8 or text.
    """

    table: str
    shared: tuple[str, ...]
    own: tuple[str, ...]
    types: tuple[str, ...]


class Question(NamedTuple):
    """One question in both dialects; the values it is about come first, as a JSON array.

    `sqlite` takes parameters as `?` and gives one value: a `json_group_array` of a `json_array` for each row found.
    `postgres` takes them as `%s` and gives the same columns as rows.
    """

    sqlite: str
    postgres: str


def insert(into: Columns, shared: Row, rows: Sequence[Row]) -> None:
    """Insert rows; `shared` holds the values that are the same in each. COPY on PostgreSQL."""
    if not rows:
        return
    if connection.vendor == "postgresql":
        _copy(into, shared, rows)
    else:
        with connection.wrap_database_errors:
            _insert_pieces(into, shared, rows)


def _copy(into: Columns, shared: Row, rows: Sequence[Row]) -> None:
    names = ", ".join((*into.shared, *into.own))
    statement = f"COPY {into.table} ({names}) FROM STDIN (FORMAT BINARY)"
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(into.types)
        write = copy.write_row
        for row in rows:
            write((*shared, *row))


def _insert_pieces(into: Columns, shared: Row, rows: Sequence[Row]) -> None:
    # The driver's own cursor: Django's would look for %s in every long statement. One statement for many rows, since
    # the driver lets other threads run at each, and comes back only after they had their turn.
    cursor = connection.connection.cursor()
    start = 0
    for size in PIECES:
        statement = _statement(into, size)
        while len(rows) - start >= size:
            values = list(shared)
            for row in rows[start : start + size]:
                values += row
            cursor.execute(statement, values)
            start += size


@cache
def _statement(into: Columns, size: int) -> str:
    names = ", ".join((*into.shared, *into.own))
    row = ", ".join([f"?{n}" for n in range(1, len(into.shared) + 1)] + ["?"] * len(into.own))
    rows = ", ".join([f"({row})"] * size)
    return f"INSERT INTO {into.table} ({names}) VALUES {rows}"


def take_ids(table: str, count: int) -> Sequence[int]:
    """So many unused integers for rows that are about to be inserted in this transaction.

    SQLite has one writer, so the next ones are free until the insert; PostgreSQL's sequence gives them for good.
    """
    if not count:
        return ()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT array_agg(nextval('{table}_id_seq')) FROM generate_series(1, %s)", [count])
            return list(cursor.fetchone()[0])
    with connection.wrap_database_errors:
        row = connection.connection.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()
    start = (row[0] if row else 0) + 1
    return range(start, start + count)


def ask(question: Question, values: Collection[Any], *more: Any) -> list[Any]:
    """The rows found for many values at once; the question takes `more` after the values."""
    text = _encode(values if isinstance(values, list) else list(values)).decode()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(question.postgres, [text, *more])
            rows: list[Any] = cursor.fetchall()
            return rows
    connection.ensure_connection()
    with connection.wrap_database_errors:
        # One text for all rows: fetched row by row, each row would let another thread run first.
        found = connection.connection.execute(question.sqlite, (text, *more)).fetchone()[0]
    return _decode(found)
