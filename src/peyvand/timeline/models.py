"""The two records that carry everything, and the readers' places in them. Written by timeline.services only.

PostgreSQL adds `era` and `xid` (migration 0002), which give readers an order that no late commit can slip behind.
"""

from django.db import models

from peyvand.core import clock
from peyvand.core.fields import InstantField, KeyField
from peyvand.identities.models import Identity
from peyvand.workspaces.models import User, Workspace


class Batch(models.Model):
    """A set of interactions that came together and can be undone together: an import, or what somebody recorded by hand.

    `code` is what outsiders call the import, the public id of its page; empty for what was recorded by hand.
    """

    class State(models.TextChoices):
        OPEN = "open"
        DONE = "done"
        UNDOING = "undoing"
        UNDONE = "undone"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="batches")
    label = models.CharField(max_length=200)
    code = models.CharField(max_length=13, blank=True, default="")
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    out_of_lake = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "code"), condition=~models.Q(code=""), name="one_batch_an_import"),)

    def __str__(self) -> str:
        return self.label


class Interaction(models.Model):
    """Something that happened between a customer and the brand. Never changed; dimensions hold Term integers."""

    # Without constraints, which cost PostgreSQL 7 µs a row each; see docs/adr/0010.
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    identity = models.ForeignKey(Identity, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False, db_constraint=False)
    kind = models.IntegerField()
    occurred_at = InstantField()
    recorded_at = InstantField()
    channel = models.IntegerField(null=True)
    touchpoint = models.IntegerField(null=True)
    stage = models.IntegerField(null=True)
    product = models.IntegerField(null=True)
    branch = models.IntegerField(null=True)
    department = models.IntegerField(null=True)
    employee = models.IntegerField(null=True)
    company = models.BigIntegerField(null=True)
    device = models.IntegerField(null=True)
    language = models.IntegerField(null=True)
    journey = models.BigIntegerField(null=True)
    batch = models.BigIntegerField(null=True)
    subject_type = models.IntegerField(null=True)
    subject_id = models.CharField(max_length=120, null=True)
    amount = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, null=True)
    duration_s = models.FloatField(null=True)
    response_s = models.FloatField(null=True)
    properties = models.TextField(null=True)  # JSON; queried in the lake
    source = models.IntegerField()
    external_id = models.CharField(max_length=200, null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("source", "external_id"), name="one_effect_a_repeat"),)
        indexes = (
            models.Index(fields=("identity", "occurred_at"), name="timeline_of_identity"),
            models.Index(fields=("subject_type", "subject_id"), name="same_subject", condition=models.Q(subject_id__isnull=False)),
            models.Index(fields=("batch",), name="of_batch", condition=models.Q(batch__isnull=False)),
            models.Index(fields=("company", "occurred_at"), name="timeline_of_company", condition=models.Q(company__isnull=False)),
        )

    def __str__(self) -> str:
        return f"{self.pk}"


class Perception(models.Model):
    """How an interaction felt. The key is interaction << 6 | n, so an interaction's perceptions lie together."""

    id = KeyField(primary_key=True)
    measure = models.IntegerField()
    item = models.IntegerField(null=True)
    value = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    text = models.TextField(null=True)
    sentiment = models.FloatField(null=True)

    def __str__(self) -> str:
        return f"{self.pk >> 6}.{self.pk & 63}"


class Era(models.Model):
    """Raised by a restore: after it, PostgreSQL's transaction ids start again."""

    number = models.IntegerField(primary_key=True)
    began_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return str(self.number)


class Place(models.Model):
    """How far a subscription has read, saved in the same transaction as what it did; the lake's is saved once a step is written."""

    name = models.CharField(max_length=60, primary_key=True)
    era = models.IntegerField(default=0)
    xid = models.BigIntegerField(default=0)
    interaction_id = models.BigIntegerField(default=0)
    moved_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return self.name


class DeadLetter(models.Model):
    """An interaction a subscription failed on; the rest went on. Seen and retried by a person."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="dead_letters")
    subscription = models.CharField(max_length=60)
    interaction_id = models.BigIntegerField()
    error = models.TextField()
    attempts = models.IntegerField(default=1)
    failed_at = models.DateTimeField(default=clock.now)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    settled_how = models.CharField(max_length=12, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("subscription", "interaction_id"), name="one_letter_a_failure"),)

    def __str__(self) -> str:
        return f"{self.subscription} #{self.interaction_id}"


class LakeFlush(models.Model):
    """One copy step to the lake: its range is stored before anything is written, so that a repeat writes nothing twice.

    `number` is the application version the Delta tables remember. `left_out` are batches that were undone when the
    step was planned; `undone_batch` marks a step that takes a batch away, `redactions` one that follows these.
    """

    class State(models.TextChoices):
        PLANNED = "planned"
        DONE = "done"

    number = models.BigAutoField(primary_key=True)
    from_era = models.IntegerField(default=0)
    from_xid = models.BigIntegerField(default=0)
    from_id = models.BigIntegerField(default=0)
    to_era = models.IntegerField(default=0)
    to_xid = models.BigIntegerField(default=0)
    to_id = models.BigIntegerField(default=0)
    rows = models.IntegerField(default=0)
    left_out = models.JSONField(default=list)
    undone_batch = models.BigIntegerField(null=True)
    redactions = models.JSONField(default=list)
    state = models.CharField(max_length=8, choices=State.choices, default=State.PLANNED)
    holder = models.CharField(max_length=200, default="", blank=True)
    lease_until = models.DateTimeField(default=clock.now)
    planned_at = models.DateTimeField(default=clock.now)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("state",), condition=models.Q(state="planned"), name="one_flush_at_a_time"),)

    def __str__(self) -> str:
        return f"{self.number} ({self.state})"


class Redaction(models.Model):
    """Interactions that lost their person, their words or themselves in the records, a few hundred at a time; the lake follows.

    `cause` says for whom: an erasure or a retention rule, by a word and a number. `ids` are integers of interactions.
    """

    class Loss(models.TextChoices):
        PERSON = "person"  # who it was, and every text
        TEXTS = "texts"
        WHOLE = "whole"

    cause = models.CharField(max_length=40, db_index=True)
    loss = models.CharField(max_length=8, choices=Loss.choices, default=Loss.PERSON)
    ids = models.JSONField(default=list)
    in_lake = models.BooleanField(default=False)
    made_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = (models.Index(fields=("id",), name="redactions_waiting", condition=models.Q(in_lake=False)),)

    def __str__(self) -> str:
        return f"{self.cause} {self.pk}"
