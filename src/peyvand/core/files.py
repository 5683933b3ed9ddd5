"""Files written whole or not at all, and names from outside made safe. Called by imports, exports, backups and the
lake's bookkeeping.
"""

import os
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from peyvand.core import clock

_FORBIDDEN: Final = re.compile(r'[<>:"/\\|?*\s]+')
_RESERVED: Final = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")
_MAX_BYTES: Final = 200


def write_atomically(path: Path, content: bytes | str) -> None:
    """Replace `path` by `content` so that a reader, or a crash at any moment, finds the old file or the new one, and
    the new one is on disk.
    """
    with atomic_writer(path) as file:
        file.write(content.encode() if isinstance(content, str) else content)


@contextmanager
def atomic_writer(path: Path) -> Iterator[IO[bytes]]:
    """A binary file that takes the place of `path` when the block ends well and vanishes when it raises."""
    beside = path.with_name(f".{path.name[:100]}.{clock.token(9)}.tmp")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Put a folder's entries on disk: after a rename or a new file, fsync of the file alone does not."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def shown_name(name: str) -> str:
    """A file name from outside as a person reads it: without folders and invisible marks, its spaces and half-spaces kept."""
    text = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in text if letter == "\u200c" or unicodedata.category(letter)[0] != "C").strip(" \u200c")


def safe_name(name: str, fallback: str = "file") -> str:
    """A file name from outside without folders, leading dots, invisible marks and reserved names; at most 200 bytes,
    its ending kept.
    """
    text = unicodedata.normalize("NFKC", name.replace("\\", "/").rsplit("/", 1)[-1])
    text = "".join("" if unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co", "Cn") else letter for letter in text)
    text = _FORBIDDEN.sub("_", text).strip(" ._")
    if not text or _RESERVED.fullmatch(text):
        text = f"{fallback}_{text}".rstrip("_")
    stem, dot, ending = text.rpartition(".")
    if not stem or len(ending) > 10:
        stem, dot, ending = text, "", ""
    room = _MAX_BYTES - len((dot + ending).encode())
    return stem.encode()[:room].decode(errors="ignore") + dot + ending
