"""Endpoints that are told what happens, and what became of each telling. Written by webhooks.services only."""

from django.db import models

from peyvand.core import clock
from peyvand.workspaces.models import User, Workspace


class Endpoint(models.Model):
    """An address of another system. `kinds` empty: it is told of every kind.

    `sealed` holds its secret and, while they are changed, the one before. `rests_until`: nobody answered, so it is left alone until then.
    `busy_until`: a worker has it in hand.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="webhooks")
    name = models.CharField(max_length=80)
    url = models.CharField(max_length=500)
    kinds = models.JSONField(default=list)
    personal = models.BooleanField(default=False)
    sealed = models.TextField()
    changing = models.BooleanField(default=False)  # two secrets are live
    is_active = models.BooleanField(default=True)
    failures = models.IntegerField(default=0)
    rests_until = models.DateTimeField(null=True, blank=True)
    busy_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    created_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    def __str__(self) -> str:
        return self.name


class TellingState(models.TextChoices):
    """Where a telling stands."""

    WAITING = "waiting"
    TOLD = "told"
    DEAD = "dead"


class Telling(models.Model):
    """One interaction to be told to one endpoint: the row is the queue. What is told is made from the timeline each time."""

    State = TellingState

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="tellings")
    interaction_id = models.BigIntegerField(null=True)  # none: a test
    kind = models.CharField(max_length=120)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.IntegerField(default=0)
    status = models.IntegerField(null=True)
    error = models.CharField(max_length=200, blank=True)
    begun_at = models.DateTimeField(default=clock.now)  # from then three days are counted
    due_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("endpoint", "interaction_id"), name="told_once"),)
        indexes = (
            models.Index(fields=("endpoint", "due_at", "id"), name="telling_waits", condition=models.Q(state="waiting")),
            models.Index(fields=("endpoint", "state", "-id"), name="tellings_of_endpoint"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
