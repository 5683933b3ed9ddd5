"""The files of an import: kept in the data folder until a person deletes them."""

import hashlib
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Final

from django.db import transaction
from django.utils.translation import gettext as _

from peyvand.core import clock
from peyvand.core.files import atomic_writer, safe_name, shown_name
from peyvand.imports.models import Import
from peyvand.imports.types import FileProblem, ImportProblem, State
from peyvand.workspaces.models import User, Workspace
from peyvand.workspaces.services import audit

CHUNK: Final = 1 << 20
MOST_BYTES: Final = 4 << 30


def store(*, workspace: Workspace, name: str, files: Mapping[str, tuple[str, Iterable[bytes]]], actor: User | None) -> Import:
    """Keep the files of a new import: "main" and, by the map's names, those beside it. Raises FileProblem."""
    one = Import.objects.create(workspace=workspace, name=(shown_name(name) or safe_name(name))[:200], digest="", created_by=actor)
    digest = hashlib.sha256()
    kept: dict[str, str] = {}
    try:
        shutil.rmtree(one.folder, ignore_errors=True)  # of a number that a transaction gave back when it was undone
        one.folder.mkdir(parents=True)
        for role in sorted(files):
            given, chunks = files[role]
            kept[role] = _free_name(safe_name(given), kept)
            digest.update(role.encode())
            _write(one.folder / kept[role], chunks, digest)
        one.files, one.digest = kept, digest.hexdigest()
        one.save(update_fields=["files", "digest"])
    except BaseException:
        shutil.rmtree(one.folder, ignore_errors=True)
        Import.objects.filter(pk=one.pk).delete()
        raise
    return one


@transaction.atomic
def add_files(*, one: Import, files: Mapping[str, tuple[str, Iterable[bytes]]]) -> None:
    """Put files beside the main one, by the map's names; the digest becomes that of all sent at once. Raises FileProblem, ImportProblem."""
    locked = Import.objects.select_for_update().get(pk=one.pk)
    if locked.state not in (State.UPLOADED, State.CHECKED) or locked.files_deleted_at is not None:
        raise ImportProblem(_("This import has begun already; its files cannot change."))
    kept = dict(locked.files)
    for role, (given, chunks) in files.items():
        kept[role] = _free_name(safe_name(given), kept)
        _write(locked.folder / kept[role], chunks, hashlib.sha256())
    digest = hashlib.sha256()
    for role in sorted(kept):
        digest.update(role.encode())
        with (locked.folder / kept[role]).open("rb") as file:
            for chunk in chunks_of(file):
                digest.update(chunk)
    one.files, one.digest = kept, digest.hexdigest()
    one.check_result, one.state = {}, State.UPLOADED
    one.save(update_fields=["files", "digest", "check_result", "state"])


def chunks_of(file: IO[bytes]) -> Iterable[bytes]:
    """A file in pieces."""
    while chunk := file.read(CHUNK):
        yield chunk


def _free_name(name: str, kept: Mapping[str, str]) -> str:
    taken = {*kept.values(), "rejected.csv", "work"}
    return name if name not in taken else _free_name(f"{len(kept)}-{name}", kept)


def _write(path: Path, chunks: Iterable[bytes], digest: "hashlib._Hash") -> None:
    size = 0
    with atomic_writer(path) as target:
        for chunk in chunks:
            size += len(chunk)
            if size > MOST_BYTES:
                raise FileProblem(_("%(file)s is larger than 4 GB; split it.") % {"file": path.name})
            digest.update(chunk)
            target.write(chunk)


@transaction.atomic
def again(*, one: Import, actor: User | None) -> Import:
    """A new import of the same files, to be mapped anew; the undone one stays as it was."""
    if one.files_deleted_at is not None:
        raise ImportProblem(_("The files of this import were deleted; upload them again."))
    if one.state == State.UNDOING:
        raise ImportProblem(_("This import is still being undone; wait until it is through."))
    fresh = Import.objects.create(
        workspace=one.workspace,
        name=one.name,
        files=one.files,
        digest=one.digest,
        map_name=one.map_name,
        map_text=one.map_text,
        created_by=actor,
    )
    shutil.rmtree(fresh.folder, ignore_errors=True)  # as in store
    fresh.folder.mkdir(parents=True)
    for name in one.files.values():
        shutil.copyfile(one.folder / name, fresh.folder / name)
    return fresh


@transaction.atomic
def delete_files(*, one: Import, actor: User | None) -> None:
    """Delete what was uploaded and the rejected rows; what was recorded stays."""
    if one.state in (State.RUNNING, State.CHECKING):
        raise ImportProblem(_("This import is running; undo it first or wait until it is through."))
    Import.objects.filter(pk=one.pk).update(files_deleted_at=clock.now())
    audit(workspace=one.workspace, actor=actor, action="import.files_deleted", target=one)
    transaction.on_commit(lambda: shutil.rmtree(one.folder, ignore_errors=True))


def discard(*, one: Import) -> None:
    """Forget an import that recorded nothing, with its files."""
    if Import.objects.filter(pk=one.pk, batch=None).delete()[0]:
        shutil.rmtree(one.folder, ignore_errors=True)
