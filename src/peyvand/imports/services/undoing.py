"""Undoing a whole import: hidden at once, then taken out of the lake and the records piece by piece."""

from collections.abc import Callable
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from peyvand.core import clock, jobs
from peyvand.customers.services.undoing import clear_undone
from peyvand.imports.models import Import
from peyvand.imports.types import ImportProblem, State
from peyvand.timeline.models import Batch
from peyvand.timeline.services import undo_batch
from peyvand.workspaces.models import User
from peyvand.workspaces.services import audit

CLEAR: Final = "imports.clear"


@transaction.atomic
def undo(*, one: Import, actor: User | None) -> None:
    """Hide everything an import recorded and put down its removal; a running one stops. Raises ImportProblem."""
    states = (State.RUNNING, State.DONE, State.FAILED)
    if not Import.objects.filter(pk=one.pk, state__in=states).update(state=State.UNDOING):
        raise ImportProblem(_("There is nothing to undo: this import recorded nothing, or was undone already."))
    batch = Batch.objects.get(pk=one.batch_id or 0)
    undo_batch(batch=batch)
    audit(workspace=one.workspace, actor=actor, action="import.undone", target=one, detail={"recorded": one.recorded})
    jobs.enqueue(name=CLEAR, payload={"import": one.pk}, key=str(one.pk), workspace_id=one.workspace_id)
    one.refresh_from_db()


def clear(import_id: int, tell: Callable[[int], object] = lambda _n: None) -> bool:
    """Remove an undone import's rows; False while the lake still holds them. Safe to run again after a kill."""
    one = Import.objects.select_related("batch").get(pk=import_id)
    if one.state != State.UNDOING or one.batch is None:
        return True
    if not one.batch.out_of_lake:
        return False
    for done in clear_undone(batch=one.batch):
        tell(done)
    Import.objects.filter(pk=one.pk, state=State.UNDOING).update(state=State.UNDONE, finished_at=clock.now())
    return True
