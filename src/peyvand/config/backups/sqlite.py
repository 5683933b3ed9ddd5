"""The database part of a backup on SQLite: a copy of the file, made while everybody goes on writing."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from django.db import connection

from peyvand.config.backups.archive import Tell, Writer
from peyvand.config.command import Abort
from peyvand.core.backups import aside_of

MEMBER: Final = "database.sqlite3"
PAGES: Final = 2000


def database_file() -> Path:
    """The file of the running installation."""
    return Path(str(connection.settings_dict["NAME"]))


def dump(writer: Writer, folder: Path, tell: Tell) -> dict[str, int]:
    """Copy one consistent state into the archive; returns the rows of each table.

    The reading transaction pins the state, so that the copy, made in steps, need not begin again at each write.
    """
    copy = folder / MEMBER
    with closing(sqlite3.connect(database_file(), timeout=30, isolation_level=None)) as source, closing(sqlite3.connect(copy)) as target:
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        source.backup(target, pages=PAGES, progress=lambda _status, left, total: tell((total - left) * 4096))
        source.execute("COMMIT")
        target.execute("PRAGMA journal_mode=DELETE")
        counts = count(target)
    writer.add(MEMBER, copy)
    copy.unlink()
    return counts


def count(database: sqlite3.Connection) -> dict[str, int]:
    """The rows of each table."""
    names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")]
    return {name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in sorted(names)}


def is_clean() -> bool:
    """Say whether nothing would be lost: no file, or one without workspaces."""
    path = database_file()
    if not path.exists() or not path.stat().st_size:
        return True
    with closing(sqlite3.connect(path)) as database:
        if "workspaces_workspace" not in count(database):
            return True
        return bool(database.execute("SELECT count(*) FROM workspaces_workspace").fetchone()[0] == 0)


def check(folder: Path, promised: dict[str, int]) -> None:
    """Check the unpacked copy: sound, and with the rows that the manifest promises."""
    with closing(sqlite3.connect(folder / MEMBER)) as database:
        if (found := database.execute("PRAGMA integrity_check(1)").fetchone()[0]) != "ok":
            raise Abort(f"the database in this backup is damaged: {found}")
        if orphans := database.execute("PRAGMA foreign_key_check").fetchall():
            raise Abort(f"the database in this backup has {len(orphans)} rows that refer to nothing, such as one of {orphans[0][0]}.")
        if count(database) != promised:
            raise Abort("the database in this backup does not have the rows its manifest promises.")


def load(folder: Path, *, again: bool) -> None:
    """Put the copy in the place of the database; an earlier one is kept beside it with the ending .before-restore.

    again: what stands there is the half of a restore that was cut short, and not worth keeping where something is aside already.
    """
    connection.close()
    path = database_file()
    aside = aside_of(path)
    if path.exists() and not (again and aside.exists()):
        with closing(sqlite3.connect(path)) as old:
            old.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        path.chmod(0o600)  # SQLite makes its files for everybody to read
        path.replace(aside)
    for ending in ("-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    (folder / MEMBER).chmod(0o600)
    (folder / MEMBER).replace(path)
    _sync(path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
