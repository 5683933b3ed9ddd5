"""What a customer will see, for the editor: the same pages with invented facts. Nothing is recorded, whatever is pressed."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from csp.decorators import csp_replace
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from peyvand.core import clock
from peyvand.core.display import day, digits
from peyvand.core.ids import private_id
from peyvand.surveys.models import Survey
from peyvand.surveys.views.brand import brand_context, chosen_language, public_page, speaking_as
from peyvand.surveys.views.steps import score_context, thanks_context, why_context
from peyvand.surveys.wording import again_days
from peyvand.workspaces.access import ConsoleRequest, requires
from peyvand.workspaces.types import Permission

STEPS = ("score", "why", "thanks")


@contextmanager
def sample_of(survey: Survey, language: str) -> Iterator[dict[str, str]]:
    """Invented facts for the placeholders, with the customer's language active."""
    with speaking_as(survey.workspace, language):
        yield {
            "brand": survey.workspace.name,
            "name": _("Negar"),
            "order": digits("521803"),
            "date": day(clock.now() - dt.timedelta(hours=survey.rule.delay_hours)),
            "again_days": again_days(survey),
        }


@xframe_options_sameorigin
@csp_replace({"frame-ancestors": ["'self'"]})
@requires(Permission.SURVEYS_MANAGE)
@require_safe
def preview(request: ConsoleRequest, pid: str, step: str) -> HttpResponse:
    """One step of a survey as it is stored."""
    workspace = request.workspace
    survey = (
        Survey.objects.select_related("rule", "workspace")
        .filter(workspace=workspace, pk=private_id(bytes(workspace.id_key), pid) or 0)
        .first()
    )
    if survey is None or step not in STEPS:
        raise Http404
    language = chosen_language(request, workspace, workspace.default_language)
    score = _score(survey, request.GET.get("score", ""))
    with sample_of(survey, language) as known:
        context = brand_context(workspace, language, request.get_full_path().partition("?")[0])
        if step == "score":
            context |= score_context(survey, language, known, chosen=request.GET.get("score", ""))
            context["preview_next"] = reverse("surveys:preview", args=[pid, "why"])
        elif step == "why":
            context |= why_context(survey, language, known, score)
            context |= {f"preview_{way}": reverse("surveys:preview", args=[pid, to]) for way, to in (("next", "thanks"), ("back", "score"))}
        else:
            context |= thanks_context(survey, language, known, score)
        return public_page(request, f"surveys/{step}.html", context)


def _score(survey: Survey, text: str) -> int:
    """The point chosen on the first page; the lowest where none was."""
    return int(text) if text.isdecimal() and len(text) < 3 and int(text) in survey.scale.points else survey.scale.low
