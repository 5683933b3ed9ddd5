"""By what a brand judges its relationships: from when somebody is at risk, lost, loyal."""

from dataclasses import asdict

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from peyvand.customers.forms import RulesForm
from peyvand.customers.models import LifecycleRules
from peyvand.customers.services.lifecycle import RulesError, set_rules
from peyvand.customers.types import Rules
from peyvand.workspaces.access import ConsoleRequest, requires
from peyvand.workspaces.types import Permission


@requires(Permission.SETTINGS_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def lifecycle(request: ConsoleRequest) -> HttpResponse:
    """The rules, to be read and changed."""
    form = RulesForm(request.POST or None, initial=asdict(LifecycleRules.of(request.workspace.pk)))
    if request.method == "POST" and form.is_valid():
        try:
            set_rules(workspace=request.workspace, rules=Rules(**form.cleaned_data), actor=request.user)
        except RulesError as error:
            form.add_error(error.field, str(error))
        else:
            messages.success(request, _("Saved. Everybody is looked at anew; that takes a moment."))
            return redirect("customers:lifecycle")
    return render(request, "customers/lifecycle.html", {"form": form}, status=422 if form.errors else 200)
