"""From SQLite to PostgreSQL: a backup of the one, brought into the other. Called by `peyvand restore`.

What the file has beside our tables are its search indexes, for which PostgreSQL has others of its own.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import psycopg
from django.db.backends.utils import CursorWrapper

from peyvand.config.backups import sqlite
from peyvand.config.backups.archive import Tell
from peyvand.config.backups.postgres import check_count, filling, listed
from peyvand.config.command import Abort
from peyvand.core.db import in_a_line

BEFORE: Final = {"era": 0, "xid": 0}  # columns of PostgreSQL alone: readers of the timeline that began on SQLite stand at (0, 0, id)


def load(folder: Path, promised: dict[str, int], tell: Tell) -> None:
    """Fill the tables, which stand at the backup's own migrations, in one transaction; raises Abort where a row does not fit."""
    total = 0
    with closing(sqlite3.connect(folder / sqlite.MEMBER)) as source, filling() as (cursor, known):
        for table, columns in known.items():
            try:
                found = _copy(source, cursor, table, columns)
            except (psycopg.DataError, psycopg.IntegrityError) as error:
                raise Abort(f"PostgreSQL does not take a row of table {table}: {in_a_line(error)}. Nothing was brought over.") from None
            check_count(table, found, promised.get(table, 0))
            total += found
            tell(total)


def _copy(source: sqlite3.Connection, cursor: CursorWrapper, table: str, columns: list[str]) -> int:
    """Bring one table over; PostgreSQL reads numbers, moments and JSON as SQLite keeps them."""
    there = [name for _number, name, *_rest in source.execute(f"PRAGMA table_info({listed([table])})")]
    if strange := set(there) - set(columns):
        raise Abort(f"table {table} has columns in this backup that it lacks on PostgreSQL: {', '.join(sorted(strange))}.")
    before = {name: BEFORE[name] for name in columns if name in BEFORE and name not in there}
    raw: Any = cursor.cursor
    with raw.copy(f"COPY {listed([table])} ({listed([*there, *before])}) FROM STDIN") as copy:
        for row in source.execute(f"SELECT {listed(there)} FROM {listed([table])}"):
            copy.write_row((*row, *before.values()))
    return int(raw.rowcount)
