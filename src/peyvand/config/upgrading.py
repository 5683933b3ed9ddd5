"""Bringing the database to a new release with a way back: a backup first, then the changes, then a look at the rows.

What is under way stands in DATA/upgrade.json, so that a second run goes on where the first was cut short. Called by `peyvand upgrade`.
"""

from pathlib import Path
from typing import Final

import msgspec
from django.conf import settings
from django.db import connection

from peyvand.config.backups import postgres, sqlite
from peyvand.config.backups.keeping import Step, back_up, restore
from peyvand.config.command import Abort, version
from peyvand.config.migrations import apply, pending
from peyvand.config.stopped import check_stopped
from peyvand.core import clock
from peyvand.core.backups import BEFORE_UPGRADE, ENDING, LEFT_BY_RETURN, STAMP
from peyvand.core.db import is_sqlite
from peyvand.core.files import write_atomically

COUNTED: Final = ("workspaces_workspace", "timeline_interaction", "timeline_perception", "identities_customer", "identities_identity")


class Upgrade(msgspec.Struct, kw_only=True):
    """An upgrade begun: the backup that leads back, the release that wrote it, rows by table then, and whether it came to its end."""

    backup: str
    from_version: str
    tables: dict[str, int]
    began_at: str
    done: bool = False


def upgrade(step: Step, *, quiet: bool = False) -> tuple[list[str], Upgrade | None]:
    """Apply what is missing; returns the changes, and the upgrade with its backup where there was anything to lose.

    Raises Abort where Peyvand runs, or where rows are missing afterwards.
    """
    missing = pending()
    under_way = _read()
    if not missing:
        if under_way and not under_way.done:
            _end(under_way)
        return [], under_way
    if _is_clean():
        apply(quiet=quiet)
        return missing, None
    check_stopped("; nothing was changed.")
    if under_way is None or under_way.done or not Path(under_way.backup).exists():
        under_way = _begin(step)
    apply(quiet=quiet)
    _end(under_way)
    return missing, under_way


def go_back(step: Step) -> tuple[Upgrade, Path]:
    """Bring back the state before the last upgrade, in its own shape; what is here now is backed up first.

    Returns the upgrade, and the backup of what was left. Raises Abort where there is none, or where Peyvand runs.
    """
    last = _read()
    if last is None or not Path(last.backup).exists():
        raise Abort(f"there is no upgrade to go back from: {_file()} names no backup that exists.")
    check_stopped("; nothing was changed.")
    left = _backup_named(LEFT_BY_RETURN)
    back_up(left, step)
    restore(Path(last.backup), step, force=True, as_then=True)
    _file().unlink()
    return last, left


def _begin(step: Step) -> Upgrade:
    path = _backup_named(BEFORE_UPGRADE)
    manifest = back_up(path, step)
    began = Upgrade(backup=str(path), from_version=manifest.version, tables=manifest.tables, began_at=manifest.made_at)
    _write(began)
    return began


def _end(under_way: Upgrade) -> None:
    now = _rows()
    for table, rows in now.items():
        if rows != under_way.tables.get(table, rows):
            raise Abort(
                f"{table} has {rows} rows and had {under_way.tables[table]} before the upgrade. `peyvand upgrade --back` brings them back."
            )
    under_way.done = True
    _write(under_way)


def _rows() -> dict[str, int]:
    there = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        found: dict[str, int] = {}
        for table in COUNTED:
            if table in there:
                cursor.execute(f"SELECT count(*) FROM {table}")
                found[table] = int(cursor.fetchone()[0])
    return found


def _backup_named(why: str) -> Path:
    folder: Path = settings.PEYVAND_BACKUP_FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / f"{why}-{version()}-{clock.now():{STAMP}}{ENDING}"


def _is_clean() -> bool:
    return sqlite.is_clean() if is_sqlite() else postgres.is_clean()


def _file() -> Path:
    return Path(settings.PEYVAND_DATA) / "upgrade.json"


def _read() -> Upgrade | None:
    try:
        return msgspec.json.decode(_file().read_bytes(), type=Upgrade)
    except FileNotFoundError:
        return None


def _write(under_way: Upgrade) -> None:
    write_atomically(_file(), msgspec.json.format(msgspec.json.encode(under_way)))
