"""The list of surveys and their editor: what it will do stands in plain words above what is edited."""

import datetime as dt
from typing import Any

from csp.decorators import csp_replace
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from peyvand.channels.trial import why_not
from peyvand.core import clock
from peyvand.core.display import num, share
from peyvand.core.ids import private_id, public_id
from peyvand.core.pictures import FEW, Ends, Range, range_on
from peyvand.measures import MEASURES, Estimate
from peyvand.measures.intervals import wilson
from peyvand.surveys.defaults import reasons_for, texts_for
from peyvand.surveys.forms import SurveyForm, initial_for, initial_of
from peyvand.surveys.models import Survey
from peyvand.surveys.queries.approvals import lately_refused, questions
from peyvand.surveys.queries.results import Result, results, surveys_of
from peyvand.surveys.queries.rules import rule_notes, rule_sentence
from peyvand.surveys.services import SurveyError, change_survey, create_survey, lay_default_survey, send_trial, set_active
from peyvand.surveys.services.editing import DELIVERED
from peyvand.surveys.types import PLACEHOLDERS, SCALES
from peyvand.workspaces.access import ConsoleRequest, requires
from peyvand.workspaces.models import Workspace
from peyvand.workspaces.types import Permission

LATELY = dt.timedelta(days=90)


def found_survey(workspace: Workspace, pid: str) -> Survey:
    """The survey of an address, of this workspace alone; raises Http404."""
    survey = (
        Survey.objects.select_related("rule", "workspace")
        .filter(workspace=workspace, pk=private_id(bytes(workspace.id_key), pid) or 0)
        .first()
    )
    if survey is None:
        raise Http404
    return survey


def _pid(survey: Survey) -> str:
    return public_id(bytes(survey.workspace.id_key), survey.pk)


@requires(Permission.SURVEYS_MANAGE)
@require_safe
def surveys(request: ConsoleRequest) -> HttpResponse:
    """Every survey with what came of it."""
    found = surveys_of(request.workspace)
    figures = results(request.workspace, found, since=clock.now() - LATELY)
    asked = questions(request.workspace)
    context = {
        "rows": [_row(survey, figures[survey.code]) | {"question": asked.get(survey.code)} for survey in found],
        "may_agree": request.member.may(Permission.PRIVACY),
        "finding": _finding(found, list(figures.values())),
        "sure": _certainty(list(figures.values())),
        "days": 0 if any(survey.is_active for survey in found) else LATELY.days,
    }
    return render(request, "surveys/list.html", context)


def _row(survey: Survey, result: Result) -> dict[str, Any]:
    return {
        "survey": survey,
        "result": result,
        "rule": rule_sentence(survey.workspace, survey.rule),
        "url": reverse("surveys:edit", args=[_pid(survey)]),
        "switch_url": reverse("surveys:switch", args=[_pid(survey)]),
        "answers_url": f"{reverse('surveys:answers')}?survey={survey.code}&period={LATELY.days}",
        "range": _range(survey, result.estimate),
        "measure": MEASURES[survey.measure].title,
        "decimals": 1 if survey.measure == "ces" else 0,
    }


def _range(survey: Survey, estimate: Estimate | None) -> Range | None:
    if estimate is None or estimate.value is None or estimate.low is None or estimate.high is None:
        return None
    scale = survey.scale
    return range_on(Ends(*MEASURES[survey.measure].bounds((scale.low, scale.high))), estimate.value, (estimate.low, estimate.high))


def _finding(found: list[Survey], figures: list[Result]) -> str:
    """What asking has brought, in a sentence."""
    active = sum(survey.is_active for survey in found)
    if not active:
        return _("Nobody is being asked. Look at a survey, then let it begin.")
    sent, answered = sum(one.sent for one in figures), sum(one.answered for one in figures)
    if not sent and not answered:
        return ngettext(
            "%(n)s survey is waiting for its first customer.", "%(n)s surveys are waiting for their first customer.", active
        ) % {"n": num(active)}
    words = {"days": num(LATELY.days), "sent": num(sent), "answered": num(answered)}
    back, asked_of = _came_back(figures)
    if not asked_of:
        return _("In the last %(days)s days %(answered)s answers came in; we sent %(sent)s invitations.") % words
    words |= {"sent": num(asked_of), "answered": num(back), "share": share(back / asked_of)}
    if elsewhere := answered - back:
        words["elsewhere"] = num(elsewhere)
        return (
            _(
                "In the last %(days)s days we asked %(sent)s times and got %(answered)s answers, %(share)s;"
                " %(elsewhere)s more came from kiosks, pages or files."
            )
            % words
        )
    return _("In the last %(days)s days we asked %(sent)s times and got %(answered)s answers, %(share)s.") % words


def _came_back(figures: list[Result]) -> tuple[int, int]:
    """How many answered, of how many who were asked; of surveys with such a share alone."""
    asked = [one for one in figures if one.share is not None]
    return sum(one.answered for one in asked), sum(one.sent for one in asked)


