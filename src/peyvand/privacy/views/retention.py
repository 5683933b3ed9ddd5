"""How long things are kept: rules for interactions and for other records, each with the number it would take before it is saved."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from peyvand.catalogue.models import Term
from peyvand.catalogue.types import Dimension
from peyvand.core.retention import going, kept
from peyvand.privacy.forms import RecordForm, RetentionForm
from peyvand.privacy.models import RetentionRule
from peyvand.privacy.queries import record_rules, retention_rules
from peyvand.privacy.services.rules import keep_for, keep_for_ever, records_to_lose, would_lose
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
        if request.POST.get("save") == form.asked:
            keep_for(workspace=workspace, kind=said["kind"], months=said["months"], loss=said["loss"], actor=request.user)
            messages.success(request, _("Saved. What is old by it goes within the hour, piece by piece."))
            return redirect("privacy:retention")
        counted = would_lose(workspace=workspace, kind=said["kind"], months=said["months"])
    losses = dict(form.fields["loss"].choices)  # type: ignore[attr-defined]
    told = [(rule, kinds.get(rule.kind or 0, ""), losses[rule.loss], pid_of(workspace, rule)) for rule in rules]
    context = {"form": form, "counted": counted, "rules": told, "records": _records(workspace), "going": going()}
    return render(request, "privacy/retention.html", context, status=422 if form.errors else 200)


def _records(workspace: Workspace) -> list[dict[str, Any]]:
    """Every sort of records that may have a rule, with the one it has."""
    rules = record_rules(workspace)
    return [
        {
            "kept": one,
            "rule": rule,
            "means": one.losses.get(rule.loss, "") if rule else "",
            "pid": pid_of(workspace, rule) if rule else "",
        }
        for one in kept().values()
        for rule in (rules.get(one.code),)
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.PRIVACY)
def record(request: ConsoleRequest, code: str) -> HttpResponse:
    """The same of one sort of records: count what its rule would take, save it once somebody saw the number."""
    workspace, one = request.workspace, kept().get(code)
    if one is None:
        raise Http404
    rule = record_rules(workspace).get(code)
    form = RecordForm(one, request.POST if request.method == "POST" else None, rule=rule)
    counted: int | None = None
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        if request.POST.get("save") == form.asked:
            keep_for(workspace=workspace, record=code, months=said["months"], loss=said["loss"], actor=request.user)
            messages.success(request, _("Saved. What is old by it goes within the hour, piece by piece."))
            return redirect("privacy:retention")
        counted = records_to_lose(workspace=workspace, record=code, months=said["months"], loss=said["loss"])
    context = {"form": form, "counted": counted, "kept": one, "rule": rule}
    return render(request, "privacy/record.html", context, status=422 if form.errors else 200)


@require_POST
@requires(Permission.PRIVACY)
def remove(request: ConsoleRequest, pid: str) -> HttpResponse:
    """Keep a kind for ever again."""
    keep_for_ever(rule=own_or_404(request, RetentionRule.objects.select_related("workspace"), pid), actor=request.user)
    messages.success(request, _("Removed."))
    return redirect("privacy:retention")
