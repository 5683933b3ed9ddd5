"""One switch for everything that goes to customers: effective at once, also for what is queued. Asked by `deliver`."""

from collections.abc import Collection
from typing import Final

from django.db import transaction

from peyvand.channels.models import Outgoing, SendingStop
from peyvand.channels.queries import waiting_messages
from peyvand.channels.registry import askers
from peyvand.channels.services.sending import DELIVER
from peyvand.channels.types import Purpose
from peyvand.core import jobs
from peyvand.core.redaction import redacted
from peyvand.workspaces.models import User, Workspace
from peyvand.workspaces.services import audit

RESUME: Final = "channels.resume"
CHUNK: Final = 50  # messages in a transaction
A_TURN: Final = 500  # in a run of the job


@transaction.atomic
def stop_sending(*, workspace: Workspace, reason: str, actor: User) -> None:
    """Let nothing leave to customers from now on; what is queued waits. Again, it changes nothing."""
    said = redacted(reason.strip())[:200]
    _row, fresh = SendingStop.objects.get_or_create(workspace=workspace, defaults={"by": actor, "reason": said})
    if fresh:
        audit(workspace=workspace, actor=actor, action="sending.stopped", detail={"reason": said})


def resume_sending(*, workspace: Workspace, actor: User, drop: Collection[Purpose] = (), reason: str = "") -> None:
    """Let messages leave again, those that waited first to last; what waits for the purposes in `drop` is held for good, with the reason.

    What is dropped is dropped while nothing leaves yet, so that a kill half-way sends none of it.
    """
    if not SendingStop.objects.filter(workspace=workspace).exists():
        return
    _drop(workspace, actor, sorted(drop), redacted(reason.strip())[:200])
    with transaction.atomic():
        if not SendingStop.objects.filter(workspace=workspace).delete()[0]:
            return
        audit(workspace=workspace, actor=actor, action="sending.resumed", detail={"rows": waiting_messages(workspace).count()})
        _carry_on(workspace.pk, 0)


def _drop(workspace: Workspace, actor: User, purposes: Collection[Purpose], reason: str) -> None:
    """Hold what waits for these purposes, said in the trail before the first of it: of a kill between two pieces a trace is left."""
    unwanted = waiting_messages(workspace).filter(purpose__in=purposes, handed_at=None)
    if not (rows := unwanted.count()):
        return
    detail = {"purposes": list(purposes), "rows": rows, "reason": reason}
    audit(workspace=workspace, actor=actor, action="messages.dropped", detail=detail)
    while ids := list(unwanted.order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        with transaction.atomic():
            Outgoing.objects.filter(pk__in=ids, state=Outgoing.State.QUEUED).update(state=Outgoing.State.HELD, error=reason)


def put_down_waiting(workspace_id: int, after: int) -> None:
    """Put down the deliveries of what waited, a few hundred in a run; called by the job. Those of the night leave in the morning."""
    workspace = Workspace.objects.get(pk=workspace_id)
    waiting = waiting_messages(workspace).order_by("pk")
    moments = {prefix: asker.not_before(workspace) for prefix, asker in askers().items()}
    for _piece in range(A_TURN // CHUNK):
        rows = list(waiting.filter(pk__gt=after).values_list("pk", "key")[:CHUNK])
        if not rows:
            return
        with transaction.atomic():
            for pk, key in rows:
                when = moments.get(key.partition(":")[0])
                jobs.enqueue(name=DELIVER, payload={"outgoing": pk}, run_at=when, key=str(pk), workspace_id=workspace_id)
        after = rows[-1][0]
    _carry_on(workspace_id, after)


def _carry_on(workspace_id: int, after: int) -> None:
    payload = {"workspace": workspace_id, "after": after}
    jobs.enqueue(name=RESUME, payload=payload, key=f"{workspace_id}:{after}", workspace_id=workspace_id)
