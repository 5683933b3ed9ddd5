"""Asking for no more surveys: a page whose button does it, and the one click of mail programs (RFC 8058). Reading it changes nothing."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from peyvand.core import walls
from peyvand.surveys import pace
from peyvand.surveys.models import Invitation
from peyvand.surveys.services.answering import closed_as, invitation_of, is_finished, link_token
from peyvand.surveys.services.declining import PURPOSE, decline, is_declined, take_back
from peyvand.surveys.views.brand import brand_context, chosen_language, forged_link, public_page, speaking_as, too_often
from peyvand.workspaces.access import public


@public("A customer stops surveys by the signed link of a mail.")
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Stop surveys, or take that back with `again=1`."""
    invitation = invitation_of(token, PURPOSE)
    if invitation is None:
        return forged_link(request)
    with walls.inside(invitation.workspace_id):
        return _opened(request, token, invitation)


def _opened(request: HttpRequest, token: str, invitation: Invitation) -> HttpResponse:
    if request.method == "POST":
        again = bool(request.POST.get("again"))
        if pace.is_over(pace.POSTS, f"stop{invitation.pk}") or (again and pace.is_over(pace.CHANGED_MINDS, str(invitation.customer_id))):
            return too_often(request)
        (take_back if again else decline)(invitation=invitation)
        invitation = invitation_of(token, PURPOSE) or invitation
    language = chosen_language(request, invitation.workspace, invitation.language)
    with speaking_as(invitation.workspace, language):
        declined = is_declined(invitation)
        answerable = not declined and not closed_as(invitation) and not is_finished(invitation)
        context = brand_context(invitation.workspace, language, request.path) | {
            "declined": declined,
            "taken_back": request.method == "POST" and not declined,
            "survey_url": reverse("surveys:score", args=[link_token(invitation)]) if answerable else "",
        }
        return public_page(request, "surveys/unsubscribe.html", context)
