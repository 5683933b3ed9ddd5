"""What code above the ORM may know of the database: which one it is, read-only blocks, small commits, failures."""

import errno
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, Final, TypeVar

from django.db import DatabaseError, InterfaceError, connection, transaction

T = TypeVar("T")
COMMIT_SECONDS: Final = 0.020
PAGES_KEPT: Final = 64 * 1024  # KB
DISK_FULL: Final = (
    "database or disk is full",
    "disk I/O error",
    "unable to open database file",
    "readonly database",
    "No space left on device",
)
# PostgreSQL classes: connection lost, out of resources (disk, memory, connections), shutting down or starting.
STOPPED_CLASSES: Final = ("08", "53", "57P", "58")


class StoreUnavailable(Exception):
    """The database cannot be reached or written now; nothing was stored. retry_after is in seconds."""

    def __init__(self, message: str, retry_after: int = 5) -> None:
        super().__init__(message)
        self.retry_after = retry_after


def is_sqlite() -> bool:
    """Say whether the record store is SQLite (else it is PostgreSQL)."""
    return connection.vendor == "sqlite"


@contextmanager
def reading() -> Iterator[None]:
    """Open a transaction that only reads one consistent state and never waits for writers; keep it under one second.

    Inside another atomic block it adds nothing.
    """
    if connection.in_atomic_block:
        yield
    elif is_sqlite():
        connection.ensure_connection()
        wrapper: Any = connection
        wrapper.reading = True
        try:
            with transaction.atomic():
                yield
        finally:
            wrapper.reading = False
    else:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield


def change_mark() -> str:
    """Return a mark that differs once another connection has committed something; asking costs next to nothing."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA data_version" if is_sqlite() else "SELECT pg_current_snapshot()::text")
        return str(cursor.fetchone()[0])


def keep_pages() -> None:
    """Let this thread's connection keep 64 MB of SQLite's pages instead of 8, for as long as it lives and when it connects anew.

    For who writes thousands of rows at a time all over a large file: what does not fit is written twice and read again.
    """
    if is_sqlite():
        wrapper: Any = connection
        wrapper.pages_kept = PAGES_KEPT
        wrapper.close()


def bulk_chunks(items: Iterable[T], *, size: int = 200, largest: int = 5000, seconds: float = COMMIT_SECONDS) -> Iterator[Sequence[T]]:
    """Cut bulk work into pieces, each written and committed within about 20 ms, so that others get their turn.

    Write one piece in one transaction per round of the loop; the next piece's size follows the time this one took.
    """
    source = iter(items)
    while piece := list(islice(source, size)):
        started = time.perf_counter()
        yield piece
        spent = time.perf_counter() - started
        if len(piece) == size:
            wanted = int(size * seconds / max(spent, 1e-6))
            size = max(1, min(largest, wanted, size * 2))


def store_failure(error: BaseException) -> StoreUnavailable | None:
    """Translate a full disk, an unreachable or a stopping database or Redis; None for every other error."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, StoreUnavailable):
            return seen
        if reason := _reason(seen):
            return StoreUnavailable(reason)
        seen = seen.__cause__
    return None


def in_a_line(error: BaseException) -> str:
    """An error's type and the first line of its words: in the lines after, a database quotes what people gave it."""
    return f"{type(error).__name__}: {error}".partition("\n")[0]


def _reason(error: BaseException) -> str:
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EROFS}:
        return "The disk is full or not writable."
    text = str(error)
    if isinstance(error, sqlite3.Error | DatabaseError | InterfaceError) and any(sign in text for sign in DISK_FULL):
        return "The disk is full or not writable."
    # By their names, since the drivers of PostgreSQL and Redis are not loaded where they are not used.
    family = {kind.__name__ for kind in type(error).__mro__}
    if type(error).__module__.startswith("redis.") and family & {"ConnectionError", "TimeoutError"}:
        return "Redis cannot be reached."
    # A connection that breaks within an answer has no state, and PostgreSQL's driver then has no nearer kind for it either.
    broken_off = (type(error).__module__, type(error).__name__) == ("psycopg", "DatabaseError")
    if broken_off or family & {"OperationalError", "InterfaceError"}:
        return _operational_reason(error, text)
    return ""


def _operational_reason(error: BaseException, text: str) -> str:
    state = getattr(error, "sqlstate", None) or getattr(error.__cause__, "sqlstate", None)
    if state is not None:
        return "The database is not available." if str(state).startswith(STOPPED_CLASSES) else ""
    if "kept busy by another writer" in text or "database is locked" in text:
        return "The database is busy."
    # The driver gives no state where no connection came about, or where it broke.
    return "" if isinstance(error, sqlite3.Error) or is_sqlite() else "The database cannot be reached."
