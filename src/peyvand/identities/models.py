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

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "type", "value"), name="one_owner_an_identity"),)

    def __str__(self) -> str:
        return self.value


class LinkConflict(models.Model):
    """An item whose strong identities belong to different people: a person decides, nothing is merged by itself."""

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
    took_name = models.BooleanField(default=False, db_default=False)  # the one who stayed had no name and took the other's

    class Meta:
        constraints = (models.UniqueConstraint(fields=("kept", "other", "other_type", "other_value"), name="one_conflict_a_pair"),)
        indexes = (models.Index(fields=("workspace", "decision"), name="open_conflicts"),)

    def __str__(self) -> str:
        return f"{self.kept_value} / {self.other_value}"


class IdentityMove(models.Model):
    """One identity moved from one customer to another by a person's decision, so that it can be moved back."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, related_name="moves")
    conflict = models.ForeignKey(LinkConflict, null=True, on_delete=models.SET_NULL, related_name="moves")
    from_customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    to_customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    moved_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    moved_at = models.DateTimeField(default=clock.now)
    undone_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.identity_id}: {self.from_customer_id} → {self.to_customer_id}"
