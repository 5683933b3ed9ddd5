"""Settings of follow-up: which scores open a case, how soon, for whom, and the reasons to choose from."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from peyvand.cases.models import CasePolicy
from peyvand.cases.policy_form import MEASURES, PolicyForm, ReasonForms, reasons_from
from peyvand.cases.services import policy_of, set_policy
from peyvand.core import display
from peyvand.workspaces.access import ConsoleRequest, requires
from peyvand.workspaces.types import Permission


@requires(Permission.SETTINGS_MANAGE)
def settings(request: ConsoleRequest) -> HttpResponse:
    """Show and change them."""
    policy = policy_of(request.workspace)
    sent = request.POST if request.method == "POST" else None
    form = PolicyForm(policy, sent)
    reasons = ReasonForms(sent, initial=policy.reasons, prefix="reasons")
    if sent is not None and form.is_valid() and reasons.is_valid():
        changes = form.changes() | {"reasons": reasons_from(reasons, policy.reasons)}
        set_policy(workspace=request.workspace, changes=changes, actor=request.user)
        messages.success(request, _("Saved. New answers are followed up this way from now on."))
        return redirect("cases:settings")
    context = {"form": form, "reasons": reasons, "said": in_words(policy)}
    return render(request, "cases/settings.html", context, status=200 if sent is None else 422)


def in_words(policy: CasePolicy) -> str:
    """What the settings do, said plainly."""
    if not policy.is_active:
        return _("Unhappy answers open no cases at present.")
    limits = [
        _("%(measure)s of %(limit)s or less") % {"measure": label, "limit": display.num(policy.limits[measure])}
        for measure, label in MEASURES
        if measure in policy.limits
    ]
    told = {
        "limits": _(", ").join(limits),
        "hours": display.num(policy.contact_hours),
    }
    if not limits:
        return _("No score opens a case, since no limit is set.")
    opens = _("%(limits)s opens a case, and somebody calls within %(hours)s working hours.") % told
    again = _("After its end the customer is asked once more.")
    return f"{opens} {again}"
