"""Proving a backup: it is restored for real, into a place that is thrown away. Called by `peyvand verify-backup`."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import psycopg
from django.conf import settings
from django.db import connection
from psycopg import sql

from peyvand.config.command import Abort
from peyvand.config.settings.environment import elsewhere
from peyvand.core import clock
from peyvand.core.db import is_sqlite

MAY_NOT: Final = "the database's user may not create databases (CREATEDB)"
OTHER: Final = "it is of PostgreSQL, and this installation has none"


def prove(path: Path) -> tuple[dict[str, Any], str]:
    """Restore a backup into a temporary place; returns what `restore` said, and why it was only read, or nothing.

    Sizes, hashes, the rows of each table, and an SQLite file's soundness are checked on the way. Raises Abort where anything is wrong.
    """
    said = _restore(path, "--check")
    if said["engine"] == "sqlite":
        return _restore(path, url=""), ""
    if is_sqlite():
        return said, OTHER
    try:
        with _database() as url:
            return _restore(path, url=url), ""
    except psycopg.errors.InsufficientPrivilege:
        return said, MAY_NOT


def _restore(path: Path, *words: str, url: str = "") -> dict[str, Any]:
    settings.PEYVAND_DATA.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".verify-", dir=settings.PEYVAND_DATA) as place:
        done = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", "peyvand", "restore", str(path), "--json", *words],
            env=elsewhere(DATA=place, DATABASE_URL=url),
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        last = done.stderr.strip().rpartition("\n")[2].removeprefix("peyvand: ")
        raise Abort(f"this backup does not come back: {last}", done.returncode)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@contextmanager
def _database() -> Iterator[str]:
    """An empty database beside ours, dropped afterwards; yields its address. Raises psycopg's InsufficientPrivilege."""
    ours = connection.settings_dict
    name = f"peyvand_verify_{clock.secret_bytes(4).hex()}"
    where: dict[str, Any] = {"host": ours["HOST"], "port": ours["PORT"], "user": ours["USER"], "password": ours["PASSWORD"]}
    with psycopg.connect(dbname=ours["NAME"], autocommit=True, **{key: value for key, value in where.items() if value}) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            user = f"{quote(ours['USER'], safe='')}:{quote(ours['PASSWORD'], safe='')}@" if ours["USER"] else ""
            yield f"postgres://{user}{ours['HOST']}{':' if ours['PORT'] else ''}{ours['PORT']}/{name}"
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
