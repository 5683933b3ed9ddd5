"""What a restore has still to do once the records are back. A file in the data folder tells of it until it is done, by whoever starts next.

Called by `restore`, and by web and worker before they serve: after `upgrade --back` it is the former release that goes on.
"""

import datetime as dt
import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec
from django.conf import settings

from peyvand.config.command import WRONG_SETTING, Abort
from peyvand.core.files import write_atomically
from peyvand.core.raising import keep_walls

FILE: Final = "restoring.json"


class Restoring(msgspec.Struct, kw_only=True):
    """A restore that is not at its end: the backup, its moment, and whether records and files are all in place."""

    backup: str
    made_at: str
    loaded: bool = False


def under_way() -> Restoring | None:
    """The restore that was begun here and not ended."""
    try:
        return msgspec.json.decode(_file().read_bytes(), type=Restoring)
    except FileNotFoundError:
        return None


def note(restoring: Restoring) -> None:
    """Remember how far it is, on disk when this returns."""
    write_atomically(_file(), msgspec.json.format(msgspec.json.encode(restoring)))


@contextmanager
def noted(restoring: Restoring) -> Iterator[None]:
    """Remember a restore while its records come in; one that fails by itself left everything as it was, or empty, and is no half."""
    note(restoring)
    try:
        yield
    except Exception:
        _file().unlink()
        raise


def finish() -> int:
    """Do what is left of a restore; returns how many people were forgotten again. The tables have this release's shape.

    Two that start at once: the second waits, then finds nothing to do. Raises Abort where records or files are not all in place.
    """
    if under_way() is None:
        return 0
    turn = _file().with_name(f".{FILE}.lock")
    turn.touch(mode=0o600)
    with turn.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        left = under_way()
        if left is None:
            return 0
        if not left.loaded:
            raise Abort(f"a restore was cut short, so not everything is back. Run `peyvand restore {left.backup}` again.", WRONG_SETTING)
        from peyvand.privacy.services.restoring import erase_again  # noqa: PLC0415 - weight: every web process asks whether to finish
        from peyvand.timeline.lake.rebuilding import rebuild  # noqa: PLC0415
        from peyvand.timeline.services.eras import raise_era  # noqa: PLC0415

        keep_walls()  # the tables were made anew, and nobody but their owner may read them yet
        raise_era()
        rebuild()  # a lake that saw later steps than these records would take what comes now for written already
        erased = erase_again(dt.datetime.fromisoformat(left.made_at))
        _file().unlink()
    return erased


def _file() -> Path:
    return Path(settings.PEYVAND_DATA) / FILE
