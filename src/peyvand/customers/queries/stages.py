"""Moves between stages: those of one customer, and who moved from where to where in a time. Called by the desk."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, QuerySet

from peyvand.customers.models import StageMove
from peyvand.customers.types import BY_DECISION, Stage
from peyvand.workspaces.models import Workspace


class Flow(NamedTuple):
    """How often customers moved from a stage to another since a moment, and how many were placed for the first time, by stage."""

    moves: Mapping[tuple[Stage, Stage], int]
    placed: Mapping[Stage, int]

    @property
    def total(self) -> int:
        """All moves."""
        return sum(self.moves.values())


def moves_of(customer_id: int) -> QuerySet[StageMove]:
    """The moves of a customer, the latest first."""
    return StageMove.objects.filter(customer_id=customer_id).order_by("-at", "-pk")


def flow(workspace: Workspace, since: datetime) -> Flow:
    """Who moved from where to where since a moment; not who was merged or parted, since they moved nowhere."""
    moved = StageMove.objects.filter(workspace=workspace, at__gte=since).exclude(cause__in=BY_DECISION)
    rows = moved.values_list("from_stage", "to_stage").annotate(n=Count("pk"))
    found = {(before, after): n for before, after, n in rows.order_by()}
    moves = {(Stage(before), Stage(after)): n for (before, after), n in found.items() if before}
    return Flow(moves, {Stage(after): n for (before, after), n in found.items() if not before})
