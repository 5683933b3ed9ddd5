"""One switch for everything that goes to customers: effective at once, also for what is queued. Asked by `deliver`."""

from typing import Final

from django.db import transaction

from peyvand.channels.models import Outgoing, SendingStop
from peyvand.channels.services.sending import DELIVER
from peyvand.core import jobs
from peyvand.workspaces.models import User, Workspace
from peyvand.workspaces.services import audit

A_TURN: Final = 500


@transaction.atomic
def stop_sending(*, workspace: Workspace, reason: str, actor: User) -> None:
    """Let nothing leave to customers from now on; what is queued waits. Again, it changes nothing."""
    _row, fresh = SendingStop.objects.get_or_create(workspace=workspace, defaults={"by": actor, "reason": reason.strip()[:200]})
    if fresh:
        audit(workspace=workspace, actor=actor, action="sending.stopped", detail={"reason": reason.strip()[:200]})


@transaction.atomic
def resume_sending(*, workspace: Workspace, actor: User) -> None:
    """Let messages leave again, those that waited first to last."""
    if not SendingStop.objects.filter(workspace=workspace).delete()[0]:
        return
    audit(workspace=workspace, actor=actor, action="sending.resumed")
    for pk in Outgoing.objects.filter(workspace=workspace, state=Outgoing.State.QUEUED).order_by("pk").values_list("pk", flat=True):
        jobs.enqueue(name=DELIVER, payload={"outgoing": pk}, key=str(pk), workspace_id=workspace.pk)
