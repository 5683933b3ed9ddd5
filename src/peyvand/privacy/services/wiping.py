"""Freeing what the database still holds of deleted rows: its write-ahead log and free pages. Called by the end of an erasure."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from django.apps import apps
from django.db import connection

from peyvand.core.db import is_sqlite
from peyvand.core.privacy import Person, keepers
from peyvand.core.sqlite.peeking import pieces

SEARCHES: Final = ("customers_search", "surveys_search")
QUOTED: Final = (  # columns of words whose values PostgreSQL's planner quotes
    "SELECT s.attname, format_type(a.atttypid, a.atttypmod) FROM pg_stats s "
    "JOIN pg_attribute a ON a.attrelid = quote_ident(s.tablename)::regclass AND a.attname = s.attname "
    "WHERE s.schemaname = current_schema() AND s.tablename = %s AND (a.attcollation <> 0 OR a.atttypid = 'jsonb'::regtype)"
)
FREED, LOG = "freed_space", "write_ahead_log"  # codes of what PostgreSQL keeps: Erasure.left
JOBS: Final = "core.Job"  # of which no app is the keeper; see core.jobs.hide_person


class Busy(Exception):
    """A reader holds an older state; try again in a moment."""


def wipe(person: Person | None) -> bool:
    """Let the database keep no bytes of deleted rows; False where words of a person still stand in it, in rows of others.

    SQLite overwrites what is deleted (secure_delete); the log is emptied here, and where a word is found all the same, or nobody
    is left to say which (`person` None), the whole file is written anew, while writers wait: some ten seconds a gigabyte.
    PostgreSQL frees the space, in which old bytes stand until it is used again (rewriting.py), and the planner's statistics are taken
    anew: they quote values. Raises Busy. Outside any transaction.
    """
    if not is_sqlite():
        _vacuum_tables()
        return True
    _empty_log()
    if person is not None and not _stands_in_file(person):
        return True
    write_anew()
    return person is None or not _stands_in_file(person)


def beyond_reach() -> list[str]:
    """Codes of what the database keeps of deleted rows whatever is done here."""
    return [] if is_sqlite() else [FREED, LOG]


def empty_log() -> None:
    """Empty SQLite's write-ahead log; nothing on PostgreSQL. Raises Busy."""
    if is_sqlite():
        _empty_log()


def _empty_log() -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        busy, _pages, _moved = cursor.fetchone()
    if busy:
        raise Busy("The database's log cannot be emptied while somebody reads an older state of it.")


def write_anew() -> None:
    """Write SQLite's whole file anew, while writers wait: without what is deleted and the room it left. Outside any transaction."""
    with connection.cursor() as cursor:
        for table in SEARCHES:
            cursor.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")
        cursor.execute("PRAGMA temp_store")
        (kept,) = cursor.fetchone()
        cursor.execute("PRAGMA temp_store = FILE")  # else a copy of the whole database stands in memory
        try:
            cursor.execute("VACUUM")
        finally:
            cursor.execute(f"PRAGMA temp_store = {kept:d}")
    _empty_log()


def _stands_in_file(person: Person) -> bool:
    forms = list(_forms(person))
    longest = max(map(len, forms), default=1)
    return any(form in piece for path in _files() for piece in pieces(path, longest - 1) for form in forms)


def _files() -> Iterator[Path]:
    path = Path(str(connection.settings_dict["NAME"]))
    for ending in ("", "-wal"):
        if (found := path.with_name(path.name + ending)).exists() and found.stat().st_size:
            yield found


def _forms(person: Person) -> Iterator[bytes]:
    """Their words as a row would hold them: as they are, and as JSON escapes them."""
    for word in (*person.words, *person.names):
        yield word.encode()
        if not word.isascii():
            yield word.encode("ascii", "backslashreplace")
        if word.lstrip("+").isdigit() and len(word) > 10:
            yield word[-10:].encode()


def _vacuum_tables() -> None:
    wrapper: Any = connection
    with wrapper.cursor() as cursor:
        for table in tables_of_people():
            named = connection.ops.quote_name(table)
            cursor.execute(f"VACUUM (ANALYZE) {named}")
            cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {named})")
            if not cursor.fetchone()[0]:
                _forget_statistics(table)


def _forget_statistics(table: str) -> None:
    """Of an empty table ANALYZE keeps what it knew; a column that is given its own type again, which costs nothing, loses it."""
    with connection.cursor() as cursor:
        cursor.execute(QUOTED, [table])
        for name, kind in cursor.fetchall():
            column = connection.ops.quote_name(name)
            cursor.execute(f"ALTER TABLE {connection.ops.quote_name(table)} ALTER COLUMN {column} TYPE {kind}")


def tables_of_people() -> list[str]:
    """Every table in which an erasure changes or deletes rows: those of the keepers, and the queue."""
    labels = {JOBS, *(label for keeper in keepers() for label in keeper.COVERS)}
    return sorted(apps.get_model(label)._meta.db_table for label in labels)  # noqa: SLF001 - Django's public way to a table's name
