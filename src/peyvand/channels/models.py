"""Channels a workspace has set up, and the outbox of everything it sends. Written by channels.services only."""

from django.db import models

from peyvand.core import clock
from peyvand.identities.models import Customer, Identity
from peyvand.workspaces.models import User, Workspace


class Channel(models.Model):
    """One set-up channel. `address_token` is the unguessable part of its webhook address."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="channels")
    kind = models.CharField(max_length=24)
    name = models.CharField(max_length=80)
    settings = models.JSONField(default=dict)
    sealed = models.TextField(blank=True)
    address_token = models.CharField(max_length=48, unique=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now)
    last_heard_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = (models.Index(fields=("workspace", "kind"), name="channels_of_kind"),)

    def __str__(self) -> str:
        return self.name


class Outgoing(models.Model):
    """One message to one person: the row is the queue. `key` makes a repeated send a no-op.

    `handed_at`: when this try began to hand it over. Who finds it set on a queued row comes after a crash.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        SENT = "sent"
        FAILED = "failed"
        HELD = "held"  # not allowed or not possible: the reason stands in `error`
        UNSURE = "unsure"  # handed over, but no answer was noted: it may have arrived, so nobody but a person sends it again

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="outgoing")
    channel_kind = models.CharField(max_length=24)
    purpose = models.CharField(max_length=12)
    customer = models.ForeignKey(Customer, null=True, on_delete=models.CASCADE, related_name="+")
    address = models.CharField(max_length=254, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField()
    html = models.TextField(blank=True)
    unsubscribe_url = models.CharField(max_length=500, blank=True)
    language = models.CharField(max_length=8, blank=True)  # it is written in; empty: the brand's own
    key = models.CharField(max_length=120)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    error = models.CharField(max_length=500, blank=True)
    receipt = models.CharField(max_length=200, blank=True)
    attempts = models.SmallIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now)
    handed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "key"), name="one_message_a_key"),)
        indexes = (models.Index(fields=("workspace", "state", "-id"), name="outbox_states"),)

    def __str__(self) -> str:
        return f"{self.channel_kind} {self.pk}"


class RefusedAddress(models.Model):
    """An address that takes no messages for good, as its server said (`reason`): nothing is sent there until a person lifts it.

    It belongs to the identity: it moves with it where customers are merged, and goes with it where it is forgotten.
    """

    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, related_name="+")
    channel_kind = models.CharField(max_length=24)
    reason = models.CharField(max_length=500)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("identity", "channel_kind"), name="one_refusal_an_address"),)

    def __str__(self) -> str:
        return f"{self.channel_kind} {self.identity_id}"


class SendingStop(models.Model):
    """That a workspace sends nothing to customers now; the row is the switch."""

    workspace = models.OneToOneField(Workspace, primary_key=True, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=clock.now)
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"{self.workspace_id}"


class BulkApproval(models.Model):
    """That something wants to write to many: those who wait do so until a person says that they may be written to, within a day, or not.

    `subject` says what, as its app calls it (survey:after-delivery); `recipients` how many waited when it was last looked at.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    subject = models.CharField(max_length=80)
    label = models.CharField(max_length=200, blank=True)
    recipients = models.IntegerField()
    asked_at = models.DateTimeField(default=clock.now)
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    begun_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    refused_at = models.DateTimeField(null=True, blank=True)
    refused_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("workspace", "subject"), condition=models.Q(approved_at=None, refused_at=None), name="one_question_a_subject"
            ),
        )
        indexes = (models.Index(fields=("workspace", "subject", "approved_at"), name="approvals_of_subject"),)

    def __str__(self) -> str:
        return self.label or self.subject
