"""The worker's own backups: one a day after an hour has struck. What lies in the folder tells what is due; core.backups, what goes."""

import fcntl
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import structlog
from django.conf import settings
from django.db.migrations.recorder import MigrationRecorder

from peyvand.core import clock
from peyvand.core.backups import NIGHTLY, let_go, nightly
from peyvand.workspaces.models import AuditEntry

log = structlog.get_logger("peyvand.backup")
SETTLE_SECONDS: Final = 300.0  # a worker that just started has more urgent things to catch up with
AGAIN_SECONDS: Final = 900.0
PRUNE_SECONDS: Final = 3600.0
LEFT_FREE: Final = 1 << 30
STALE: Final = timedelta(days=1)


def last_taken() -> datetime | None:
    """When the last backup was written, by whomever."""
    by_hand = AuditEntry.objects.filter(action="backup.taken").order_by("-pk").values_list("at", flat=True).first()
    ours = [moment for moment, _path in nightly()[:1]]
    return max([*ours, *([by_hand] if by_hand else [])], default=None)


def began() -> datetime:
    """When this installation was made."""
    first: datetime | None = MigrationRecorder.Migration.objects.order_by("applied").values_list("applied", flat=True).first()
    return first or clock.now()


def is_due() -> bool:
    """Say whether the hour has struck since the last of our backups; where there is none, since the installation was made."""
    if settings.PEYVAND_BACKUP_HOUR < 0:
        return False
    here = clock.now().astimezone()
    struck = here.replace(hour=settings.PEYVAND_BACKUP_HOUR, minute=0, second=0, microsecond=0)
    if struck > here:
        struck -= timedelta(days=1)
    newest = next((moment for moment, _path in nightly()), None)
    return (newest or began()) < struck


class Schedule:
    """Writes what is due from time to time, in a process of its own: a backup reads everything and hurries nobody."""

    def __init__(self, settle: float = SETTLE_SECONDS) -> None:
        self._not_before = self._prune_at = clock.monotonic() + settle

    def turn(self, stop: threading.Event) -> bool:
        """Write a backup where one is due; says whether it did. Ends early, without a file, when `stop` is set."""
        if clock.monotonic() >= self._prune_at:
            self._prune_at = clock.monotonic() + PRUNE_SECONDS
            prune()
        if clock.monotonic() < self._not_before or not is_due():
            return False
        folder: Path = settings.PEYVAND_BACKUP_FOLDER
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(folder) as mine:
            if not mine or not is_due():
                return False
            written = has_room(folder) and _write(folder / f"{clock.now():{NIGHTLY}}", stop)
            if written:
                prune()
            else:
                self._not_before = clock.monotonic() + AGAIN_SECONDS
        return written


def has_room(folder: Path) -> bool:
    """Say whether a backup as large as the last one leaves a gigabyte: one that fills the disk would stop everything else."""
    size = max((path.stat().st_size for _moment, path in nightly()[:1]), default=0)
    free = shutil.disk_usage(folder).free
    if free > size + LEFT_FREE:
        return True
    log.error("backup has no room", free=free, needed=size + LEFT_FREE)
    return False


def _write(path: Path, stop: threading.Event) -> bool:
    began_at = clock.monotonic()
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "peyvand", "backup", str(path)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while process.poll() is None:
        if stop.wait(0.2):
            process.terminate()
            process.wait()
            return False
    if process.returncode:
        log.error("backup failed", code=process.returncode)
        return False
    log.info("backup written", bytes=path.stat().st_size, seconds=round(clock.monotonic() - began_at, 1))
    return True


def prune() -> None:
    """Take away what has stayed its time, and what a killed backup left behind."""
    let_go()
    for left in (*settings.PEYVAND_BACKUP_FOLDER.glob(".backup-*"), *settings.PEYVAND_BACKUP_FOLDER.glob(".peyvand-*.part")):
        with suppress(FileNotFoundError):  # one that was just ended, or that another worker took away
            if clock.now() - datetime.fromtimestamp(left.stat().st_mtime, UTC) > STALE:
                shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink(missing_ok=True)


@contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    """Hold the folder; False where another worker does."""
    with (folder / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
