"""Dead letters: written when a reaction fails for good, settled by a person; and jobs that were given up."""

import traceback
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import F

from peyvand.core import clock, jobs
from peyvand.core.db import in_a_line
from peyvand.core.models import Job
from peyvand.core.privacy import Person, hide
from peyvand.timeline.models import DeadLetter
from peyvand.workspaces.models import User, Workspace
from peyvand.workspaces.services import audit

ERROR_LENGTH = 4000
KEPT_FOR: Final = timedelta(days=90)
PIECE: Final = 200


def note_failure(subscription: str, workspace_id: int, interaction_id: int, error: BaseException) -> None:
    """Write or renew the letter of one failure; the text holds the error in a line and where it was raised, never payloads."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    where = " ← ".join(f"{frame.name} ({frame.filename.rsplit('/', 1)[-1]}:{frame.lineno})" for frame in reversed(frames))
    text = f"{in_a_line(error)}\n{where}"[:ERROR_LENGTH]
    letter, created = DeadLetter.objects.get_or_create(
        subscription=subscription, interaction_id=interaction_id, defaults={"workspace_id": workspace_id, "error": text}
    )
    if not created:
        DeadLetter.objects.filter(pk=letter.pk).update(
            error=text, attempts=F("attempts") + 1, failed_at=clock.now(), settled_at=None, settled_by=None, settled_how=""
        )


@transaction.atomic
def settle_letter(*, letter: DeadLetter, actor: User | None, how: str) -> bool:
    """Take a letter off the list: `how` is retried or dismissed; False where somebody did so before."""
    mine = DeadLetter.objects.filter(pk=letter.pk, settled_at=None)
    if not mine.update(settled_at=clock.now(), settled_by=actor, settled_how=how):
        return False
    audit(workspace=letter.workspace, actor=actor, action=f"letter.{how}", target=letter)
    return True


@transaction.atomic
def retry_job(job: Job, *, workspace: Workspace, actor: User | None) -> bool:
    """Let a job of a workspace that was given up be tried from the start; False where it was put back before."""
    if not jobs.retry(job.pk):
        return False
    audit(workspace=workspace, actor=actor, action="job.retried", detail={"job": job.name})
    return True


@transaction.atomic
def discard_job(job: Job, *, workspace: Workspace, actor: User | None) -> bool:
    """Take a job of a workspace that was given up away, undone; False where it was put back or taken away before."""
    if not jobs.discard(job.pk):
        return False
    audit(workspace=workspace, actor=actor, action="job.discarded", detail={"job": job.name})
    return True


def forget_settled() -> None:
    """Forget letters settled long ago and jobs given up long ago, a few at a time. What nobody has looked at stays."""
    before = clock.now() - KEPT_FOR
    while gone := list(DeadLetter.objects.filter(settled_at__lt=before).values_list("pk", flat=True)[:PIECE]):
        DeadLetter.objects.filter(pk__in=gone, settled_at__lt=before).delete()
    jobs.forget_given_up(before)


def hide_person(person: Person) -> None:
    """Hide what names a person in the errors of dead letters."""
    hide(DeadLetter.objects.filter(workspace=person.workspace_id), person, "error")
