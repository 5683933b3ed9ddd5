"""What `peyvand doctor` looks at: each check finds one thing that may be wrong, and says what to do about it."""

import shutil
import smtplib
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal

from django.conf import settings
from django.core.cache import cache
from django.core.mail import get_connection
from django.db import connection

from peyvand.config.migrations import pending
from peyvand.core import beats, clock, jobs
from peyvand.core.db import is_sqlite, store_failure
from peyvand.timeline import subscriptions
from peyvand.timeline.models import DeadLetter

State = Literal["ok", "note", "fault"]
LOW_DISK: Final = 2 << 30
NO_DISK: Final = 200 << 20
LATE: Final = timedelta(minutes=1)
LAKE_ANEW: Final = "Stop Peyvand, then `peyvand backup FILE` and `peyvand restore --force FILE` make the lake anew from the records."
WRONG_CLOCK: Final = timedelta(seconds=10)


Look = Callable[[], Iterator[tuple[State, str]]]


@dataclass(frozen=True)
class Finding:
    """What one check found: ok, a note (works, but look), or a fault."""

    check: str
    state: State
    words: str


def findings(*, deep: bool = False) -> Iterator[Finding]:
    """Run every check; one that breaks is a fault, and the others still run, except those of tables that cannot be read."""
    readable = True
    for name, look in (CHECKS | DEEP if deep else CHECKS).items():
        if name in READ_TABLES and not readable:
            continue
        for finding in _findings(name, look):
            readable = readable and not (name in {"database", "migrations"} and finding.state == "fault")
            yield finding


def _findings(name: str, look: Look) -> Iterator[Finding]:
    try:
        yield from (Finding(name, state, words) for state, words in look())
    except Exception as error:  # noqa: BLE001 - a check that cannot be made is what a doctor must tell
        connection.close()
        yield Finding(name, "fault", _told(error))


def _told(error: Exception) -> str:
    failure = store_failure(error)
    cause = " ".join(str(error).split())
    return f"{failure} ({cause})" if failure else f"{type(error).__name__}: {cause}"


def _folder() -> Iterator[tuple[State, str]]:
    data: Path = settings.PEYVAND_DATA
    with tempfile.TemporaryFile(dir=data) as file:
        file.write(b"x" * 4096)
    free = shutil.disk_usage(data).free
    words = f"{data} is writable, {free / (1 << 30):.1f} GB free"
    if free < NO_DISK:
        yield "fault", f"{words}: nothing can be stored soon. Free some space."
    else:
        yield ("note", f"{words}: free some space soon.") if free < LOW_DISK else ("ok", words)
    secret = data / "secret.key"
    if secret.exists() and secret.stat().st_mode & 0o077:
        yield "fault", f"{secret} can be read by other users: chmod 600 {secret}"


def _database() -> Iterator[tuple[State, str]]:
    with connection.cursor() as cursor:
        if not is_sqlite():
            cursor.execute("SELECT current_setting('server_version'), pg_size_pretty(pg_database_size(current_database()))")
            version, size = cursor.fetchone()
            yield "ok", f"PostgreSQL {version} answers, {size}"
            return
        cursor.execute("SELECT count(*) FROM sqlite_schema")
    path = Path(str(connection.settings_dict["NAME"]))
    yield "ok", f"{path} answers, {path.stat().st_size / (1 << 20):.1f} MB"


def _integrity() -> Iterator[tuple[State, str]]:
    if not is_sqlite():
        yield "ok", "PostgreSQL looks after this itself"
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


def _migrations() -> Iterator[tuple[State, str]]:
    missing = pending()
    yield ("fault", f"{len(missing)} changes are missing. Run `peyvand migrate`.") if missing else ("ok", "the database is up to date")


def _clock() -> Iterator[tuple[State, str]]:
    if is_sqlite():
        other = datetime.fromtimestamp(Path(str(connection.settings_dict["NAME"])).stat().st_mtime, UTC)
        apart = max(other - clock.now(), timedelta())
    else:
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            apart = abs(cursor.fetchone()[0] - clock.now())
    if apart > WRONG_CLOCK:
        yield "fault", f"this machine's clock is {apart.total_seconds():.0f} s away from the database's. Switch on time synchronisation."
    else:
        yield "ok", f"{clock.now():%Y-%m-%d %H:%M:%S} UTC"


