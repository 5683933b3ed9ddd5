"""Settings of privacy: the switch that stops all sending, and who was forgotten."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from peyvand.channels.models import BulkApproval
from peyvand.channels.queries import stop_of, waiting_approvals
from peyvand.channels.services import approve, refuse
from peyvand.channels.services.approving import NotByWhoBeganError, may_agree
from peyvand.core.display import num
from peyvand.privacy.forms import RefuseForm, RulesForm, StopForm
from peyvand.privacy.models import Erasure
from peyvand.privacy.queries import erasures, left_of
from peyvand.workspaces.access import ConsoleRequest, own_or_404, pid_of, requires
from peyvand.workspaces.services import update_workspace
from peyvand.workspaces.types import Permission

SHOWN = 50
ANSWERED = gettext_lazy("Somebody answered this a moment ago.")
STEPS = {  # what is under way in each state of an erasure
    Erasure.State.ASKED: gettext_lazy("it is taken out of the records"),
    Erasure.State.PARTED: gettext_lazy("the database’s files are cleaned"),
    Erasure.State.WIPED: gettext_lazy("the figures’ copy follows"),
    Erasure.State.COPIED: gettext_lazy("the old copy goes once nobody reads it"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.PRIVACY)
def settings(request: ConsoleRequest) -> HttpResponse:
    """Show all of it, and change the rules."""
    workspace = request.workspace
    rules = RulesForm(workspace.preferences, request.POST if request.method == "POST" else None)
    if request.method == "POST" and rules.is_valid():
        update_workspace(workspace=workspace, changes={"preferences": {**workspace.preferences, **rules.chosen}}, actor=request.user)
        messages.success(request, _("Saved."))
        return redirect("privacy:settings")
    context = {
        "form": StopForm(),
        "rules": rules,
        "stop": stop_of(workspace),
        "approvals": [(one, pid_of(workspace, one), may_agree(one, request.user)) for one in waiting_approvals(workspace)],
        "erasures": [(one, _progress(one), *left_of(one)) for one in erasures(workspace)[:SHOWN]],
    }
    return render(request, "privacy/settings.html", context, status=422 if rules.errors else 200)


def _progress(erasure: Erasure) -> str:
    """How far an erasure is, as a sentence; empty at its end."""
    for step, (state, what) in enumerate(STEPS.items(), start=1):
        if state == erasure.state:
            return _("Step %(n)s of %(all)s: %(what)s") % {"n": num(step), "all": num(len(STEPS)), "what": what}
    return ""


@require_POST
@requires(Permission.PRIVACY)
def agree(request: ConsoleRequest, pid: str) -> HttpResponse:
    """Let something write to many."""
    try:
        if approve(approval=_question(request, pid), actor=request.user):
            messages.success(request, _("It may write to them, from now on for a day."))
        else:
            messages.info(request, ANSWERED)
    except NotByWhoBeganError as error:
        messages.error(request, str(error))
    return redirect("privacy:settings")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.PRIVACY)
def disagree(request: ConsoleRequest, pid: str) -> HttpResponse:
    """Ask why something may not write to many, and hold those who wait."""
    question = _question(request, pid)
    form = RefuseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if refuse(approval=question, actor=request.user, reason=form.cleaned_data["reason"]):
            messages.success(request, _("They are not written to. Your reason stands beside it."))
        else:
            messages.info(request, ANSWERED)
        return redirect("privacy:settings")
    return render(request, "privacy/refusing.html", {"question": question, "form": form}, status=422 if form.errors else 200)


def _question(request: ConsoleRequest, pid: str) -> BulkApproval:
    return own_or_404(request, BulkApproval.objects.select_related("workspace", "begun_by"), pid)
