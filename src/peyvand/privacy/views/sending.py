"""The switch that stops all sending, and what becomes of the messages that waited when it is lifted."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from peyvand.channels.models import SendingStop
from peyvand.channels.queries import stop_of, waiting_by_purpose
from peyvand.channels.services import resume_sending, stop_sending
from peyvand.privacy.forms import LiftForm, StopForm
from peyvand.workspaces.access import ConsoleRequest, requires
from peyvand.workspaces.types import Permission


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.PRIVACY)
def sending(request: ConsoleRequest) -> HttpResponse:
    """Stop all sending; or show what waits since, and let it leave or drop it."""
    stop = stop_of(request.workspace)
    if request.method != "POST":
        return _lifting(request, stop, LiftForm(waiting_by_purpose(request.workspace))) if stop else redirect("privacy:settings")
    if "resume" in request.POST:
        return _lift(request, stop)
    form = StopForm(request.POST)
    if form.is_valid():
        stop_sending(workspace=request.workspace, reason=form.cleaned_data["reason"], actor=request.user)
        messages.success(request, _("Nothing is sent to customers any more until you let it go on."))
    return redirect("privacy:settings")


def _lift(request: ConsoleRequest, stop: SendingStop | None) -> HttpResponse:
    form = LiftForm(waiting_by_purpose(request.workspace) if stop else [], request.POST)
    if not form.is_valid():
        return _lifting(request, stop, form)
    dropped = form.dropped
    resume_sending(workspace=request.workspace, actor=request.user, drop=dropped, reason=form.cleaned_data.get("reason", ""))
    if dropped:
        messages.success(request, _("Messages leave again. What was dropped stands in the outbox as held back, with your reason."))
    else:
        messages.success(request, _("Messages leave again, those that waited too."))
    return redirect("privacy:settings")


def _lifting(request: ConsoleRequest, stop: SendingStop | None, form: LiftForm) -> HttpResponse:
    return render(request, "privacy/lifting.html", {"stop": stop, "form": form}, status=422 if form.errors else 200)