def _worker() -> Iterator[tuple[State, str]]:
    living = beats.living("worker")
    if living:
        yield "ok", f"{len(living)} at work"
    else:
        yield "fault", "no worker was heard of for 45 seconds. Start `peyvand serve` or `peyvand worker`."


def _queue() -> Iterator[tuple[State, str]]:
    lag, dead = jobs.oldest_due(), jobs.dead().count()
    words = f"the oldest due job waits for {lag.total_seconds():.0f} s"
    yield ("fault", f"{words}: the worker does not keep up.") if lag > LATE else ("ok", words)
    if dead:
        yield "note", f"{dead} jobs were given up; see dead letters in the console"


def _subscriptions() -> Iterator[tuple[State, str]]:
    behind = {name: count for name, count in subscriptions.lags() if count}
    yield "ok", ", ".join(f"{name} has {count} to read" for name, count in behind.items()) or "all have read everything"
    letters = DeadLetter.objects.filter(settled_at=None).count()
    if letters:
        yield "note", f"{letters} interactions are in the dead letters"


def _watermark() -> Iterator[tuple[State, str]]:
    if is_sqlite():
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM coalesce(max(now() - xact_start), interval '0')) FROM pg_stat_activity "
            "WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()"
        )
        age = float(cursor.fetchone()[0])
    words = f"the oldest open writer began {age:.0f} s ago"
    yield ("fault", f"{words} and holds every subscription back.") if age > LATE.total_seconds() else ("ok", words)


def _lake() -> Iterator[tuple[State, str]]:
    tables = sorted(path.parent for path in (settings.PEYVAND_DATA / "lake").glob("*/_delta_log"))
    if not tables:
        yield "ok", "nothing was copied to it yet"
        return
    from deltalake import DeltaTable  # noqa: PLC0415 - weight

    for path in tables:
        table = DeltaTable(str(path))
        missing = [uri for uri in table.file_uris() if not Path(uri).exists()]
        if missing:
            yield "fault", f"{path.name}: {len(missing)} files are missing, such as {missing[0]}. {LAKE_ANEW}"
        else:
            yield "ok", f"{path.name}: version {table.version()}, {len(table.file_uris())} files"


def _mail() -> Iterator[tuple[State, str]]:
    if not settings.PEYVAND_MAIL_READY:
        yield "note", "no mail server is set (PEYVAND_SMTP_HOST): nothing is sent, mails are kept in the data folder"
        return
    try:
        mail = get_connection(timeout=5)
        mail.open()
        mail.close()
    except (OSError, smtplib.SMTPException) as error:
        yield "fault", f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT} cannot be used: {error}"
        return
    yield "ok", f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT} answers"


def _redis() -> Iterator[tuple[State, str]]:
    if settings.PEYVAND_REDIS_URL:
        cache.set("doctor", "was here", 10)
        yield "ok", "Redis answers"


def _exposure() -> Iterator[tuple[State, str]]:
    if settings.DEBUG:
        yield "note", "PEYVAND_DEBUG is on: error pages show source code to everybody who can reach this"
    if settings.PEYVAND_URL.startswith("http://") and "://localhost" not in settings.PEYVAND_URL:
        yield "note", f"{settings.PEYVAND_URL} is not https: passwords cross the network in the clear"


CHECKS: Final[dict[str, Look]] = {
    "data folder": _folder,
    "database": _database,
    "migrations": _migrations,
    "clock": _clock,
    "worker": _worker,
    "jobs": _queue,
    "subscriptions": _subscriptions,
    "watermark": _watermark,
    "lake": _lake,
    "mail": _mail,
    "redis": _redis,
    "exposure": _exposure,
}
READ_TABLES: Final = frozenset({"migrations", "clock", "worker", "jobs", "subscriptions", "watermark", "integrity"})
DEEP: Final[dict[str, Look]] = {"integrity": _integrity}
