"""Files of imports that name somebody who was erased. Called by the app's privacy.py.

A file is one text of many people, so it goes whole; what was recorded of the others stays.
"""

import gzip
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import IO, Final, cast

from django.db import transaction
from django.db.models import QuerySet

from peyvand.core import clock, walls
from peyvand.core.jobs import Later
from peyvand.core.privacy import GONE, Person, hide
from peyvand.imports.models import Import
from peyvand.imports.services.landing import all_folders, clear_deleted, was_left
from peyvand.imports.types import State
from peyvand.timeline.models import Interaction
from peyvand.timeline.services.redacting import rename_batches
from peyvand.workspaces.services import audit

PAUSE: Final = timedelta(seconds=10)
PIECE: Final = 1 << 20
OVERLAP: Final = 1 << 10  # of two pieces, so that a word on the border is whole in one
ENCODINGS: Final = ("utf-8", "utf-16-le", "utf-16-be", "cp1256")
BUSY: Final = (State.RUNNING, State.CHECKING, State.UNDOING)


def forget_files(person: Person) -> None:
    """Delete the files of every import that brought a person or names them, and those of uploads that were cut short; hide them in
    what an import says. Raises Later.
    """
    if not person.words and not person.identities:
        return
    mine = Import.objects.filter(workspace=person.workspace_id).select_related("workspace")
    brought = set(
        Interaction.objects.filter(identity__in=person.identities, batch__isnull=False).values_list("batch", flat=True).distinct()
    )
    for one in mine.filter(files_deleted_at=None):
        if one.batch_id in brought or _names(one.folder, person):
            _delete(one)
    _hide_names(mine, person)
    clear_deleted()
    _forget_left(person)


def _forget_left(person: Person) -> None:
    """Delete folders that belong to no import and name a person. Raises Later where one may be on its way to be an import."""
    with walls.across():
        known = {str(pk) for pk in Import.objects.values_list("pk", flat=True)}
    for folder in all_folders().glob("*"):
        if folder.name not in known and _names(folder, person):
            if not was_left(folder):
                raise Later(clock.now() + PAUSE)
            shutil.rmtree(folder, ignore_errors=True)


def _delete(one: Import) -> None:
    if one.state in BUSY:
        raise Later(clock.now() + PAUSE)
    with transaction.atomic():
        Import.objects.filter(pk=one.pk).update(files_deleted_at=clock.now(), check_result={}, error="")
        audit(workspace=one.workspace, actor=None, action="import.files_deleted", target=one, detail={"because": "erased"})
    shutil.rmtree(one.folder, ignore_errors=True)


def _hide_names(mine: "QuerySet[Import]", person: Person) -> None:
    """A file may be called after a person, and what its check found may quote them."""
    named = [one for one in mine if person.surely.named_in(one.name)]
    for one in named:
        if one.batch_id is not None:
            rename_batches(ids=[one.batch_id], label=GONE)
    hide(mine, person, "check_result", "error")
    hide(mine, person.surely, "name", "files")
    hide(mine, person.reached, "map_text")  # anything else in it are names of columns and kinds


def _names(folder: Path, person: Person) -> bool:
    """Whether a file in a folder holds a word of theirs; one that cannot be read is taken to."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return any(_holds(path, person.nameless) for path in files)


def _holds(path: Path, person: Person) -> bool:
    try:
        return any(person.named_in(text) for piece in _pieces(path) for text in _texts(piece))
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, ValueError):
        return True


def _texts(piece: bytes) -> Iterator[str]:
    for encoding in ENCODINGS:
        yield piece.decode(encoding, "ignore")


def _pieces(path: Path) -> Iterator[bytes]:
    """The bytes of a file, unpacked where it is an archive, a workbook or Parquet."""
    with path.open("rb") as file:
        head = file.read(4)
    if head == b"PAR1":
        yield from _of_parquet(path)
    elif head[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                with archive.open(name) as member:
                    yield from _overlapping(member)
    elif head[:2] == b"\x1f\x8b":
        with path.open("rb") as packed, gzip.open(packed) as unpacked:
            yield from _overlapping(cast("IO[bytes]", unpacked))
    else:
        with path.open("rb") as file:
            yield from _overlapping(file)


def _overlapping(file: IO[bytes]) -> Iterator[bytes]:
    before = b""
    while piece := file.read(PIECE):
        yield before + piece
        before = piece[-OVERLAP:]


def _of_parquet(path: Path) -> Iterator[bytes]:
    import pyarrow.parquet as pq  # noqa: PLC0415 - weight

    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=4096):
            yield str(batch.to_pylist()).encode()
