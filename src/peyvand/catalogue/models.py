"""One table holds every dimension: channels, stages, touchpoints, products, branches, departments and their like."""

from django.db import models
from django.utils.translation import get_language

from peyvand.catalogue.types import CODE_LENGTH, Dimension
from peyvand.core import clock
from peyvand.workspaces.models import Workspace


class Term(models.Model):
    """One value of a dimension; interactions hold its integer.

    `parent` is a touchpoint's stage or a product's category. `seen_only` says it was first met in an event or a
    file and nobody has looked at it yet. A merged term keeps its code and points to the one that stands for both.
    `details` holds what only one dimension has (a kind's payload fields, a branch's city).
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="terms")
    dimension = models.CharField(max_length=12, choices=[(d.value, d.value) for d in Dimension])
    code = models.CharField(max_length=CODE_LENGTH)
    names = models.JSONField(default=dict)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="children")
    position = models.IntegerField(default=0)
    details = models.JSONField(default=dict)
    seen_only = models.BooleanField(default=False)
    archived = models.BooleanField(default=False)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="absorbed")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "dimension", "code"), name="one_code_a_dimension"),)

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name in the reader's language, else any name, else the code."""
        return str(self.names.get((get_language() or "en")[:2]) or next(iter(self.names.values()), "") or self.code)
