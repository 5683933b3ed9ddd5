"""What is known about a customer: the profile and its counters, attributes, consent. Written by customers.services only.

Migration 0002 makes the search index; on SQLite services.indexing keeps it.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import get_language

from peyvand.catalogue.models import Term
from peyvand.core import clock
from peyvand.core.fields import InstantField
from peyvand.customers.types import NEVER, RULE_LIMITS, RULES, AttributeType, Band, Rules, Standing
from peyvand.identities.models import Customer
from peyvand.workspaces.models import User, Workspace

RULES_SECONDS = 2.0
_rules: dict[tuple[str, int], tuple[float, Rules]] = {}  # by data folder and workspace


def forget_rules() -> None:
    """Drop what this process remembers of rules: they were changed."""
    _rules.clear()


class Profile(models.Model):
    """One customer as lists and pages show them; counters follow the timeline within seconds.

    `interactions` counts what the customer took part in, `deliveries` the orders of which a delivery was told;
    `purchase_total` is in minor units of `currency`, the currency of the first purchase, less what was given back.
    Term integers stand in `last_channel` and `last_measure`.
    """

    customer = models.OneToOneField(Customer, primary_key=True, on_delete=models.CASCADE, related_name="profile")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", db_index=False)
    merged = models.BooleanField(default=False)
    language = models.CharField(max_length=8, blank=True, default="")
    attributes = models.JSONField(default=dict)
    preferences = models.JSONField(default=dict)
    sort_name = models.CharField(max_length=64, default="")
    has_phone = models.BooleanField(default=False)
    has_email = models.BooleanField(default=False)
    known = models.BooleanField(default=False)
    # A hash of what all a customer is found and sorted by was made from; None: not known, so it is written again.
    made_from = models.BigIntegerField(null=True, editable=False)
    first_seen_at = InstantField(default=NEVER)
    last_seen_at = InstantField(default=NEVER)
    interactions = models.IntegerField(default=0)
    contacts = models.IntegerField(default=0)
    purchases = models.IntegerField(default=0)
    deliveries = models.IntegerField(default=0)
    matters = models.IntegerField(default=0)  # cases that are open
    purchase_total = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, blank=True, default="")
    first_purchase_at = InstantField(null=True)
    last_purchase_at = InstantField(null=True)
    last_channel = models.IntegerField(null=True)
    last_channel_at = InstantField(null=True)
    last_measure = models.IntegerField(null=True)
    last_value = models.FloatField(null=True)
    last_low = models.FloatField(null=True)
    last_high = models.FloatField(null=True)
    last_band = models.SmallIntegerField(default=0)
    last_score_at = InstantField(null=True)
    last_nps = models.FloatField(null=True)
    last_nps_at = InstantField(null=True)
    # The stage last noted, and when to look again: at once (0) after something was counted, else when time alone may move them.
    stage = models.CharField(max_length=12, blank=True, default="", db_default="")
    look_again_at = InstantField(default=NEVER, db_default=0)

    class Meta:
        indexes = (
            models.Index(fields=("workspace", "last_seen_at", "customer"), name="profiles_by_last_seen"),
            models.Index(fields=("workspace", "sort_name", "customer"), name="profiles_by_name"),
            models.Index(fields=("workspace", "purchase_total", "customer"), name="profiles_by_purchases"),
            models.Index(fields=("workspace", "first_seen_at", "customer"), name="profiles_by_first_seen"),
            models.Index(fields=("look_again_at",), name="profiles_to_look_at"),
            models.Index(
                fields=("workspace", "last_seen_at", "customer"),
                name="profiles_out_of_reach",
                condition=models.Q(merged=False, has_phone=False, has_email=False),
            ),
        )

    def __str__(self) -> str:
        return str(self.customer)

    @property
    def bought(self) -> int:
        """How often a customer is known to have bought: by orders told, or by what was delivered where orders are not."""
        return max(self.purchases, self.deliveries)

    @property
    def lifetime_days(self) -> int:
        """How many whole days the relationship has lasted, from the first sight to the last."""
        days: int = (self.last_seen_at - self.first_seen_at).days
        return max(0, days)

    @property
    def standing(self) -> Standing:
        """What the stage of the relationship is judged by."""
        return Standing(
            known=self.known,
            purchases=self.bought,
            last_seen_at=self.last_seen_at,
            last_band=Band(self.last_band),
            last_score_at=self.last_score_at,
            last_nps=self.last_nps,
            waits=self.matters > 0,
            last_score=self.last_value,
            rules=LifecycleRules.of(self.workspace_id),
        )


class LifecycleRules(models.Model):
    """By what a brand judges its relationships, where it changed something."""

    workspace = models.OneToOneField(Workspace, primary_key=True, on_delete=models.CASCADE, related_name="lifecycle_rules")
    risk_days = models.IntegerField(default=RULES.risk_days)
    lost_days = models.IntegerField(default=RULES.lost_days)
    hurt_days = models.IntegerField(default=RULES.hurt_days)
    loyal_purchases = models.IntegerField(default=RULES.loyal_purchases)

    def __str__(self) -> str:
        return str(self.workspace)

    @staticmethod
    def of(workspace_id: int) -> Rules:
        """The rules of a brand; those of this process are two seconds old at most, since every row of a list asks."""
        key = (str(settings.PEYVAND_DATA), workspace_id)
        known = _rules.get(key)
        if known is None or known[0] < clock.monotonic():
            found = LifecycleRules.objects.filter(workspace_id=workspace_id).values(*RULE_LIMITS).first()
            known = _rules[key] = clock.monotonic() + RULES_SECONDS, Rules(**found) if found else RULES
        return known[1]


class StageMove(models.Model):
    """That a customer moved from a stage to another (from "": was first placed), when, and why: rows are only added."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="stage_moves", db_index=False)
    at = InstantField()
    from_stage = models.CharField(max_length=12, blank=True, default="")
    to_stage = models.CharField(max_length=12)
    cause = models.CharField(max_length=12)
    figures = models.JSONField(default=dict)

    class Meta:
        indexes = (
            models.Index(fields=("customer", "at"), name="moves_of_customer"),
            models.Index(fields=("workspace", "at"), name="moves_in_a_time"),
            # Few beside those from nowhere, which every customer has: a list of who moved reads these alone.
            models.Index(fields=("to_stage", "at", "customer"), name="moves_from_somewhere", condition=~models.Q(from_stage="")),
        )

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.from_stage} → {self.to_stage}"


