"""The door for calls of channels: `/hooks/<kind>/<token>/`. The token finds the channel, its adapter verifies the signature."""

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from peyvand.channels.models import Channel
from peyvand.channels.services.receiving import receive
from peyvand.channels.types import Forged, Incoming, Unreadable
from peyvand.core import walls
from peyvand.timeline.types import Status
from peyvand.workspaces.access import public


@public("Other systems call it; the adapter verifies each call's signature.")
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def hook(request: HttpRequest, kind: str, token: str) -> HttpResponse:
    """200 once what the call told is on disk; 401 forged, 400 unreadable, 404 no such channel, 413 too large."""
    channel = Channel.objects.select_related("workspace").filter(kind=kind, address_token=token, is_active=True).first()
    if channel is None:
        return _say(404, "There is no such address.")
    if request.method != "POST":
        return _say(200, "This address waits for calls by POST.")
    try:
        call = Incoming({name.lower(): value for name, value in request.headers.items()}, request.body)
        with walls.inside(channel.workspace_id):
            outcomes = receive(channel=channel, call=call)
    except (RequestDataTooBig, UnreadablePostError):
        return _say(413, "The body is too large or broke off.")
    except Forged:
        return _say(401, "The signature is missing or wrong.")
    except Unreadable as error:
        return _say(400, str(error))
    recorded = sum(one.status is Status.RECORDED for one in outcomes)
    return JsonResponse({"recorded": recorded, "known": sum(one.status is Status.DUPLICATE for one in outcomes)})


def _say(status: int, words: str) -> HttpResponse:
    return HttpResponse(f"{words}\n", status=status, content_type="text/plain; charset=utf-8")
