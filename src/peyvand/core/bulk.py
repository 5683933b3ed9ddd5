"""Many rows in few statements, one module for both databases: rows in, found rows out.

Called inside a transaction by the services of hot tables, which own the SQL's meaning.
"""

from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final, NamedTuple
from weakref import WeakKeyDictionary

import msgspec
from django.db import connection

from peyvand.core import clock
from peyvand.core.postgres import exchange, filled
from peyvand.core.walls import COLUMN, across, check_here

Row = Sequence[Any]
PIECES: Final = (512, 128, 32)  # rows a statement on SQLite; what is left, fewer than 32, goes in one of its own
FEW: Final = 256  # rows that go in by one round trip on PostgreSQL, where COPY takes three for each table
AHEAD: Final = 4  # times as many integers as a few rows need
AHEAD_SECONDS: Final = 1.0
SHAPES: Final = 256  # statements kept, as many as the driver keeps: senders choose which columns they say
# The values of a question that are integers, as `w.value` on PostgreSQL. Made integers before anything is compared with them: a
# cast may tell of a row in an error, so behind a wall no index is asked for what a cast gives, and the table is read whole.
INTEGERS: Final = "(SELECT value::bigint FROM json_array_elements_text(%s::json) OFFSET 0) w"
_decode: Final[Callable[[str | bytes], list[Any]]] = msgspec.json.Decoder(list[Any]).decode
_encode: Final = msgspec.json.Encoder().encode
_spare: Final[WeakKeyDictionary[Any, dict[str, tuple[float, list[int]]]]] = WeakKeyDictionary()  # by connection and table


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
    `postgres` takes them as `%s` and gives the same columns as rows, each column by a name of its own.
    """

    sqlite: str
    postgres: str


class Part(NamedTuple):
    """Rows for one table; `shared` holds the values that are the same in each."""

    into: Columns
    shared: Row
    rows: Sequence[Row]


def insert(*parts: Part) -> None:
    """Insert rows, table by table in this order. On PostgreSQL a few go in by one statement, many by COPY.

    A column that is None in every row is left out, so it must have no default: each value handed over costs as much as
    storing it, and half of an interaction's are not said.
    """
    parts = tuple(_without_unsaid(part) for part in parts if part.rows)
    if not parts:
        return
    with connection.wrap_database_errors:
        if connection.vendor != "postgresql":
            for part in parts:
                _insert_pieces(*part)
        elif sum(len(part.rows) for part in parts) <= FEW:
            _insert_few(parts)
        else:
            for part in parts:
                _copy(*part)


def _without_unsaid(part: Part) -> Part:
    into, shared, rows = part
    said = tuple(n for n in range(len(into.own)) if any(row[n] is not None for row in rows))
    if len(said) < 2 or len(said) == len(into.own):  # one value alone would not be a row
        return part
    return Part(_narrowed(into, said), shared, list(map(itemgetter(*said), rows)))


@lru_cache(SHAPES)
def _narrowed(into: Columns, said: tuple[int, ...]) -> Columns:
    first = len(into.shared)
    own = tuple(into.own[n] for n in said)
    return into._replace(own=own, types=into.types[:first] + tuple(into.types[first + n] for n in said))


def _insert_few(parts: Sequence[Part]) -> None:
    exchange([filled(_from_json(part.into), (*part.shared, _text(part.rows))) for part in parts])


@lru_cache(SHAPES)
def _from_json(into: Columns) -> str:
    names = ", ".join((*into.shared, *into.own))
    types = into.types[len(into.shared) :]
    shared = ["%s::" + kind for kind in into.types[: len(into.shared)]]
    own = [f"w->>{n}" if kind == "text" else f"(w->>{n})::{kind}" for n, kind in enumerate(types)]
    return f"INSERT INTO {into.table} ({names}) SELECT {', '.join(shared + own)} FROM jsonb_array_elements(%s::jsonb) w"


def _copy(into: Columns, shared: Row, rows: Sequence[Row]) -> None:
    names = ", ".join((*into.shared, *into.own))
    statement = f"COPY {into.table} ({names}) FROM STDIN (FORMAT BINARY)"
    # PostgreSQL takes no COPY inside a wall, so whether these rows are of the workspace inside it is looked at here.
    if COLUMN in into.shared:
        check_here(shared[into.shared.index(COLUMN)])
    with across(), connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(into.types)
        write = copy.write_row
        for row in rows:
            write((*shared, *row))


def _insert_pieces(into: Columns, shared: Row, rows: Sequence[Row]) -> None:
    # The driver's own cursor: Django's would look for %s in every long statement. One statement for many rows, since
    # the driver lets other threads run at each, and comes back only after they had their turn.
    execute = connection.connection.cursor().execute
    start, left = 0, len(rows)
    while left:
        size = next((piece for piece in PIECES if piece <= left), left)
        values = list(shared)
        for row in rows[start : start + size]:
            values += row
        execute(_statement(into, size), values)
        start, left = start + size, left - size


@lru_cache(SHAPES)
def _statement(into: Columns, size: int) -> str:
    names = ", ".join((*into.shared, *into.own))
    row = ", ".join([f"?{n}" for n in range(1, len(into.shared) + 1)] + ["?"] * len(into.own))
    rows = ", ".join([f"({row})"] * size)
    return f"INSERT INTO {into.table} ({names}) VALUES {rows}"


def take_ids(table: str, count: int) -> Sequence[int]:
    """So many unused integers for rows that are about to be inserted in this transaction.

    SQLite has one writer, so the next ones are free until the insert; PostgreSQL's sequence gives them for good. Where a few
    are asked for, some more are taken along for this connection's next calls and kept no longer than a second, so that integers
    of several connections still tell what came later.
    """
    if not count:
        return ()
    connection.ensure_connection()
    if connection.vendor == "postgresql":
        return _take_from_sequence(table, count)
    with connection.wrap_database_errors:
        row = connection.connection.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()
    start = (row[0] if row else 0) + 1
    return range(start, start + count)


def _take_from_sequence(table: str, count: int) -> list[int]:
    spare = _spare.setdefault(connection.connection, {})
    until, ids = spare.get(table, (0.0, []))
    if len(ids) < count or until < clock.monotonic():
        wanted = count * AHEAD if count <= FEW else count
        (given,) = exchange([f"SELECT json_agg(nextval('{table}_id_seq')) FROM generate_series(1, {wanted:d})"])
        until, ids = clock.monotonic() + AHEAD_SECONDS, _decode(given or "[]")
    spare[table] = until, ids[count:]
    return ids[:count]


class Asked(NamedTuple):
    """A question, the values it is about, and what it takes after them."""

    question: Question
    values: Collection[Any]
    more: tuple[Any, ...] = ()


def ask(question: Question, values: Collection[Any], *more: Any) -> list[Any]:
    """The rows found for many values at once; the question takes `more` after the values."""
    return ask_all(Asked(question, values, more))[0]


def ask_all(*asked: Asked, first: tuple[str, Sequence[Any]] | None = None) -> list[list[Any]]:
    """The rows found for each question; one round trip on PostgreSQL, where a statement may go `first`."""
    if connection.vendor == "postgresql":
        return _ask_together(asked, first)
    connection.ensure_connection()
    with connection.wrap_database_errors:
        # One text for all rows: fetched row by row, each row would let another thread run first.
        execute = connection.connection.execute
        return [_decode(execute(question.sqlite, (_text(values), *more)).fetchone()[0]) for question, values, more in asked]


def _ask_together(asked: Sequence[Asked], first: tuple[str, Sequence[Any]] | None) -> list[list[Any]]:
    connection.ensure_connection()
    before = [] if first is None else [filled(*first)]
    questions = [filled(question.postgres, (_text(values), *more)) for question, values, more in asked]
    given = exchange([*before, "SELECT " + ", ".join([f"(SELECT json_agg(a) FROM ({question}) a)" for question in questions])])
    return [[list(row.values()) for row in _decode(text)] if text else [] for text in given]


def _text(values: Collection[Any]) -> str:
    return _encode(values if isinstance(values, list) else list(values)).decode()
