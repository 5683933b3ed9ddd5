"""Reading the bytes of SQLite's own files while this process has them open. Called by core.sqlite.log and by the end of an erasure.

Whoever closes such a file lets go of every lock that its process holds on it, those of SQLite's connections too; others then write
over what is being read, or take the log away as the last to leave (https://sqlite.org/howtocorrupt.html, 2.2). So none is closed.
"""

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

PIECE: Final = 1 << 24

_lock = threading.Lock()
_opened: dict[tuple[int, int], int] = {}  # device and number of a file → the descriptor it is read by, for ever


def peek(path: Path, size: int, at: int = 0) -> bytes:
    """So many bytes of a file from a place on; fewer where it ends. Raises FileNotFoundError."""
    return os.pread(_descriptor(path), size, at)


def pieces(path: Path, overlap: int) -> Iterator[bytes]:
    """A whole file piece by piece; each repeats the last `overlap` bytes of the one before."""
    at, kept = 0, b""
    while found := peek(path, PIECE, at):
        at += len(found)
        yield kept + found
        kept = (kept + found)[-overlap:] if overlap else b""


def _descriptor(path: Path) -> int:
    with _lock:
        found = path.stat()
        key = (found.st_dev, found.st_ino)
        if key not in _opened:
            _opened[key] = os.open(path, os.O_RDONLY)
        return _opened[key]
