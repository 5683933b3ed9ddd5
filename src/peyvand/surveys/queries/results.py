"""What came of each survey: sent, answered, the share, and its figure with interval. Called by the list of surveys."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, Sum

from peyvand.core import clock
from peyvand.measures import MEASURES, Estimate, Scores
from peyvand.measures.estimates import SMALL
from peyvand.measures.intervals import wilson
from peyvand.surveys.models import Answer, Invitation, Survey, SurveyCount
from peyvand.surveys.types import InvitationState
from peyvand.timeline.models import Batch
from peyvand.workspaces.models import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Figures of one survey since a day; `planned` and `held` are those of now."""

    sent: int = 0
    answered: int = 0
    declined: int = 0
    planned: int = 0
    held: int = 0
    estimate: Estimate | None = None

    @property
    def share(self) -> float | None:
        """Answered of sent, as a fraction; None where nothing was sent or answers came without being asked for here."""
        return self.answered / self.sent if self.sent and not self.unasked else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95% interval of the share (Wilson); None where there is no share, or too little to conclude from."""
        return wilson(self.answered, self.sent) if self.share is not None and self.sent >= SMALL else None

    @property
    def unasked(self) -> bool:
        """Whether some answered without an invitation of ours: at a kiosk, in a chat, in an imported file."""
        return self.answered > self.sent


def results(workspace: Workspace, surveys: list[Survey], since: dt.datetime | None = None) -> dict[str, Result]:
    """Code → what came of that survey."""
    undone = list(
        Batch.objects.filter(workspace=workspace, state__in=(Batch.State.UNDOING, Batch.State.UNDONE)).values_list("pk", flat=True)
    )
    counted = SurveyCount.objects.filter(workspace=workspace).exclude(batch__in=undone)
    answers = Answer.objects.filter(workspace=workspace).exclude(survey="").exclude(batch__in=undone)
    if since is not None:
        counted = counted.filter(day__gte=since.date())
        answers = answers.filter(occurred_at__gte=since)
    sent = {code: (s or 0, d or 0) for code, s, d in counted.values_list("survey").annotate(s=Sum("sent"), d=Sum("declined")).order_by()}
    answered: dict[str, int] = {}
    scores: dict[tuple[str, str], list[tuple[object, int]]] = {}
    columns = ("survey", "main", "measure", "value")
    for code, main, measure, value, n in answers.values_list(*columns).annotate(n=Count("pk")).order_by():
        answered[code] = answered.get(code, 0) + n * main
        if value is not None:
            scores.setdefault((code, measure), []).append((value, n))
    waiting = _waiting(workspace)
    return {
        survey.code: Result(
            sent=sent.get(survey.code, (0, 0))[0],
            declined=sent.get(survey.code, (0, 0))[1],
            answered=answered.get(survey.code, 0),
            planned=waiting.get((survey.pk, InvitationState.PLANNED), 0),
            held=waiting.get((survey.pk, InvitationState.HELD), 0),
            estimate=_estimate(survey, scores),
        )
        for survey in surveys
    }


def _estimate(survey: Survey, scores: Mapping[tuple[str, str], list[tuple[object, int]]]) -> Estimate | None:
    pairs = scores.get((survey.code, survey.measure))
    scale = survey.scale
    return MEASURES[survey.measure](Scores.from_counts(pairs), (scale.low, scale.high)) if pairs else None


def _waiting(workspace: Workspace) -> dict[tuple[int, str], int]:
    states = (InvitationState.PLANNED, InvitationState.HELD)
    lately = Invitation.objects.filter(workspace=workspace, state__in=states, created_at__gte=clock.now() - dt.timedelta(days=90))
    return {(survey, state): n for survey, state, n in lately.values_list("survey", "state").annotate(n=Count("pk")).order_by()}


def surveys_of(workspace: Workspace) -> list[Survey]:
    """The workspace's surveys, those being asked first."""
    return list(Survey.objects.filter(workspace=workspace).select_related("rule").order_by("-is_active", "id"))
