"""Copying SQLite's write-ahead log into the database beside the writers, so that no commit waits for it. Called by the worker.

The database is written in pages all over the file: for every four thousand of them a writer that copies them itself stands still for
as long as sixteen hundred items take to write. It does so only where the log has grown fourfold, as where no worker runs.
"""

import struct
from pathlib import Path
from typing import Any, Final, NamedTuple

from django.db import connection

from peyvand.core.db import is_sqlite
from peyvand.core.sqlite.peeking import peek

WORTH: Final = 16_000  # pages of 4 KB: a page that changed several times is copied once
LITTLE: Final = 1_000  # pages that are copied while writers wait
ROUNDS: Final = 3
# Where the index of the log, which all processes share, counts its pages and those copied: https://sqlite.org/walformat.html, 2.1 and 2.2.
PAGES_AT: Final = 16
COPIED_AT: Final = 96


class Log(NamedTuple):
    """How many pages the log holds, and how many of them stand in the database too."""

    pages: int
    copied: int

    @property
    def waiting(self) -> int:
        """How many are still to be copied."""
        return self.pages - self.copied


def keep_log_short() -> int:
    """Copy the log where it is worth it, the last pages while no writer is inside, so that it can begin anew; returns pages copied."""
    if not is_sqlite() or (found := look()).pages < WORTH or not found.waiting:
        return 0
    begun = found.copied
    for _ in range(ROUNDS):
        found = _copy()
        if found.waiting <= LITTLE:
            break
    if found.waiting:
        wrapper: Any = connection
        wrapper.calm = True  # nobody who gives way need rest for it
        with wrapper.gate_held():
            found = _copy()
    return max(found.copied - begun, 0)


def look() -> Log:
    """What the log holds now; nothing where there is none."""
    path = Path(f"{connection.settings_dict['NAME']}-shm")
    try:
        head = peek(path, COPIED_AT + 4)
    except FileNotFoundError:
        return Log(0, 0)
    if len(head) < COPIED_AT + 4:
        return Log(0, 0)
    return Log(struct.unpack_from("=I", head, PAGES_AT)[0], struct.unpack_from("=I", head, COPIED_AT)[0])


def _copy() -> Log:
    """Copy what no reader of an older state forbids; waits for nobody."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")
        _busy, pages, copied = cursor.fetchone()
    return Log(pages, copied)
