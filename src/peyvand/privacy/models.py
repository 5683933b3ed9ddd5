"""Erasures of one person each, and what a workspace keeps for how long. Written by privacy.services only."""

from django.db import models

from peyvand.core import clock
from peyvand.workspaces.models import User, Workspace


class Erasure(models.Model):
    """That somebody was erased, without a word of who it was.

    `marks` are keyed hashes of their identities: by them they are recognised in a backup from before. `key` gives the subjects of
    their interactions new names, and is gone at the end. `left` says in codes what the erasure could not reach.
    """

    class State(models.TextChoices):
        ASKED = "asked"
        PARTED = "parted"  # the records hold nothing of them any more
        WIPED = "wiped"  # nor does the file of the database
        COPIED = "copied"  # nor do the tables of the lake; their old files wait for readers
        DONE = "done"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="erasures")
    customer = models.BigIntegerField()
    marks = models.JSONField(default=list)
    key = models.BinaryField(default=b"")
    state = models.CharField(max_length=8, choices=State.choices, default=State.ASKED)
    interactions = models.IntegerField(default=0)
    left = models.JSONField(default=list)
    asked_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField(default=clock.now)
    copied_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("workspace", "customer"), condition=~models.Q(state="done"), name="one_erasure_at_a_time"),
        )
        indexes = (models.Index(fields=("workspace", "-id"), name="erasures_newest"),)

    def __str__(self) -> str:
        return f"#{self.pk}"
