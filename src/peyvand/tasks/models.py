"""What a person must do: one row a task. Written by tasks.services only; cases and journeys create them."""

from django.db import models

from peyvand.core import clock
from peyvand.identities.models import Customer
from peyvand.workspaces.models import Member, Workspace


class TaskState(models.TextChoices):
    """Where a task stands."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class Task(models.Model):
    """One thing to do for one customer: who, until when, and what came of it.

    `subject_type` and `subject_id` name the upper thing it serves (a case) by plain id.
    """

    class Kind(models.TextChoices):
        CALL = "call"
        MESSAGE = "message"
        PROMISE = "promise"
        OTHER = "other"

    State = TaskState

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="tasks")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.CALL)
    title = models.CharField(max_length=200, blank=True)
    customer = models.ForeignKey(Customer, null=True, blank=True, on_delete=models.CASCADE, related_name="tasks")
    owner = models.ForeignKey(Member, null=True, blank=True, on_delete=models.SET_NULL, related_name="tasks")
    due_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    outcome = models.CharField(max_length=24, blank=True)
    subject_type = models.CharField(max_length=24, blank=True)
    subject_id = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=("owner", "due_at"), condition=models.Q(state="open"), name="open_tasks_of_owner"),
            models.Index(fields=("workspace", "due_at"), condition=models.Q(state="open"), name="open_tasks"),
            models.Index(fields=("subject_type", "subject_id"), name="tasks_of_subject"),
        )

    def __str__(self) -> str:
        return self.title or f"{self.kind} {self.pk}"
