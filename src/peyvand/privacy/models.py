"""Erasures of one person each, and what a workspace keeps for how long. Written by privacy.services only."""

from django.db import models

from peyvand.core import clock
from peyvand.core.fields import InstantField, KeyField
from peyvand.identities.models import Customer
from peyvand.timeline.models import Redaction
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


class RetentionRule(models.Model):
    """How long interactions of a kind are kept, and what goes afterwards. `kind` is a Term integer; none: all kinds without a rule.

    With `record` it is about records of another sort instead (core.retention). A round goes through what became old since the one
    before: from `done_until` up to `until`, at the interaction or record `position`; `taken` counts what it took so far, also `in_hand`:
    the integers being taken now. `began_at` is of the round under way or the last one, `last_began_at` of the last that came to its end.
    `key` gives the subjects of parted interactions new names, and is gone with the round.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="retention_rules")
    kind = models.IntegerField(null=True, blank=True)
    record = models.CharField(max_length=24, blank=True)
    months = models.PositiveSmallIntegerField()
    loss = models.CharField(max_length=8, choices=Redaction.Loss.choices)
    position = models.BigIntegerField(default=0)
    until = InstantField(null=True)  # what happened before is old, in the round under way
    done_until = InstantField(null=True)  # the same of the last round that came to its end
    began_at = InstantField(null=True)
    last_began_at = InstantField(null=True)
    in_hand = models.JSONField(default=list)
    key = models.BinaryField(default=b"")
    taken = models.BigIntegerField(default=0)
    last_taken = models.BigIntegerField(default=0)  # by the last round that came to its end
    changed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("workspace", "kind"), condition=models.Q(kind__isnull=False), name="one_rule_a_kind"),
            models.UniqueConstraint(fields=("workspace",), condition=models.Q(kind=None, record=""), name="one_rule_for_the_rest"),
            models.UniqueConstraint(fields=("workspace", "record"), condition=~models.Q(record=""), name="one_rule_a_record"),
        )

    def __str__(self) -> str:
        return f"{self.record or self.kind}: {self.months}"


class CountAgain(models.Model):
    """That a customer is to be counted anew, since a rule took something they took part in."""

    customer = models.OneToOneField(Customer, primary_key=True, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return str(self.customer_id)


class Piece(models.Model):
    """Of which time a piece of the timeline is, by its number (services.pieces): microseconds of its oldest and newest interaction."""

    number = KeyField(primary_key=True)
    oldest = models.BigIntegerField()
    newest = models.BigIntegerField()
    noted_at = InstantField()

    def __str__(self) -> str:
        return str(self.number)
