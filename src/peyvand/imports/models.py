"""What was brought in from files, one row an import. Written by imports.services only."""

from pathlib import Path

from django.conf import settings
from django.db import models

from peyvand.core import clock
from peyvand.imports.languages import unpacked
from peyvand.imports.types import State
from peyvand.timeline.models import Batch
from peyvand.workspaces.models import User, Workspace


class Import(models.Model):
    """One import: its files, its map, how far it is. `position` counts rows of the prepared file that are settled."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="imports")
    name = models.CharField(max_length=200)
    files = models.JSONField(default=dict)  # "main" or the join's name → file name in the folder
    digest = models.CharField(max_length=64)
    map_name = models.CharField(max_length=60, blank=True)
    map_text = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=[(state.value, state.value) for state in State], default=State.UPLOADED)
    batch = models.ForeignKey(Batch, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    rows = models.BigIntegerField(default=0)
    position = models.BigIntegerField(default=0)
    recorded = models.BigIntegerField(default=0)
    duplicates = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    left_out = models.BigIntegerField(default=0)
    rejected_bytes = models.BigIntegerField(default=0)
    check_result = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    created_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    heard_at = models.DateTimeField(null=True, blank=True)  # when whoever runs it last committed
    files_deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (models.Index(fields=("workspace", "-id"), name="imports_newest"),)

    def __str__(self) -> str:
        return self.name

    @property
    def folder(self) -> Path:
        """Where its files lie."""
        return Path(settings.PEYVAND_DATA) / "files" / "imports" / str(self.pk)

    @property
    def rejected_path(self) -> Path:
        """The rows that could not be recorded, each with its reason."""
        return self.folder / "rejected.csv"

    @property
    def stopped_because(self) -> str:
        """Why it stopped, in the reader's language."""
        return unpacked(self.error)

    @property
    def seconds(self) -> float:
        """How long it has run so far."""
        if self.started_at is None:
            return 0.0
        return ((self.finished_at or self.heard_at or self.started_at) - self.started_at).total_seconds()
