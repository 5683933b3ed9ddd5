"""The copies of everything that lie in this installation's own folders, and when each goes by itself: the one place with that rule.

The newest PEYVAND_BACKUP_KEEP of the nightly backups stay. What an upgrade, a way back or a restore put aside stays 30 days, and so do
nightly ones where the worker writes no more. Other files are nobody's business. Called by config.backups and privacy.
"""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from django.conf import settings
from django.db import connection

from peyvand.core import clock
from peyvand.core.db import is_sqlite

STAMP: Final = "%Y%m%d-%H%M%S"
ENDING: Final = ".tar.gz"
NIGHTLY: Final = f"peyvand-{STAMP}{ENDING}"
BEFORE_UPGRADE: Final = "before-upgrade"
LEFT_BY_RETURN: Final = "left-by-return"
ASIDE: Final = ".before-restore"  # at the end of the name of what a restore put aside
KEPT: Final = timedelta(days=30)
NIGHT: Final = timedelta(days=1)
LATE_NIGHT: Final = timedelta(hours=23)  # a backup that is late is due within the hour


class Copy(NamedTuple):
    """A backup: the moment it is of, its file, and when it goes by itself."""

    made_at: datetime
    path: Path
    goes_at: datetime


def nightly() -> list[tuple[datetime, Path]]:
    """The worker's backups, newest first."""
    found = ((_moment(path.name, NIGHTLY), path) for path in settings.PEYVAND_BACKUP_FOLDER.glob(f"peyvand-*{ENDING}"))
    return sorted(((moment, path) for moment, path in found if moment), reverse=True)


def backups() -> list[Copy]:
    """Every backup that Peyvand wrote by itself into PEYVAND_BACKUP_FOLDER."""
    found = [Copy(moment, path, moment + KEPT) for moment, path in _around_upgrades()]
    nights = nightly()
    if settings.PEYVAND_BACKUP_HOUR < 0:
        return [*found, *(Copy(moment, path, moment + KEPT) for moment, path in nights)]
    last = max([clock.now() - LATE_NIGHT, *(moment for moment, _path in nights[:1])])
    for number, (moment, path) in enumerate(nights):
        nights_left = settings.PEYVAND_BACKUP_KEEP - number
        found.append(Copy(moment, path, last + nights_left * NIGHT if nights_left > 0 else moment))
    return found


def last_of(before: datetime) -> datetime | None:
    """When the last of the backups from before a moment goes by itself; None where there is none."""
    return max((copy.goes_at for copy in backups() if copy.made_at < before), default=None)


def put_aside() -> list[Path]:
    """What a restore put aside: in the data folder, and beside a database that lies elsewhere."""
    found = set(Path(settings.PEYVAND_DATA).glob(f"*{ASIDE}"))
    if is_sqlite() and (database := aside_of(Path(str(connection.settings_dict["NAME"])))).exists():
        found.add(database)
    return sorted(found)


def aside_of(place: Path) -> Path:
    """Where a restore puts what stands in the place of something."""
    return place.with_name(f"{place.name}{ASIDE}")


def let_go() -> None:
    """Take away what has stayed its time."""
    now = clock.now()
    for copy in backups():
        if copy.goes_at <= now:
            copy.path.unlink(missing_ok=True)
    for path in put_aside():
        if now - _changed_at(path) > KEPT:
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def _around_upgrades() -> list[tuple[datetime, Path]]:
    found = []
    for why in (BEFORE_UPGRADE, LEFT_BY_RETURN):
        for path in settings.PEYVAND_BACKUP_FOLDER.glob(f"{why}-*{ENDING}"):
            words = path.name.removesuffix(ENDING).split("-")
            if moment := _moment("-".join(words[-2:]), STAMP):
                found.append((moment, path))
    return found


def _moment(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form).replace(tzinfo=UTC)
    except ValueError:
        return None


def _changed_at(path: Path) -> datetime:
    """When it got its name: that changes neither the file's content nor its own time, but the time of its state."""
    try:
        return datetime.fromtimestamp(path.stat().st_ctime, UTC)
    except FileNotFoundError:
        return clock.now()  # another worker took it away
