"""Closed cases that became old lose their words or go whole. Called by the app's privacy.py."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet

from peyvand.cases.models import Case, CaseEvent
from peyvand.cases.queries import SUBJECT
from peyvand.cases.types import CaseState
from peyvand.core.retention import TEXTS
from peyvand.tasks.services import forget_tasks_of


def old_cases(workspace_id: int, before: dt.datetime, loss: str) -> "QuerySet[Case]":
    """Cases closed before a moment; the newest stays whole, since the next one counts on from its number."""
    closed = Case.objects.filter(workspace=workspace_id, state=CaseState.CLOSED, closed_at__lt=before)
    if loss == TEXTS:
        said = CaseEvent.objects.filter(case=OuterRef("pk")).exclude(text="")
        return closed.filter(~Q(words="") | Exists(said))
    last = Case.objects.filter(workspace=workspace_id).aggregate(last=Max("number"))["last"]
    return closed.exclude(number=last)


@transaction.atomic
def let_go_of_cases(ids: Sequence[int], loss: str) -> None:
    """Empty what was said and noted in them, or delete them with their course and their tasks."""
    closed = Case.objects.select_for_update().filter(pk__in=ids, state=CaseState.CLOSED)
    still = [case.pk for case in closed.order_by("pk")]  # one may have been opened again a moment ago
    if loss == TEXTS:
        Case.objects.filter(pk__in=still).update(words="", version=F("version") + 1)
        CaseEvent.objects.filter(case__in=still).exclude(text="").update(text="")
    else:
        forget_tasks_of(subject_type=SUBJECT, subject_ids=still)
        Case.objects.filter(pk__in=still).delete()
