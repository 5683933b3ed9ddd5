"""Freeing what the database still holds of deleted rows: its write-ahead log and free pages. Called by the end of an erasure."""

import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from django.db import connection

from peyvand.core.db import is_sqlite
from peyvand.core.privacy import Person

SEARCHES: Final = ("customers_search", "surveys_search")
TOUCHED: Final = (
    "timeline_interaction", "timeline_perception", "timeline_deadletter", "identities_customer", "identities_identity",
    "identities_linkconflict", "identities_identitymove", "customers_profile", "customers_searchentry", "customers_consent",
    "surveys_answer", "surveys_invitation", "surveys_response", "channels_outgoing", "cases_case", "cases_caseevent", "tasks_task",
    "workspaces_auditentry", "core_job", "edge_givenanswer", "imports_import",
)  # fmt: skip


class Busy(Exception):
    """A reader holds an older state; try again in a moment."""


def wipe(person: Person | None) -> bool:
    """Let the database keep no bytes of deleted rows; False where words of a person still stand in it, in rows of others.

    SQLite overwrites what is deleted (secure_delete); the log is emptied here, and where a word is found all the same, or nobody
    is left to say which (`person` None), the whole file is written anew, while writers wait: some ten seconds a gigabyte.
    PostgreSQL frees the space. Raises Busy. Outside any transaction.
    """
    if not is_sqlite():
        _vacuum_tables()
        return True
    _empty_log()
    if person is not None and not _stands_in_file(person):
        return True
    write_anew()
    return person is None or not _stands_in_file(person)


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
    return any(_is_in(path, form) for path in _files() for form in _forms(person))


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


def _is_in(path: Path, form: bytes) -> bool:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(form) >= 0


def _vacuum_tables() -> None:
    wrapper: Any = connection
    known = set(connection.introspection.table_names())
    with wrapper.cursor() as cursor:
        for table in TOUCHED:
            if table in known:
                cursor.execute(f"VACUUM {connection.ops.quote_name(table)}")
