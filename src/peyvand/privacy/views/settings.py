"""Settings of privacy: the switch that stops all sending, and who was forgotten."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from peyvand.channels.queries import stop_of
from peyvand.channels.services import resume_sending, stop_sending
from peyvand.privacy.forms import StopForm
from peyvand.privacy.queries import erasures
from peyvand.workspaces.access import ConsoleRequest, requires
from peyvand.workspaces.types import Permission

SHOWN = 50


@require_safe
@requires(Permission.PRIVACY)
def settings(request: ConsoleRequest) -> HttpResponse:
    """Show both."""
    context = {"form": StopForm(), "stop": stop_of(request.workspace), "erasures": erasures(request.workspace)[:SHOWN]}
    return render(request, "privacy/settings.html", context)


@require_POST
@requires(Permission.PRIVACY)
def sending(request: ConsoleRequest) -> HttpResponse:
    """Stop all sending, or let it go on."""
    if "resume" in request.POST:
        resume_sending(workspace=request.workspace, actor=request.user)
        messages.success(request, _("Messages leave again, those that waited too."))
        return redirect("privacy:settings")
    form = StopForm(request.POST)
    if form.is_valid():
        stop_sending(workspace=request.workspace, reason=form.cleaned_data["reason"], actor=request.user)
        messages.success(request, _("Nothing is sent to customers any more until you let it go on."))
    return redirect("privacy:settings")
