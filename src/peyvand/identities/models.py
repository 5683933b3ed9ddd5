"""Customers and the identities they are known by. Written by identities.services only.

Hot tables have no constraint on their workspace: PostgreSQL would look it up again for every row.
"""

from django.db import models

from peyvand.core import clock
from peyvand.core.fields import InstantField
from peyvand.identities.types import VALUE_LENGTH, IdentityType
from peyvand.workspaces.models import User, Workspace


class Customer(models.Model):
    """A person (or a device nobody has named yet). What is known about them stands in customers.Profile."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="customers", db_constraint=False)
    name = models.CharField(max_length=160, blank=True, default="")
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="absorbed")
    created_at = InstantField()
    # The Term integer of the company they act for, and since when: what they do from then on carries it where an item names none.
    company = models.BigIntegerField(null=True)
    company_since = InstantField(null=True)

    class Meta:
        indexes = (models.Index(fields=("workspace",), name="customers_of_companies", condition=models.Q(company__isnull=False)),)

    def __str__(self) -> str:
        return self.name or f"#{self.pk}"


class Identity(models.Model):
    """One normalised way to know a customer, unique in its workspace; moving it moves its history."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    type = models.SmallIntegerField(choices=[(t.value, t.name.lower()) for t in IdentityType])
    value = models.CharField(max_length=VALUE_LENGTH)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="identities")
    # The customer it goes back to when merges are undone, by plain id so that no delete looks for it; None: the one it stands at.
    home = models.BigIntegerField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "type", "value"), name="one_owner_an_identity"),)

    def __str__(self) -> str:
        return self.value


class LinkConflict(models.Model):
    """Two customers who may be one person: a person decides, nothing is merged by itself.

    `origin` says why they are a pair; `score` (0 to 100) and `reasons` ([{code, …}]) are those of a pair that looks alike.
    """

    class Origin(models.TextChoices):
        MET = "met"  # one item named both
        HAND = "hand"  # a member looked the other up
        ALIKE = "alike"  # found by what is known of both

    class Decision(models.TextChoices):
        OPEN = "open"
        APART = "apart"
        SAME = "same"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="link_conflicts")
    kept = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    kept_type = models.SmallIntegerField()
    kept_value = models.CharField(max_length=VALUE_LENGTH)
    other_type = models.SmallIntegerField()
    other_value = models.CharField(max_length=VALUE_LENGTH)
    seen_at = models.DateTimeField(default=clock.now)
    times = models.IntegerField(default=1)
    decision = models.CharField(max_length=8, choices=Decision.choices, default=Decision.OPEN)
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    origin = models.CharField(max_length=8, choices=Origin.choices, default=Origin.MET, db_default=Origin.MET.value)
    score = models.SmallIntegerField(default=0, db_default=0)
    reasons = models.JSONField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("kept", "other", "other_type", "other_value"), name="one_conflict_a_pair"),)
        indexes = (
            models.Index(fields=("workspace", "decision"), name="open_conflicts"),
            models.Index(fields=("workspace", "other_type", "other_value"), name="conflicts_over_a_value"),
        )

    def __str__(self) -> str:
        return f"{self.kept_value} / {self.other_value}"


class Merge(models.Model):
    """One customer taken into another by a person. Undone in any order: whoever was taken in stands by itself again.

    `rows` names what else moved with the identities (label → ids), `taken` what who stayed took over of the other: the name, wishes.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    kept = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="took_in")
    other = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="merges")
    pair = models.ForeignKey(LinkConflict, null=True, on_delete=models.SET_NULL, related_name="merges")
    rows = models.JSONField(default=dict)
    taken = models.JSONField(default=dict)
    merged_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    merged_at = models.DateTimeField(default=clock.now)
    undone_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("other",), condition=models.Q(undone_at=None), name="taken_into_one_at_a_time"),)

    def __str__(self) -> str:
        return f"{self.other_id} → {self.kept_id}"


class IdentityMove(models.Model):
    """One identity that went from one customer to another by a person's decision. Rows are only added."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, related_name="moves")
    from_customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    to_customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    moved_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    moved_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"{self.identity_id}: {self.from_customer_id} → {self.to_customer_id}"


class SharedValue(models.Model):
    """A value that many people share, such as a shop's own phone: it names nobody. `offered`: found by itself, for a person to decide."""

    class State(models.TextChoices):
        OFFERED = "offered"
        SHARED = "shared"
        PERSONAL = "personal"  # offered, and refused: not offered again

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    type = models.SmallIntegerField(choices=[(t.value, t.name.lower()) for t in IdentityType])
    value = models.CharField(max_length=VALUE_LENGTH)
    state = models.CharField(max_length=8, choices=State.choices, default=State.SHARED)
    note = models.CharField(max_length=120, blank=True, default="")
    people = models.IntegerField(default=0)  # how many it came with when it was offered
    found_at = models.DateTimeField(default=clock.now)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "type", "value"), name="one_word_on_a_shared_value"),)

    def __str__(self) -> str:
        return self.value


class Leaving(models.Model):
    """A customer who is being forgotten: from the word that asked for it until nothing is known by them any more."""

    customer = models.OneToOneField(Customer, primary_key=True, on_delete=models.CASCADE, related_name="leaving")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return str(self.customer_id)


class Crowd(models.Model):
    """A customer known by so many ways that nothing more is put to them by itself; `turned_away` counts what was not."""

    customer = models.OneToOneField(Customer, primary_key=True, on_delete=models.CASCADE, related_name="crowd")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    turned_away = models.IntegerField(default=0)
    seen_at = models.DateTimeField(default=clock.now)
    settled_at = models.DateTimeField(null=True, blank=True)  # a person looked at it; listed again when more is turned away
    settled_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.turned_away}"
