"""Which version each table of the lake has now, and its files. Kept by this process; called by timeline.warehouse."""

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from peyvand.timeline.lake.places import SCORES, STEP, lake_path

if TYPE_CHECKING:
    from deltalake import DeltaTable

NONE = -1  # the version of a table that is not there


@dataclass(frozen=True, slots=True)
class Present:
    """A table as it stands: its version, the Parquet files that make it up, their size in bytes, the last step that changed its scores."""

    version: int
    files: tuple[str, ...]
    size: int = 0
    scores: int = 0


_lock = threading.Lock()
_opened: dict[Path, tuple["DeltaTable", Present]] = {}
_ABSENT = Present(NONE, ())


def present(table: str) -> Present:
    """The table now; looking again costs a few file names as long as nothing was written."""
    path = lake_path() / table
    with _lock:
        known = _opened.get(path)
        if known is not None and _stands(path, known[1].version):
            return known[1]
        opened = _open(path)
        if opened is None:
            _opened.pop(path, None)
            return _ABSENT
        files = tuple(sorted(uri.removeprefix("file://") for uri in opened.file_uris()))
        found = Present(opened.version(), files, sum(_size(file) for file in files), _scores(opened))
        _opened[path] = (opened, found)
        return found


def forget() -> None:
    """Open every table anew at the next look: after a file was missing, and after a restore."""
    with _lock:
        _opened.clear()


def _stands(path: Path, version: int) -> bool:
    log = path / "_delta_log"
    return (log / f"{version:020d}.json").exists() and not (log / f"{version + 1:020d}.json").exists()


def _scores(table: "DeltaTable") -> int:
    """The last step that changed its scores; below zero the last step of all, of a lake from before such steps were told apart."""
    return table.transaction_version(SCORES) or -(table.transaction_version(STEP) or 0)


def _size(file: str) -> int:
    """A file's size; nothing where it is gone already."""
    try:
        return Path(file).stat().st_size
    except OSError:
        return 0


def _open(path: Path) -> "DeltaTable | None":
    from deltalake import DeltaTable  # noqa: PLC0415 - weight

    return DeltaTable(str(path)) if DeltaTable.is_deltatable(str(path)) else None
