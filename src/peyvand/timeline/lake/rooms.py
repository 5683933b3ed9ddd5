"""Folders for what memory does not hold while the lake is read or sorted. People's words stand there: what a killed process left goes."""

import shutil
from contextlib import suppress
from pathlib import Path
from typing import Final

from peyvand.core import beats, clock
from peyvand.timeline.lake import places

LONGEST: Final = 3600  # seconds that something is written, read and taken away in
FORMER: Final = "sorting"  # the folder's name in an earlier release, in which whoever was killed then left words


def own_room() -> Path:
    """The folder of this process, made where it is not there."""
    room = _rooms() / beats.this_process()
    room.mkdir(parents=True, exist_ok=True)
    return room


def clear_left() -> None:
    """Take away what processes of this machine left that are no more, and whatever is too old to be in use."""
    shutil.rmtree(_rooms().with_name(FORMER), ignore_errors=True)
    for room in _rooms().glob("*"):
        if beats.is_gone(room.name):
            shutil.rmtree(room, ignore_errors=True)
    for file in _rooms().rglob("*"):
        with suppress(FileNotFoundError):  # others take away what they need no more
            if clock.now().timestamp() - file.stat().st_mtime > LONGEST and file.is_file():
                file.unlink(missing_ok=True)


def _rooms() -> Path:
    return places.lake_path().parent / "cache" / "spilled"
