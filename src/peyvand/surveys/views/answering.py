"""The customer's pages behind a personal link: the score, why, thanks. They work without scripts; reading them records nothing.

The signed token is who may answer, so these forms need no CSRF token: nothing here acts for whoever is signed in.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from peyvand.core import walls
from peyvand.core.persian import to_latin_digits
from peyvand.surveys import pace
from peyvand.surveys.models import Invitation
from peyvand.surveys.queries.followed import was_followed_up
from peyvand.surveys.services.answering import (
    LinkClosed,
    closed_as,
    invitation_of,
    is_finished,
    keep_score,
    response_of,
    submit,
)
from peyvand.surveys.services.declining import is_declined, unsubscribe_token
from peyvand.surveys.types import InvitationState
from peyvand.surveys.views.brand import brand_context, chosen_language, forged_link, public_page, speaking_as, too_often
from peyvand.surveys.views.steps import followed_context, score_context, thanks_context, why_context
from peyvand.surveys.wording import known_of
from peyvand.workspaces.access import public

WHY_PUBLIC = "A customer answers by a signed personal link."
MISSING = {"missing": "1"}
Page = Callable[[HttpRequest, Invitation, str], HttpResponse]


def personal(page: Page) -> Callable[[HttpRequest, str], HttpResponse]:
    """Find the invitation of a link and speak its language; forged, worn-out and hammered links get a plain page."""

    @wraps(page)
    def found(request: HttpRequest, token: str) -> HttpResponse:
        invitation = invitation_of(token)
        if invitation is None:
            return forged_link(request)
        if request.method == "POST" and pace.is_over(pace.POSTS, str(invitation.pk)):
            return too_often(request)
        language = chosen_language(request, invitation.workspace, invitation.language)
        with walls.inside(invitation.workspace_id), speaking_as(invitation.workspace, language):
            if why := closed_as(invitation):
                return _closed(request, invitation, language, why)
            try:
                return page(request, invitation, language)
            except LinkClosed as closed:
                return _closed(request, invitation, language, closed.state)

    return found


def _closed(request: HttpRequest, invitation: Invitation, language: str, why: str) -> HttpResponse:
    context = brand_context(invitation.workspace, language, request.path) | {"why": why}
    if why == InvitationState.DECLINED:
        context["stop_url"] = reverse("surveys:unsubscribe", args=[unsubscribe_token(invitation)])
    return public_page(request, "surveys/closed.html", context, status=410)


def _go(name: str, token: str, invitation: Invitation, language: str, **more: str) -> HttpResponse:
    told = ({"lang": language} if language != invitation.language else {}) | more
    said = f"?{urlencode(told)}" if told else ""
    response = HttpResponseRedirect(reverse(name, args=[token]) + said, status=303)
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _token(request: HttpRequest) -> str:
    return str(request.resolver_match.kwargs["token"]) if request.resolver_match else ""


def _context(request: HttpRequest, invitation: Invitation, language: str) -> dict[str, Any]:
    token = _token(request)
    return brand_context(invitation.workspace, language, request.path) | {
        "token": token,
        "score_url": reverse("surveys:score", args=[token]),
        "why_url": reverse("surveys:why", args=[token]),
        "stop_url": "" if is_declined(invitation) else reverse("surveys:unsubscribe", args=[unsubscribe_token(invitation)]),
    }


@public(WHY_PUBLIC)
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@personal
def score(request: HttpRequest, invitation: Invitation, language: str) -> HttpResponse:
    """The first page: one question. `?score=` chooses a point beforehand, as the links of the mail do.

    What cannot be kept leads back here by an address of its own: the answer to a post cannot be come back to.
    """
    token = _token(request)
    if is_finished(invitation):
        return _go("surveys:thanks", token, invitation, language)
    if request.method == "POST":
        try:
            keep_score(invitation=invitation, score=_point(request.POST.get("score", "")), language=language)
            return _go("surveys:why", token, invitation, language)
        except ValueError:
            return _go("surveys:score", token, invitation, language, **MISSING)
    response = response_of(invitation)
    error = _("Choose a number, then go on.") if response is None and "missing" in request.GET else ""
    chosen = request.GET.get("score", "") if response is None else str(response.score)
    known = known_of(invitation)
    shown = score_context(invitation.survey, language, known, chosen=chosen, again=invitation.again)
    context = _context(request, invitation, language) | shown | {"error": error}
    return public_page(request, "surveys/score.html", context)


def _point(text: str) -> int:
    """The number of a score; raises ValueError for anything else, long texts first."""
    if len(text) > 3:
        raise ValueError("not a score")
    return int(to_latin_digits(text))


@public(WHY_PUBLIC)
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@personal
def why(request: HttpRequest, invitation: Invitation, language: str) -> HttpResponse:
    """The second page: reasons and words; its form sends the answer."""
    token = _token(request)
    if is_finished(invitation):
        return _go("surveys:thanks", token, invitation, language)
    response = response_of(invitation)
    if response is None:
        return _go("surveys:score", token, invitation, language)
    if request.method == "POST":
        submit(invitation=invitation, reasons=request.POST.getlist("reason"), words=request.POST.get("words", ""))
        return _go("surveys:thanks", token, invitation, language)
    context = _context(request, invitation, language) | why_context(invitation.survey, language, known_of(invitation), response.score)
    return public_page(request, "surveys/why.html", context)


@public(WHY_PUBLIC)
@require_http_methods(["GET", "HEAD"])
@personal
def thanks(request: HttpRequest, invitation: Invitation, language: str) -> HttpResponse:
    """The last page: thanks, and what happens next; who comes back after that is told that it has happened."""
    response = response_of(invitation)
    if response is None or not is_finished(invitation):
        return _go("surveys:score" if response is None else "surveys:why", _token(request), invitation, language)
    context = _context(request, invitation, language)
    context |= thanks_context(invitation.survey, language, known_of(invitation), response.score)
    if was_followed_up(response):
        context |= followed_context(response)
    return public_page(request, "surveys/thanks.html", context)
