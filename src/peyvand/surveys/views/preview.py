"""What a customer will see, for the editor: the same pages with invented facts. Nothing is recorded, whatever is pressed."""

from collections.abc import Callable

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_safe

from peyvand.core.ids import private_id, public_id
from peyvand.surveys.forms import SurveyForm
from peyvand.surveys.mail import Asking, asking_mail
from peyvand.surveys.models import Survey
from peyvand.surveys.services.trying import sample_of
from peyvand.surveys.views.brand import brand_context, chosen_language, public_page
from peyvand.surveys.views.sketching import remember_sketch, sketched
from peyvand.surveys.views.steps import score_context, thanks_context, why_context
from peyvand.workspaces.access import ConsoleRequest, requires
from peyvand.workspaces.types import Permission

STEPS = ("score", "why", "thanks", "mail")
Page = Callable[..., HttpResponseBase]


def framed(page: Page) -> Page:
    """A page the editor shows in its frame; a mail brings its own styles with it."""
    policy = {"frame-ancestors": [SELF], "style-src-elem": [SELF, UNSAFE_INLINE]}
    return xframe_options_sameorigin(csp_replace(policy)(page))


@framed
@requires(Permission.SURVEYS_MANAGE)
@require_safe
def preview(request: ConsoleRequest, pid: str, step: str) -> HttpResponse:
    """One step of a survey as it is stored."""
    return _step(request, _found(request, pid, step), step, "surveys:preview")


@framed
@requires(Permission.SURVEYS_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def sketch(request: ConsoleRequest, pid: str, step: str) -> HttpResponse:
    """One step as it stands in the editor's form: what is posted is remembered for this person, and stored nowhere else."""
    survey = _found(request, pid, step)
    if request.method == "POST":
        remember_sketch(survey, request.user, SurveyForm(request.workspace, request.POST, survey=survey))
        language = chosen_language(request, request.workspace, request.workspace.default_language)
        return HttpResponseRedirect(f"{reverse('surveys:sketch', args=[pid, step])}?lang={language}", status=303)
    return _step(request, sketched(survey, request.user), step, "surveys:sketch")


def _found(request: ConsoleRequest, pid: str, step: str) -> Survey:
    workspace = request.workspace
    surveys = Survey.objects.select_related("rule", "workspace").filter(workspace=workspace)
    survey = surveys.filter(pk=private_id(bytes(workspace.id_key), pid) or 0).first()
    if survey is None or step not in STEPS:
        raise Http404
    return survey


def _step(request: ConsoleRequest, survey: Survey, step: str, address: str) -> HttpResponse:
    workspace = request.workspace
    language = chosen_language(request, workspace, workspace.default_language)
    score = _score(survey, request.GET.get("score", ""))
    pid = public_id(bytes(workspace.id_key), survey.pk)
    to = {name: reverse(address, args=[pid, name]) for name in STEPS}
    with sample_of(survey, language) as known:
        if step == "mail":
            asking = Asking(survey=survey, workspace=workspace, known=known, url=to["score"], stop_url=to["mail"], language=language)
            return HttpResponse(asking_mail(asking).html, headers={"Cache-Control": "no-store, private"})
        context = brand_context(workspace, language, request.get_full_path().partition("?")[0])
        if step == "score":
            context |= score_context(survey, language, known, chosen=request.GET.get("score", "")) | {"preview_next": to["why"]}
        elif step == "why":
            context |= why_context(survey, language, known, score) | {"preview_next": to["thanks"], "preview_back": to["score"]}
        else:
            context |= thanks_context(survey, language, known, score)
        return public_page(request, f"surveys/{step}.html", context)


def _score(survey: Survey, text: str) -> int:
    """The point chosen on the first page; the lowest where none was."""
    return int(text) if text.isdecimal() and len(text) < 3 and int(text) in survey.scale.points else survey.scale.low