def _certainty(figures: list[Result]) -> str:
    """How sure the share of the finding is: its 95% interval (Wilson), or that too few were asked; empty where there is no share."""
    back, asked_of = _came_back(figures)
    if not asked_of:
        return ""
    if asked_of < FEW:
        return _("Too few invitations to conclude from.")
    low, high = (share(end) for end in wilson(back, asked_of))
    return _("95%% interval of the share: %(low)s to %(high)s.") % {"low": low, "high": high}


@requires(Permission.SURVEYS_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: ConsoleRequest) -> HttpResponse:
    """A new survey, paused until somebody lets it begin."""
    measure = request.GET.get("measure", "nps")
    measure = measure if measure in SCALES else "nps"
    form = SurveyForm(request.workspace, request.POST or None, initial=_fresh(measure))
    if request.method == "POST" and form.is_valid():
        survey = create_survey(workspace=request.workspace, draft=form.draft(), actor=request.user)
        messages.success(request, _("The survey is kept and paused. Look at it, then let it begin."))
        return HttpResponseRedirect(reverse("surveys:edit", args=[_pid(survey)]))
    return _editor(request, form, None)


def _fresh(measure: str) -> dict[str, Any]:
    values = initial_for(measure, DELIVERED)
    for language, texts in texts_for(measure, after_delivery=True).items():
        values |= {f"{name}_{language}": text for name, text in texts.items()}
    for n, reason in enumerate(reasons_for(after_delivery=True)):
        values |= {f"reason_{n}_{key}": text for key, text in reason.items()}
    return values


@csp_replace({"frame-src": ["'self'"]})
@requires(Permission.SURVEYS_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ConsoleRequest, pid: str) -> HttpResponse:
    """Change a survey; the preview beside it shows what is stored."""
    survey = found_survey(request.workspace, pid)
    form = SurveyForm(request.workspace, request.POST or None, initial=initial_of(survey), survey=survey)
    if request.method == "POST" and form.is_valid():
        try:
            change_survey(survey=survey, draft=form.draft(), actor=request.user)
        except SurveyError as error:
            form.add_error("measure", str(error))
        else:
            messages.success(request, _("Saved. The preview shows it."))
            return HttpResponseRedirect(reverse("surveys:edit", args=[pid]))
    return _editor(request, form, survey)


def _editor(request: ConsoleRequest, form: SurveyForm, survey: Survey | None) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "survey": survey, "placeholders": [f"{{{name}}}" for name in PLACEHOLDERS]}
    if survey is not None:
        pid = _pid(survey)
        context |= {
            "sentence": rule_sentence(request.workspace, survey.rule),
            "notes": rule_notes(request.workspace, survey.rule),
            "switch_url": reverse("surveys:switch", args=[pid]),
            "trial_url": reverse("surveys:trial", args=[pid]),
            "previews": _previews(request.workspace, pid),
            "my_address": request.user.email,
            "question": questions(request.workspace).get(survey.code),
            "refusal": lately_refused(survey),
            "may_agree": request.member.may(Permission.PRIVACY),
        }
    return render(request, "surveys/edit.html", context, status=422 if form.is_bound and form.errors else 200)


def _previews(workspace: Workspace, pid: str) -> list[dict[str, Any]]:
    """For each language what can be looked at, the customers' usual one first: the mail and the pages, as they stand in the form."""
    names = {"mail": _("Mail"), "score": _("Score"), "why": pgettext("page of a survey", "Why"), "thanks": _("Thanks")}
    said = {"fa": _("in Persian"), "en": _("in English")}
    return [
        {
            "code": code,
            "label": said.get(code, code),
            "url": f"{reverse('surveys:preview', args=[pid, 'score'])}?lang={code}",
            "steps": [{"label": name, "url": reverse("surveys:sketch", args=[pid, step])} for step, name in names.items()],
        }
        for code in sorted(workspace.languages, key=lambda code: code != workspace.default_language)
    ]


@requires(Permission.SURVEYS_MANAGE)
@require_POST
def switch(request: ConsoleRequest, pid: str) -> HttpResponse:
    """Let a survey begin, or pause it."""
    survey = found_survey(request.workspace, pid)
    active = request.POST.get("active") == "1"
    set_active(survey=survey, active=active, actor=request.user)
    said = _("“%(name)s” is being asked from now on.") if active else _("“%(name)s” is paused. What was planned waits.")
    messages.success(request, said % {"name": survey.label})
    return HttpResponseRedirect(reverse("surveys:list"))


@requires(Permission.SURVEYS_MANAGE)
@require_POST
def lay(request: ConsoleRequest) -> HttpResponse:
    """Lay the survey a workspace starts with, where there is none."""
    survey = lay_default_survey(request.workspace, actor=request.user)
    return HttpResponseRedirect(reverse("surveys:edit", args=[_pid(survey)]))


@requires(Permission.SURVEYS_MANAGE)
@require_POST
def trial(request: ConsoleRequest, pid: str) -> HttpResponse:
    """Send the mail to oneself; its links lead to the preview, which records nothing."""
    survey = found_survey(request.workspace, pid)
    delivery = send_trial(survey=survey, member=request.user, language=request.POST.get("lang", ""))
    if delivery.sent:
        messages.success(request, _("A test is on its way to %(address)s.") % {"address": request.user.email})
    else:
        messages.error(request, why_not(delivery))
    return HttpResponseRedirect(reverse("surveys:edit", args=[pid]))
