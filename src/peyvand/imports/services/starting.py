"""From a file to a running import: the map chosen, the check asked for, the run put down."""

import datetime as dt
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from peyvand.core import clock, jobs
from peyvand.core.ids import public_id
from peyvand.imports.mapping.schema import read_map
from peyvand.imports.models import Import
from peyvand.imports.types import ImportProblem, State
from peyvand.timeline.services import open_batch
from peyvand.workspaces.models import User
from peyvand.workspaces.services import audit

RUN: Final = "imports.run"
CHECK: Final = "imports.check"
QUIET: Final = dt.timedelta(seconds=20)  # a run that was not heard of for so long is taken over


@transaction.atomic
def set_map(*, one: Import, text: str, name: str = "") -> None:
    """Give an import its map; an earlier check counts no more. Raises MapProblem."""
    read_map(text)
    states = (State.UPLOADED, State.CHECKED, State.CHECKING)
    changed = Import.objects.filter(pk=one.pk, state__in=states).update(
        map_text=text, map_name=name[:60], check_result={}, state=State.UPLOADED
    )
    if not changed:
        raise ImportProblem(_("This import has begun already; its map cannot change."))
    one.map_text, one.map_name, one.check_result, one.state = text, name[:60], {}, State.UPLOADED


@transaction.atomic
def ask_check(*, one: Import) -> None:
    """Put down a dry run. Raises ImportProblem once it is being checked or has begun."""
    if not Import.objects.filter(pk=one.pk, state__in=(State.UPLOADED, State.CHECKED)).update(state=State.CHECKING, check_result={}):
        raise ImportProblem(_("This import is being checked already, or has begun."))
    jobs.enqueue(name=CHECK, payload={"import": one.pk}, key=str(one.pk), workspace_id=one.workspace_id)


def cancel_check(*, one: Import) -> None:
    """Call a check off; the worker stops at its next step and records nothing of it. Raises ImportProblem."""
    if not Import.objects.filter(pk=one.pk, state=State.CHECKING).update(state=State.UPLOADED, check_result={}):
        raise ImportProblem(_("There is no check under way."))


@transaction.atomic
def start(*, one: Import, actor: User | None, here: bool = False) -> None:
    """Begin to record. `here`: the caller runs it itself, and the worker only takes over when nothing was heard for a while."""
    states = (State.UPLOADED, State.CHECKED, State.CHECKING)
    batch = open_batch(workspace=one.workspace, label=one.name, code=public_id(bytes(one.workspace.id_key), one.pk))
    now = clock.now()
    started = Import.objects.filter(pk=one.pk, state__in=states).update(
        state=State.RUNNING, batch=batch, started_at=now, heard_at=now if here else None, error=""
    )
    if not started or not one.map_text:
        raise ImportProblem(_("This import has begun already.") if not started else _("Choose a map first."))
    audit(workspace=one.workspace, actor=actor, action="import.started", target=one, detail={"map": one.map_name or "own"})
    jobs.enqueue(name=RUN, payload={"import": one.pk}, key=str(one.pk), workspace_id=one.workspace_id, run_at=now + QUIET if here else now)
    one.refresh_from_db()


@transaction.atomic
def resume(*, one: Import, here: bool = False) -> None:
    """Let a failed import go on from where it stands. Raises ImportProblem."""
    now = clock.now()
    failed = Import.objects.filter(pk=one.pk, state=State.FAILED)
    if not failed.update(state=State.RUNNING, error="", heard_at=now, finished_at=None):
        raise ImportProblem(_("Only an import that stopped can go on."))
    jobs.enqueue(name=RUN, payload={"import": one.pk}, key=str(one.pk), workspace_id=one.workspace_id, run_at=now + QUIET if here else now)
    one.refresh_from_db()
