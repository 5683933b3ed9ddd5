"""Two sets of answers beside each other, any time and filters against any others; the same as CSV."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from peyvand.core import clock
from peyvand.core.reader import active_reader
from peyvand.desk.comparing.asking import AskedPair, asked_pair, sides_of
from peyvand.desk.comparing.choosing import side_forms, side_words
from peyvand.desk.comparing.duels import duels, pair_finding
from peyvand.desk.comparing.exporting import csv_of
from peyvand.desk.pulse.beginning import first_acts
from peyvand.desk.pulse.choosing import day_text
from peyvand.desk.pulse.earlier import earlier
from peyvand.desk.pulse.places import insight_tabs
from peyvand.desk.pulse.words import unknown_told
from peyvand.insights.freshness import freshness_text
from peyvand.insights.sides import Beside, side_by_side
from peyvand.insights.terms import looked_up_once, measures_met
from peyvand.workspaces.access import ConsoleRequest, requires
from peyvand.workspaces.services import audit
from peyvand.workspaces.types import Permission


@require_GET
@requires(Permission.PULSE_READ)
@looked_up_once
def compare(request: ConsoleRequest) -> HttpResponse:
    """The page: what the two sides are, and every measure of both."""
    asked = asked_pair(request.GET, request.workspace)
    if not measures_met(request.workspace.pk):
        return render(request, "desk/comparing.html", {"acts": first_acts(request.member), "tabs": insight_tabs("compare")})
    found, forms = _found(asked), side_forms(asked)
    export = f"{reverse('desk:compare_export')}?{asked.query()}" if found and request.member.may(Permission.EXPORT) else ""
    filters = [*asked.one.filters, *asked.other.filters]
    context: dict[str, Any] = {
        "tabs": insight_tabs("compare"),
        "finding": pair_finding(found),
        "basis": [] if asked.day else [freshness_text()],
        "sides": forms,
        "as_of": day_text(asked.day),
        "earlier": earlier(request.workspace, asked.day, f"?{asked.now().query()}"),
        "unknown": [*asked.wrong, *unknown_told(request.workspace, filters)],
        "duels": duels(asked, found, (forms[0].told, forms[1].told), opens=request.member.may(Permission.FEEDBACK_READ)),
        "export_url": export,
    }
    return render(request, "desk/comparing.html", context)


def _found(asked: AskedPair) -> list[Beside]:
    return side_by_side(asked.workspace, *sides_of(asked), asked.as_of)


@require_GET
@requires(Permission.EXPORT, Permission.PULSE_READ)
@looked_up_once
def export(request: ConsoleRequest) -> HttpResponse:
    """The same as CSV."""
    asked = asked_pair(request.GET, request.workspace)
    names = (side_words(request.workspace, asked.one), side_words(request.workspace, asked.other))
    text = csv_of(_found(asked), names)
    audit(workspace=request.workspace, actor=request.user, action="comparison.exported", detail={"narrowed": list(names)})
    day = clock.today(active_reader().zone).isoformat()
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="comparison-{request.workspace.slug}-{day}.csv"'
    response["Cache-Control"] = "no-store"
    return response
