"""The files of an import: kept in the data folder until a person deletes them."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Final

from django.db import transaction
from django.utils.translation import gettext as _

from peyvand.core import clock
from peyvand.core.files import safe_name, shown_name, sync_folder
from peyvand.imports.models import Import
from peyvand.imports.services.landing import Files, Landed, free_name, landed, together
from peyvand.imports.types import ImportProblem, State
from peyvand.workspaces.models import User, Workspace
from peyvand.workspaces.services import audit

CHUNK: Final = 1 << 20


def store(*, workspace: Workspace, name: str, files: Files | Landed, actor: User | None) -> Import:
    """Keep the files of a new import: "main" and, by the map's names, those beside it. Raises FileProblem."""
    with landed(files) as arrived, transaction.atomic():
        one = Import.objects.create(
            workspace=workspace,
            name=(shown_name(name) or safe_name(name))[:200],
            files=arrived.names,
            digest=together(arrived.digests.values()),
            created_by=actor,
        )
        shutil.rmtree(one.folder, ignore_errors=True)  # of a number that a transaction gave back when it was undone
        arrived.taken.append(one)
        arrived.folder.rename(one.folder)
        sync_folder(one.folder.parent)
    return one


def add_files(*, one: Import, files: Files | Landed) -> None:
    """Put files beside the main one, by the map's names; the digest becomes that of all sent at once.

    Of a name that somebody else gave meanwhile, theirs stays. Raises FileProblem, ImportProblem.
    """
    with landed(files) as arrived, transaction.atomic():
        locked = Import.objects.select_for_update().get(pk=one.pk)
        if locked.state not in (State.UPLOADED, State.CHECKED) or locked.files_deleted_at is not None:
            raise ImportProblem(_("This import has begun already; its files cannot change."))
        kept = dict(locked.files)
        added = sorted(arrived.names.keys() - kept.keys())
        for role in added:
            kept[role] = free_name(arrived.names[role], kept)
            (arrived.folder / arrived.names[role]).rename(locked.folder / kept[role])
        sync_folder(locked.folder)
        one.files, one.digest = kept, together([locked.digest, *(arrived.digests[role] for role in added)])
        one.check_result, one.state = {}, State.UPLOADED
        one.save(update_fields=["files", "digest", "check_result", "state"])


def chunks_of(file: IO[bytes]) -> Iterable[bytes]:
    """A file in pieces."""
    while chunk := file.read(CHUNK):
        yield chunk


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
        _keep_too(one.folder / name, fresh.folder / name)
    sync_folder(fresh.folder)
    sync_folder(fresh.folder.parent)
    return fresh


def _keep_too(file: Path, place: Path) -> None:
    """The same file in a second place, since nobody writes in it: to copy a large one would keep SQLite's other writers waiting."""
    try:
        place.hardlink_to(file)
    except OSError:  # a file system without links
        shutil.copyfile(file, place)


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
