"""Surveys, when they are asked, whom they were sent to and what came back. Written by surveys.services only.

`Answer` lists every score and comment of the timeline, whoever recorded it; its search index is made by migration 0002.
"""

from django.db import models
from django.utils.translation import get_language

from peyvand.channels.models import Outgoing
from peyvand.core import clock
from peyvand.core.fields import InstantField, KeyField
from peyvand.customers.types import Band
from peyvand.identities.models import Customer, Identity
from peyvand.surveys.types import SCALES, InvitationState, Scale
from peyvand.timeline.models import Interaction
from peyvand.workspaces.models import User, Workspace


class Survey(models.Model):
    """One short questionnaire: a score, then why. `texts` maps language → text name → text; `reasons` lists {code, fa, en},
    with `off` where one is offered no longer and only names what was answered before.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="surveys")
    code = models.SlugField(max_length=40)
    names = models.JSONField(default=dict)
    measure = models.CharField(max_length=8, choices=[(code, code) for code in SCALES])
    texts = models.JSONField(default=dict)
    reasons = models.JSONField(default=list)
    is_active = models.BooleanField(default=False)
    created_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    begun_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")  # who last let it ask
    created_at = models.DateTimeField(default=clock.now)
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "code"), name="one_survey_a_code"),)

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name in the reader's language, else any name, else the code."""
        return str(self.names.get((get_language() or "en")[:2]) or next(iter(self.names.values()), "") or self.code)

    @property
    def scale(self) -> Scale:
        """The points of its score."""
        return SCALES[self.measure]

    @property
    def offered_reasons(self) -> list[dict[str, str]]:
        """The reasons a customer chooses from."""
        return [reason for reason in self.reasons if not reason.get("off")]

    def text(self, name: str, language: str) -> str:
        """One text in a language, else in any other it was written in."""
        written = self.texts.get(language, {}).get(name)
        return str(written or next((texts[name] for texts in self.texts.values() if texts.get(name)), ""))


class AskRule(models.Model):
    """When a survey is asked: after a kind of interaction, later by `delay_hours`, of a share of customers.

    `rest_days`: nobody is asked anything again within so many days. `touchpoint` and `branch` narrow by Term integer.
    """

    survey = models.OneToOneField(Survey, on_delete=models.CASCADE, related_name="rule")
    kind = models.CharField(max_length=80)
    touchpoint = models.IntegerField(null=True, blank=True)
    branch = models.IntegerField(null=True, blank=True)
    delay_hours = models.PositiveIntegerField(default=48)
    share = models.PositiveSmallIntegerField(default=100)  # percent
    rest_days = models.PositiveSmallIntegerField(default=30)
    again_days = models.PositiveSmallIntegerField(default=3)

    def __str__(self) -> str:
        return f"{self.survey_id} after {self.kind}"


class Invitation(models.Model):
    """One person asked once. `trigger` is the interaction it is about; the answer inherits that one's slices.

    `nonce` makes the link's token this row's own; `case` names the case whose follow-up is asked about again.
    `slices` holds codes by dimension, subject_type and subject_id, and occurred_at of the trigger.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="invitations_to_answer")
    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="invitations")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    trigger = models.BigIntegerField(null=True)
    case = models.BigIntegerField(null=True, blank=True)
    slices = models.JSONField(default=dict)
    language = models.CharField(max_length=8, default="fa")
    state = models.CharField(max_length=10, choices=[(s.value, s.value) for s in InvitationState], default=InvitationState.PLANNED)
    reason = models.CharField(max_length=300, blank=True)
    message = models.ForeignKey(Outgoing, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    nonce = models.CharField(max_length=24)
    send_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_noted = models.BooleanField(default=False)  # on the timeline
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("survey", "trigger"), condition=models.Q(case=None), name="one_invitation_a_trigger"),
            models.UniqueConstraint(fields=("workspace", "case"), condition=models.Q(case__isnull=False), name="one_invitation_a_case"),
        )
        indexes = (
            models.Index(fields=("customer", "-send_at"), name="when_last_asked"),
            models.Index(fields=("state", "send_at"), name="invitations_due"),
            models.Index(fields=("workspace", "-sent_at"), name="invitations_sent"),
            models.Index(fields=("message",), condition=models.Q(sent_noted=False, message__isnull=False), name="invitations_not_noted"),
            models.Index(fields=("trigger",), condition=models.Q(trigger__isnull=False), name="invitations_of_trigger"),
        )

    def __str__(self) -> str:
        return f"{self.survey_id} → {self.customer_id}"

    @property
    def again(self) -> bool:
        """Whether it asks once more, after a case."""
        return self.case is not None


class Response(models.Model):
    """What one person answered, kept from the first tap on. `interaction` is its record on the timeline, once submitted."""

    invitation = models.OneToOneField(Invitation, on_delete=models.CASCADE, related_name="response")
    score = models.SmallIntegerField()
    reasons = models.JSONField(default=list)
    words = models.TextField(blank=True)
    language = models.CharField(max_length=8, blank=True)
    started_at = models.DateTimeField(default=clock.now)
    changed_at = models.DateTimeField(default=clock.now)
    submitted_at = models.DateTimeField(null=True, blank=True)
    partial = models.BooleanField(default=False)
    interaction = models.BigIntegerField(null=True, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=("changed_at",), condition=models.Q(interaction=None), name="responses_begun"),
            models.Index(fields=("interaction",), condition=models.Q(interaction__isnull=False), name="response_of_interaction"),
        )

    def __str__(self) -> str:
        return f"{self.score}"


class Answer(models.Model):
    """One perception without item as lists and searches need it: the key is the perception's. Follows the timeline.

    `main`: the first of its interaction, which lists show; the rest are there to be counted by their measure.
    """

    id = KeyField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", db_index=False)
    interaction = models.ForeignKey(Interaction, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    identity = models.ForeignKey(Identity, null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False)
    occurred_at = InstantField()
    survey = models.CharField(max_length=40, blank=True)
    measure = models.CharField(max_length=40)
    value = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    band = models.SmallIntegerField(choices=[(b.value, b.name.lower()) for b in Band])
    main = models.SmallIntegerField()  # 1 or 0: SQLite takes no index for a bare truth
    has_words = models.BooleanField()
    words = models.TextField(blank=True)
    search_key = models.TextField(blank=True)
    channel = models.IntegerField(null=True)
    touchpoint = models.IntegerField(null=True)
    stage = models.IntegerField(null=True)
    branch = models.IntegerField(null=True)
    batch = models.BigIntegerField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=("workspace", "main", "-occurred_at", "-id"), name="answers_newest"),
            models.Index(fields=("workspace", "main", "band", "-occurred_at", "-id"), name="answers_of_a_band"),
            models.Index(fields=("workspace", "measure", "-occurred_at", "-id"), name="answers_to_a_measure"),
            models.Index(fields=("workspace", "survey", "measure", "value"), name="answers_of_a_survey"),
        )

    def __str__(self) -> str:
        return f"{self.measure} {self.value}"


class SurveyCount(models.Model):
    """How often a survey was sent and declined on a day, by its code: what the share of answers is told from.

    `batch` is 0 where there is none, so that an import that was undone can be left out.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", db_index=False)
    survey = models.CharField(max_length=40)
    day = models.DateField()
    batch = models.BigIntegerField(default=0)
    sent = models.IntegerField(default=0)
    declined = models.IntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "survey", "day", "batch"), name="one_count_a_day"),)

    def __str__(self) -> str:
        return f"{self.survey} {self.day}: {self.sent}"
