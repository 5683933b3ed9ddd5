"""Reads of tasks: what waits for a person, what waits for anybody."""

from django.db.models import Count, Q, QuerySet

from peyvand.core import clock
from peyvand.tasks.models import Task
from peyvand.workspaces.models import Workspace


def open_tasks(workspace: Workspace) -> QuerySet[Task]:
    """Open tasks of a workspace, the most urgent first."""
    return (
        Task.objects.filter(workspace=workspace, state=Task.State.OPEN).select_related("customer", "owner__user").order_by("due_at", "id")
    )


def load(workspace: Workspace) -> dict[int | None, tuple[int, int]]:
    """Open and late tasks of each owner: member id (None: nobody) → (open, late)."""
    rows = (
        Task.objects.filter(workspace=workspace, state=Task.State.OPEN)
        .values_list("owner_id")
        .annotate(all=Count("id"), late=Count("id", filter=Q(due_at__lt=clock.now())))
    )
    return {owner: (every, late) for owner, every, late in rows}
