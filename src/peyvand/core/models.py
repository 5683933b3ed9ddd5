"""Tables of the machinery itself: jobs, schedules and signs of life. Written by core.jobs and core.beats only."""

from typing import ClassVar

from django.db import models

from peyvand.core import clock


class JobState(models.IntegerChoices):
    """Where a job stands; a finished job is deleted."""

    WAITING = 0
    RUNNING = 1
    DEAD = 2


class Job(models.Model):
    """One piece of work to be done later, at least once.

    due_at is when it may next be taken: its time while it waits, the end of the lease while it runs. A worker
    that dies simply lets the lease run out. attempts counts how often it was taken.
    """

    name = models.CharField(max_length=80)
    payload = models.JSONField(default=dict)
    workspace_id = models.BigIntegerField(null=True)
    key = models.CharField(max_length=200, null=True)
    state = models.SmallIntegerField(choices=JobState.choices, default=JobState.WAITING)
    due_at = models.DateTimeField(default=clock.now)
    attempts = models.SmallIntegerField(default=0)
    lease = models.CharField(max_length=120, blank=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=clock.now)
    failed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            # While it waits, one job a key; once taken, the next may be put down, since this one may have read its facts.
            models.UniqueConstraint(fields=("name", "key"), condition=models.Q(state=0, key__isnull=False), name="one_waiting_job_a_key"),
        ]
        indexes: ClassVar = [
            models.Index(fields=("due_at", "id"), condition=models.Q(state__lt=2), name="job_due"),
            models.Index(fields=("lease",), condition=models.Q(state=1), name="job_held"),
            models.Index(fields=("workspace_id", "failed_at"), condition=models.Q(state=2), name="job_dead"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.pk}"


class Schedule(models.Model):
    """When a periodic job was last put down."""

    name = models.CharField(max_length=80, unique=True)
    last_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Heartbeat(models.Model):
    """A running process, as it last said of itself."""

    process = models.CharField(max_length=120, unique=True)
    role = models.CharField(max_length=16)
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField()
    state = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.role} {self.process}"
