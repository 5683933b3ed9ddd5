"""Writes tasks: opening, assigning, moving, finishing. Called by cases and the desk."""

import datetime as dt
from collections.abc import Sequence

from django.db import models, transaction

from peyvand.core import clock
from peyvand.core.privacy import Person
from peyvand.core.redaction import redacted
from peyvand.identities.models import Customer
from peyvand.identities.queries import rows_to_move
from peyvand.identities.types import Move
from peyvand.tasks.models import Task
from peyvand.workspaces.models import Member, Workspace


def open_task(
    *,
    workspace: Workspace,
    kind: str,
    due_at: dt.datetime,
    title: str = "",
    customer: Customer | None = None,
    owner: Member | None = None,
    subject: tuple[str, int] | None = None,
) -> Task:
    """Put a task before a person (or before everybody while it has no owner)."""
    return Task.objects.create(
        workspace=workspace,
        kind=Task.Kind(kind),
        title=redacted(title)[:200],
        customer=customer,
        owner=owner,
        due_at=due_at,
        subject_type=subject[0] if subject else "",
        subject_id=subject[1] if subject else None,
    )


def assign_tasks(*, workspace: Workspace, subject: tuple[str, int], owner: Member | None) -> int:
    """Give the open tasks of a subject to another person; returns how many."""
    return _open_of(workspace, subject).update(owner=owner)


@transaction.atomic
def finish_task(*, task: Task, outcome: str) -> bool:
    """Finish an open task with its outcome; False when somebody finished it before."""
    changed = Task.objects.filter(pk=task.pk, state=Task.State.OPEN).update(
        state=Task.State.DONE, outcome=outcome[:24], done_at=clock.now()
    )
    return bool(changed)


def move_task(*, task: Task, due_at: dt.datetime) -> bool:
    """Put an open task off to another time."""
    return bool(Task.objects.filter(pk=task.pk, state=Task.State.OPEN).update(due_at=due_at))


def drop_tasks(*, workspace: Workspace, subject: tuple[str, int]) -> int:
    """Take away the open tasks of a subject that no longer needs them; returns how many."""
    return _open_of(workspace, subject).update(state=Task.State.DROPPED, done_at=clock.now())


def move_tasks(move: Move) -> dict[str, list[int]]:
    """Give tasks to the other customer where customers are merged or parted: all, or those that moved before."""
    ids = rows_to_move(move, "tasks", Task.objects.filter(customer=move.source))
    Task.objects.filter(pk__in=ids).update(customer=move.target)
    return {"tasks": ids}


def hand_over_tasks(*, subject_type: str, subject_ids: Sequence[int], customer_id: int) -> None:
    """Let the tasks of these subjects be for another customer."""
    Task.objects.filter(subject_type=subject_type, subject_id__in=subject_ids).exclude(customer=None).update(customer=customer_id)


def forget_tasks(person: Person) -> None:
    """Delete the tasks for a person."""
    Task.objects.filter(customer__in=person.customers).delete()


def forget_tasks_of(*, subject_type: str, subject_ids: Sequence[int]) -> None:
    """Delete every task of subjects that are deleted."""
    Task.objects.filter(subject_type=subject_type, subject_id__in=subject_ids).delete()


def old_tasks(workspace_id: int, before: dt.datetime, _loss: str) -> models.QuerySet[Task]:
    """Tasks that were done or dropped before a moment."""
    return Task.objects.filter(workspace=workspace_id, done_at__lt=before).exclude(state=Task.State.OPEN)


@transaction.atomic
def let_go_of_tasks(ids: Sequence[int], _loss: str) -> None:
    """Delete those of them that nobody has to do."""
    Task.objects.filter(pk__in=ids).exclude(state=Task.State.OPEN).delete()


def _open_of(workspace: Workspace, subject: tuple[str, int]) -> models.QuerySet[Task]:
    return Task.objects.filter(workspace=workspace, subject_type=subject[0], subject_id=subject[1], state=Task.State.OPEN)
