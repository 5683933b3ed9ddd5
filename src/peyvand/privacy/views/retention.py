"""How long interactions are kept: rules, each with the number it would take before it is saved."""

from collections.abc import Sequence

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from peyvand.catalogue.models import Term
from peyvand.catalogue.types import Dimension
from peyvand.privacy.forms import RetentionForm
from peyvand.privacy.models import RetentionRule
from peyvand.privacy.queries import retention_rules
from peyvand.privacy.services.retaining import keep_for, keep_for_ever, would_lose
from peyvand.timeline.queries import kind_labels
from peyvand.workspaces.access import ConsoleRequest, own_or_404, pid_of, requires
from peyvand.workspaces.models import Workspace
from peyvand.workspaces.types import Permission


def _kinds(workspace: Workspace, rules: Sequence[RetentionRule]) -> dict[int, str]:
    """The kinds that came in so far or have a rule, as the reader calls them."""
    wanted = Q(merged_into=None) | Q(pk__in=[rule.kind for rule in rules if rule.kind is not None])
    codes = dict(Term.objects.filter(wanted, workspace=workspace, dimension=Dimension.KIND).values_list("pk", "code"))
    labels = kind_labels(workspace.pk, codes.values())
    return {pk: labels[code] for pk, code in codes.items()}


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.PRIVACY)
def retention(request: ConsoleRequest) -> HttpResponse:
    """Show rules; count what a new one would take; save it once somebody saw the number."""
    workspace = request.workspace
    rules = retention_rules(workspace)
    kinds = _kinds(workspace, rules)
    form = RetentionForm(sorted(kinds.items(), key=lambda one: one[1]), request.POST if request.method == "POST" else None)
    counted: int | None = None
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        if "save" in request.POST:
            keep_for(workspace=workspace, kind=said["kind"], months=said["months"], loss=said["loss"], actor=request.user)
            messages.success(request, _("Saved. What is old by it goes within the hour, piece by piece."))
            return redirect("privacy:retention")
        counted = would_lose(workspace=workspace, kind=said["kind"], months=said["months"])
    losses = dict(form.fields["loss"].choices)  # type: ignore[attr-defined]
    told = [(rule, kinds.get(rule.kind or 0, ""), losses[rule.loss], pid_of(workspace, rule)) for rule in rules]
    context = {"form": form, "counted": counted, "rules": told}
    return render(request, "privacy/retention.html", context, status=422 if form.errors else 200)


@require_POST
@requires(Permission.PRIVACY)
def remove(request: ConsoleRequest, pid: str) -> HttpResponse:
    """Keep a kind for ever again."""
    keep_for_ever(rule=own_or_404(request, RetentionRule.objects.select_related("workspace"), pid), actor=request.user)
    messages.success(request, _("Removed."))
    return redirect("privacy:retention")
