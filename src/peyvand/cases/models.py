"""Cases: an unhappy answer, who follows it up, until when, what came of it. Written by cases.services only."""

from django.db import models

from peyvand.cases.types import Assignment, CaseState, ContactResult, Outcome
from peyvand.channels.models import Outgoing
from peyvand.core import clock
from peyvand.identities.models import Customer
from peyvand.tasks.models import Task
from peyvand.workspaces.models import Member, Workspace


class CasePolicy(models.Model):
    """How a workspace follows up. `limits` maps measure → the highest score that opens a case."""

    workspace = models.OneToOneField(Workspace, on_delete=models.CASCADE, related_name="case_policy")
    is_active = models.BooleanField(default=True)
    limits = models.JSONField(default=dict)
    contact_hours = models.PositiveSmallIntegerField(default=4)  # working hours to the first contact
    remedy_hours = models.PositiveSmallIntegerField(default=16)  # working hours from that contact to the end
    assignment = models.CharField(max_length=8, choices=[(a.value, a.value) for a in Assignment], default=Assignment.TURN)
    reasons = models.JSONField(default=list)  # [{code, fa, en}]
    last_owner = models.ForeignKey(Member, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    def __str__(self) -> str:
        return f"{self.workspace_id}"


class Case(models.Model):
    """One complaint of one customer. `number` counts within its workspace; term columns hold Term integers.

    `due_at` is the deadline of the next step: the first contact, then the end. `contact_work_s` are the working seconds
    from opening to the first contact. `version` counts changes, so that a page can tell that it shows an older state.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="cases")
    number = models.IntegerField()
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="cases")
    owner = models.ForeignKey(Member, null=True, blank=True, on_delete=models.SET_NULL, related_name="cases")
    state = models.CharField(max_length=8, choices=[(s.value, s.value) for s in CaseState], default=CaseState.OPEN)
    interaction = models.BigIntegerField(null=True, blank=True)
    measure = models.CharField(max_length=40, blank=True)
    score_before = models.FloatField(null=True, blank=True)
    low = models.FloatField(null=True, blank=True)
    high = models.FloatField(null=True, blank=True)
    words = models.TextField(blank=True)
    touchpoint = models.IntegerField(null=True, blank=True)
    branch = models.IntegerField(null=True, blank=True)
    subject_type = models.CharField(max_length=40, blank=True)
    subject_id = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=40, blank=True)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    first_contact_at = models.DateTimeField(null=True, blank=True)
    contact_work_s = models.IntegerField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=14, blank=True, choices=[(o.value, o.value) for o in Outcome])
    ask_again = models.BooleanField(default=True)
    score_after = models.FloatField(null=True, blank=True)
    answered_again_at = models.DateTimeField(null=True, blank=True)
    version = models.IntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("workspace", "number"), name="one_case_a_number"),
            models.UniqueConstraint(
                fields=("workspace", "customer", "subject_type", "subject_id"),
                condition=~models.Q(state="closed"),
                name="one_open_case_a_matter",
            ),
        )
        indexes = (
            models.Index(fields=("workspace", "state", "due_at"), name="cases_by_deadline"),
            models.Index(fields=("owner", "state", "due_at"), name="cases_of_owner"),
            models.Index(fields=("customer", "-opened_at"), name="cases_of_customer"),
            models.Index(fields=("workspace", "opened_at"), name="cases_by_opening"),
            models.Index(fields=("workspace", "closed_at"), name="cases_by_closing", condition=models.Q(state="closed")),
            models.Index(fields=("workspace", "answered_again_at"), name="cases_by_second_answer"),
        )

    def __str__(self) -> str:
        return f"#{self.number}"


class CaseEvent(models.Model):
    """One thing that happened to a case: a note, a contact, a change of owner, a promise. Never changed."""

    class Type(models.TextChoices):
        OPENED = "opened"
        NOTE = "note"
        CONTACT = "contact"
        ASSIGNED = "assigned"
        MOVED = "moved"
        PROMISE = "promise"
        KEPT = "kept"  # a promise
        WITHDRAWN = "withdrawn"  # a promise
        REASON = "reason"
        AGAIN = "again"  # the customer said something again, unasked
        SECOND = "second"  # the customer answered the question put after the end
        CLOSED = "closed"
        REOPENED = "reopened"

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="events")
    type = models.CharField(max_length=10, choices=Type.choices)
    at = models.DateTimeField(default=clock.now)
    by = models.ForeignKey(Member, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    result = models.CharField(max_length=10, blank=True, choices=[(r.value, r.value) for r in ContactResult])
    text = models.TextField(blank=True)
    due_at = models.DateTimeField(null=True, blank=True)  # of a promise or a new deadline
    value = models.FloatField(null=True, blank=True)  # of a score
    interaction = models.BigIntegerField(null=True, blank=True)  # the answer it came of
    task = models.ForeignKey(Task, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")  # the reminder of a promise
    message = models.ForeignKey(Outgoing, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")  # what was written

    class Meta:
        ordering = ("at", "id")
        constraints = (
            models.UniqueConstraint(fields=("interaction",), condition=models.Q(interaction__isnull=False), name="one_effect_an_answer"),
        )
        indexes = (models.Index(fields=("case", "at"), name="history_of_case"),)

    def __str__(self) -> str:
        return f"{self.type} {self.case_id}"
