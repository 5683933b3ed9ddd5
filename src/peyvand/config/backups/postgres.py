"""The database part of a backup on PostgreSQL: every table by COPY from one consistent state. It needs no tools of the server."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from peyvand.config.backups.archive import Tell, Writer
from peyvand.config.command import Abort

FOLDER: Final = "tables"
HISTORY: Final = "django_migrations"  # written by migrating, not copied
PIECE: Final = 1 << 20
TABLES: Final = """
    SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> %s
    GROUP BY c.relname ORDER BY c.relname
"""
SEQUENCES: Final = """
    SELECT s.relname, t.relname, a.attname
    FROM pg_class s JOIN pg_depend d ON d.objid = s.oid AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
    JOIN pg_class t ON t.oid = d.refobjid JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
    WHERE s.relkind = 'S' AND s.relnamespace = current_schema()::regnamespace AND t.relname <> %s
"""


def dump(writer: Writer, folder: Path, tell: Tell) -> dict[str, int]:
    """Copy one consistent state into the archive, table by table; returns the rows of each."""
    counts: dict[str, int] = {}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0")
        for table, names in _tables(cursor):
            columns, path = listed(names), folder / f"{table}.copy"
            counts[table] = _copy_out(cursor, f"COPY (SELECT {columns} FROM {_quoted(table)}) TO STDOUT", path, tell)
            head = folder / f"{table}.columns"
            head.write_text(columns, encoding="utf-8")
            for made in (head, path):
                writer.add(f"{FOLDER}/{made.name}", made)
                made.unlink()
    return counts


def _copy_out(cursor: CursorWrapper, statement: str, path: Path, tell: Tell) -> int:
    total = 0
    raw: Any = cursor.cursor
    with path.open("wb") as file, raw.copy(statement) as copy:
        for piece in copy:
            total += file.write(piece)
            tell(total)
    return int(raw.rowcount)


def is_clean() -> bool:
    """Say whether nothing would be lost: no workspaces, or no tables at all."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('workspaces_workspace')")
        if cursor.fetchone()[0] is None:
            return True
        cursor.execute("SELECT count(*) FROM workspaces_workspace")
        return bool(cursor.fetchone()[0] == 0)


@contextmanager
def filling() -> Iterator[tuple[CursorWrapper, dict[str, list[str]]]]:
    """The tables, which stand at the backup's own migrations, emptied and to be filled: all of it arrives or nothing.

    Gives the columns of each.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0; SET CONSTRAINTS ALL DEFERRED")
        known = dict(_tables(cursor))
        cursor.execute(f"TRUNCATE {listed(known)} RESTART IDENTITY")
        yield cursor, known
        _set_sequences(cursor)


def load(folder: Path, promised: dict[str, int], tell: Tell) -> None:
    """Fill the tables with what `dump` wrote."""
    total = 0
    with filling() as (cursor, known):
        if strange := promised.keys() - known.keys():
            raise Abort(f"this backup has tables that this release does not know: {', '.join(sorted(strange))}.")
        for table, rows in promised.items():
            columns = listed(_named(folder / FOLDER / f"{table}.columns", known[table]))
            found = _copy_in(cursor, f"COPY {_quoted(table)} ({columns}) FROM STDIN", folder / FOLDER / f"{table}.copy")
            check_count(table, found, rows)
            total += found
            tell(total)


def _named(path: Path, known: Collection[str]) -> list[str]:
    """The columns that a backup names, which are names and nothing else: what a file says is no statement. Raises Abort."""
    named = [name.strip('"') for name in path.read_text(encoding="utf-8").split(", ")]
    if strange := set(named) - set(known):
        raise Abort(f"this backup has columns of {path.stem} that this release does not know: {', '.join(sorted(strange))[:200]}.")
    return named


def check_count(table: str, found: int, promised: int) -> None:
    """Raise Abort where a table has other rows than the manifest promises."""
    if found != promised:
        raise Abort(f"table {table} has {found} rows in this backup, and its manifest promises {promised}.")


def _copy_in(cursor: CursorWrapper, statement: str, path: Path) -> int:
    raw: Any = cursor.cursor
    with path.open("rb") as file, raw.copy(statement) as copy:
        while piece := file.read(PIECE):
            copy.write(piece)
    return int(raw.rowcount)


def _set_sequences(cursor: CursorWrapper) -> None:
    cursor.execute(SEQUENCES, [HISTORY])
    for sequence, table, column in cursor.fetchall():
        cursor.execute(
            f"SELECT setval(%s::regclass, coalesce(max({_quoted(column)}), 1), max({_quoted(column)}) IS NOT NULL) FROM {_quoted(table)}",
            [_quoted(sequence)],
        )


def listed(names: Iterable[str]) -> str:
    """Names as they stand in a statement of either database."""
    return ", ".join(map(_quoted, names))


def _tables(cursor: CursorWrapper) -> Iterator[tuple[str, list[str]]]:
    cursor.execute(TABLES, [HISTORY])
    yield from cursor.fetchall()


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
