"""Files of imports on their way in: on the disk of the data folder, with their digests, before any transaction begins.

SQLite has one writer: whoever copies a large file inside a transaction keeps everybody waiting. Called by storing and the API.
"""

import hashlib
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from peyvand.core import clock, walls
from peyvand.core.files import atomic_writer, safe_name
from peyvand.imports.models import Import
from peyvand.imports.types import FileProblem

MOST_BYTES: Final = 4 << 30
LONGEST: Final = timedelta(hours=1)  # what is older was left by a process that died
Files = Mapping[str, tuple[str, Iterable[bytes]]]  # role → the name it came with, and what is in it


class Landed(NamedTuple):
    """Files that wait in a folder of their own; names and digests by role, and the imports that took the folder as theirs."""

    folder: Path
    names: dict[str, str]
    digests: dict[str, str]
    taken: list[Import]


@contextmanager
def landed(files: Files | Landed) -> Iterator[Landed]:
    """Write files to the disk; what nobody took away is gone at the end. Raises FileProblem."""
    if isinstance(files, Landed):
        yield files
        return
    arrived = Landed(_fresh_folder(), {}, {}, [])
    try:
        for role in sorted(files):
            given, chunks = files[role]
            name = arrived.names[role] = free_name(safe_name(given), arrived.names)
            arrived.digests[role] = _write(arrived.folder / name, role, chunks)
        yield arrived
    finally:
        try:
            _bring_back(arrived)
        finally:
            shutil.rmtree(arrived.folder, ignore_errors=True)


def _bring_back(arrived: Landed) -> None:
    """An import whose transaction was undone has no files: its folder is of nobody again."""
    for one in arrived.taken:
        if _is_there(one):
            continue
        with transaction.atomic(), suppress(FileNotFoundError):  # SQLite gives the number anew: to nobody while we are inside
            if not _is_there(one):
                one.folder.rename(arrived.folder)


def _is_there(one: Import) -> bool:
    return Import.objects.filter(pk=one.pk).exists()


def _fresh_folder() -> Path:
    above = all_folders()
    clear_deleted()
    for old in above.glob("arriving-*"):
        if was_left(old):
            shutil.rmtree(old, ignore_errors=True)
    folder = above / f"arriving-{clock.token(9)}"
    folder.mkdir(parents=True)
    return folder


def all_folders() -> Path:
    """Where the folders of all imports lie, and those of files on their way in."""
    return Path(settings.PEYVAND_DATA) / "files" / "imports"


def clear_deleted() -> None:
    """Delete files that are noted as deleted: whoever did so may have been killed before they went."""
    with walls.across():
        there = [int(folder.name) for folder in all_folders().glob("*") if folder.name.isdecimal()]
        for one in Import.objects.filter(pk__in=there, files_deleted_at__isnull=False):
            shutil.rmtree(one.folder, ignore_errors=True)


def was_left(folder: Path) -> bool:
    """Whether nobody can be putting files there any more; of one that somebody took away just now, no."""
    try:
        changed = datetime.fromtimestamp(folder.stat().st_mtime, UTC)
    except FileNotFoundError:
        return False
    return changed < clock.now() - LONGEST


def free_name(name: str, taken: Mapping[str, str]) -> str:
    """A name that none of those files has, nor anything else in the folder of an import."""
    used = {*taken.values(), "rejected.csv", "work"}
    return name if name not in used else free_name(f"{len(taken)}-{name}", taken)


def _write(path: Path, role: str, chunks: Iterable[bytes]) -> str:
    digest, size = hashlib.sha256(role.encode()), 0
    with atomic_writer(path) as target:
        for chunk in chunks:
            size += len(chunk)
            if size > MOST_BYTES:
                raise FileProblem(_("%(file)s is larger than 4 GB; split it.") % {"file": path.name})
            digest.update(chunk)
            target.write(chunk)
    return digest.hexdigest()


def together(digests: Iterable[str]) -> str:
    """The digest of several files, in whatever order and however many at once they came; of one, its own."""
    found = 0
    for digest in digests:
        found ^= int(digest, 16)
    return f"{found:064x}"