class SearchEntry(models.Model):
    """What a customer is found by (customers.keys), apart from the counters: its index is dear to write."""

    profile = models.OneToOneField(Profile, primary_key=True, on_delete=models.CASCADE, related_name="entry")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", db_index=False)
    search_key = models.CharField(max_length=400, default="")
    contact_key = models.CharField(max_length=400, default="")

    def __str__(self) -> str:
        return self.search_key.strip()


class AttributeDefinition(models.Model):
    """One thing a workspace knows of its customers. `seen_only`: first met in an event or a file, to be looked at."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="attribute_definitions")
    code = models.CharField(max_length=60)
    names = models.JSONField(default=dict)
    type = models.CharField(max_length=8, choices=[(t.value, t.value) for t in AttributeType], default=AttributeType.TEXT)
    choices = models.JSONField(default=list)
    position = models.IntegerField(default=0)
    seen_only = models.BooleanField(default=False)
    archived = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering: ClassVar[list[str]] = ["position", "code"]
        constraints = (models.UniqueConstraint(fields=("workspace", "code"), name="one_attribute_a_code"),)

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name in the reader's language, else any name, else the code."""
        return str(self.names.get((get_language() or "en")[:2]) or next(iter(self.names.values()), "") or self.code)


class Company(models.Model):
    """A company (B2B) that customers act for. `term` is what interactions carry; names and numbers it goes by are terms merged into it.

    `own_id` is the workspace's own. A merged company keeps what it was and points to the one that stands for both.
    `attributes` holds the values of types.COMPANY_FIELDS.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="companies")
    term = models.OneToOneField(Term, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=160, blank=True, default="")
    name_key = models.CharField(max_length=160, blank=True, default="")
    sort_name = models.CharField(max_length=64, default="")
    own_id = models.CharField(max_length=100, null=True, blank=True)
    domain = models.CharField(max_length=120, blank=True, default="")
    attributes = models.JSONField(default=dict)
    note = models.CharField(max_length=1000, blank=True, default="")
    interaction_id = models.BigIntegerField(null=True)  # what told of it first; None: it was made by hand
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="absorbed")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "own_id"), name="one_company_an_own_id"),)
        indexes = (
            models.Index(fields=("workspace", "name_key"), name="companies_by_key"),
            models.Index(fields=("workspace", "sort_name", "id"), name="companies_by_name"),
        )

    def __str__(self) -> str:
        return self.name or self.own_id or f"#{self.pk}"


class Membership(models.Model):
    """That a customer acted for a company from a moment on, up to another (None: still). One at a time."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="memberships")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="memberships")
    since = InstantField()
    until = InstantField(null=True)
    interaction_id = models.BigIntegerField(null=True)  # what told it; None: a member of the brand did
    recorded_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("customer",), condition=models.Q(until__isnull=True), name="one_company_at_a_time"),)
        indexes = (
            models.Index(fields=("company", "until"), name="people_of_company"),
            models.Index(fields=("interaction_id",), condition=models.Q(interaction_id__isnull=False), name="membership_of_interaction"),
        )

    def __str__(self) -> str:
        return f"{self.customer_id} @ {self.company_id}"


class Consent(models.Model):
    """What a customer said about being written to, once: rows are only added, the latest word for a pair counts."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=24)
    channel = models.CharField(max_length=24)
    granted = models.BooleanField()
    source = models.CharField(max_length=40)
    note = models.CharField(max_length=300, blank=True, default="")
    at = models.DateTimeField(default=clock.now)
    recorded_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    interaction_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("interaction_id", "purpose", "channel"), name="one_consent_an_event"),)

    def __str__(self) -> str:
        return f"{self.purpose}/{self.channel}: {'granted' if self.granted else 'refused'}"
