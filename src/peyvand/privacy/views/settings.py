"""Settings of privacy: the switch that stops all sending, and who was forgotten."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from peyvand.channels.models import BulkApproval
from peyvand.channels.queries import stop_of, waiting_approvals
from peyvand.channels.services import approve, resume_sending, stop_sending
from peyvand.channels.services.approving import APPROVE_ABOVE
from peyvand.privacy.forms import RulesForm, StopForm
from peyvand.privacy.queries import erasures
from peyvand.timeline.services.numbers import UNREDACTED
from peyvand.workspaces.access import ConsoleRequest, own_or_404, pid_of, requires
from peyvand.workspaces.services import update_workspace
from peyvand.workspaces.types import Permission

SHOWN = 50


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.PRIVACY)
def settings(request: ConsoleRequest) -> HttpResponse:
    """Show all of it, and change the rules."""
    workspace = request.workspace
    rules = RulesForm(workspace.preferences, request.POST if request.method == "POST" else None)
    if request.method == "POST" and rules.is_valid():
        chosen = {APPROVE_ABOVE: rules.cleaned_data[APPROVE_ABOVE], UNREDACTED: rules.unredacted}
        update_workspace(workspace=workspace, changes={"preferences": {**workspace.preferences, **chosen}}, actor=request.user)
        messages.success(request, _("Saved."))
        return redirect("privacy:settings")
    context = {
        "form": StopForm(),
        "rules": rules,
        "stop": stop_of(workspace),
        "approvals": [(one, pid_of(workspace, one)) for one in waiting_approvals(workspace)],
        "erasures": erasures(workspace)[:SHOWN],
    }
    return render(request, "privacy/settings.html", context, status=422 if rules.errors else 200)


@require_POST
@requires(Permission.PRIVACY)
def agree(request: ConsoleRequest, pid: str) -> HttpResponse:
    """Let something write to many."""
    if approve(approval=own_or_404(request, BulkApproval.objects.all(), pid), actor=request.user):
        messages.success(request, _("It may write to them, from now on for a day."))
    return redirect("privacy:settings")


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
