"""Checks of the record store: it answers, is up to date, sound, keeps the same time, and no open writer holds readers back."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection

from peyvand.config.diagnosis import amcheck
from peyvand.config.diagnosis.findings import State, gigabytes
from peyvand.config.diagnosis.kernel import is_synchronised
from peyvand.config.migrations import pending
from peyvand.core import clock
from peyvand.core.db import is_sqlite
from peyvand.core.raising import look
from peyvand.timeline.watching import oldest_writer

LATE: Final = timedelta(minutes=1)
MUCH_FREED: Final = 1 << 30
FREED_SHARE: Final = 4
WRONG_CLOCK: Final = timedelta(seconds=10)
LARGE: Final = 2 << 30  # from here on PostgreSQL's own defaults, made for small machines, cost most of its speed
ROOM: Final = {  # setting → bytes it should be at least, and what happens where it is less
    "shared_buffers": (1 << 30, "pages are read from the system again and again. A quarter of the machine's memory is usual"),
    "max_wal_size": (4 << 30, "under load whole pages are logged anew every few seconds. 8 GB are usual, with wal_compression = lz4"),
}
LOSES: Final = "what was acknowledged can be lost when the machine stops"
OFF: Final[dict[str, tuple[State, str]]] = {  # setting → what it means where it is off
    "fsync": ("fault", f"{LOSES}, or all of it become unreadable"),
    "full_page_writes": ("fault", f"{LOSES}, or all of it become unreadable"),
    "synchronous_commit": ("fault", LOSES),
    "autovacuum": ("note", "tables and indexes grow with every change, and searches become slow"),
}


def database() -> Iterator[tuple[State, str]]:
    """The database answers; its size, on SQLite how much of it is free again, and on PostgreSQL settings too small or dangerous."""
    with connection.cursor() as cursor:
        if not is_sqlite():
            cursor.execute("SELECT current_setting('server_version'), pg_database_size(current_database())")
            version, size = cursor.fetchone()
            yield "ok", f"PostgreSQL {version} answers, {gigabytes(size)}"
            yield from _switched_off()
            if size > LARGE:
                yield from _room()
            return
        cursor.execute("SELECT count(*) FROM sqlite_schema")
    path = Path(str(connection.settings_dict["NAME"]))
    size, freed = path.stat().st_size, freed_bytes()
    yield "ok", f"{path} answers, {gigabytes(size)}"
    if freed > MUCH_FREED and freed > size / FREED_SHARE:
        yield (
            "note",
            f"{gigabytes(freed)} of it hold nothing since rows were deleted. New rows use them; `peyvand compact` gives them back.",
        )


def _switched_off() -> Iterator[tuple[State, str]]:
    with connection.cursor() as cursor:
        for setting, (state, words) in OFF.items():
            cursor.execute("SELECT current_setting(%s)", [setting])
            if cursor.fetchone()[0] == "off":
                yield state, f"{setting} is off: {words}. Let PostgreSQL's administrator set it to on."


def _room() -> Iterator[tuple[State, str]]:
    with connection.cursor() as cursor:
        for setting, (wanted, words) in ROOM.items():
            cursor.execute("SELECT pg_size_bytes(current_setting(%s))", [setting])
            if (found := cursor.fetchone()[0]) < wanted:
                yield "note", f"{setting} is {gigabytes(found)} for a database of this size: {words}."


def freed_bytes() -> int:
    """The room inside an SQLite file that deleted rows left; later rows use it before the file grows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT freelist_count * page_size FROM pragma_freelist_count, pragma_page_size")
        return int(cursor.fetchone()[0])


def migrations() -> Iterator[tuple[State, str]]:
    """The database has the shape of this release."""
    missing = pending()
    yield ("fault", f"{len(missing)} changes are missing. Run `peyvand migrate`.") if missing else ("ok", "the database is up to date")


def walls() -> Iterator[tuple[State, str]]:
    """On PostgreSQL, row-level security keeps workspaces apart a second time; what is in its way."""
    if is_sqlite():
        return
    if not settings.PEYVAND_WALLS:
        yield "ok", "none between workspaces, by PEYVAND_WALLS"
        return
    connection.ensure_connection()
    why_not = look(connection.connection).why_not
    yield ("note", f"no second wall between workspaces: {why_not}") if why_not else ("ok", "a second wall stands between workspaces")


def time_of_day() -> Iterator[tuple[State, str]]:
    """This machine's clock against the database's, or the last write of a file; on Linux, whether anything keeps it right."""
    if is_sqlite():
        other = datetime.fromtimestamp(Path(str(connection.settings_dict["NAME"])).stat().st_mtime, UTC)
        apart = max(other - clock.now(), timedelta())
    else:
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            apart = abs(cursor.fetchone()[0] - clock.now())
    if apart > WRONG_CLOCK:
        yield "fault", f"this machine's clock is {apart.total_seconds():.0f} s away from the database's. Switch on time synchronisation."
    elif is_synchronised() is False:
        yield (
            "note",
            f"{clock.now():%Y-%m-%d %H:%M:%S} UTC, and the kernel knows of nothing that keeps it right. Is time synchronisation on?",
        )
    else:
        yield "ok", f"{clock.now():%Y-%m-%d %H:%M:%S} UTC"


def watermark() -> Iterator[tuple[State, str]]:
    """On PostgreSQL, the age of the oldest open writer: no subscription reads past it."""
    age = oldest_writer()
    if age is None:
        return
    words = f"the oldest open writer began {age.total_seconds():.0f} s ago"
    if age > LATE:
        yield "fault", f"{words} and holds every subscription back. Find it in pg_stat_activity and end its program."
    else:
        yield "ok", words


def integrity() -> Iterator[tuple[State, str]]:
    """Every row and index is sound; on PostgreSQL by its extension amcheck, where that is installed (only with --deep)."""
    if not is_sqlite():
        yield from amcheck.damage()
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check(5)")
        faults = [row[0] for row in cursor.fetchall() if row[0] != "ok"]
        cursor.execute("PRAGMA foreign_key_check")
        orphans = len(cursor.fetchall())
    if faults or orphans:
        yield "fault", f"the database is damaged: {faults[0] if faults else f'{orphans} rows refer to nothing'}. Restore the last backup."
    else:
        yield "ok", "every row and index is sound"
