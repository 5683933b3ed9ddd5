"""What the doors remember: answers given under an Idempotency-Key. Written by edge.services only."""

from django.db import models

from peyvand.core.fields import InstantField
from peyvand.workspaces.models import Workspace


class GivenAnswer(models.Model):
    """The answer to a request that named an Idempotency-Key, kept in the transaction of its effect, for a day.

    `status` 0: the request is under way outside of any transaction, since `given_at`.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    key = models.CharField(max_length=200)
    body_hash = models.CharField(max_length=32)
    status = models.SmallIntegerField()
    body = models.TextField()
    given_at = InstantField(db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "key"), name="one_answer_a_key"),)

    def __str__(self) -> str:
        return self.key
