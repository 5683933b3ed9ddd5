"""Who moved from which stage of the relationship to which, in a time."""

from datetime import timedelta
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from peyvand.cases.wording import stage_label
from peyvand.core import clock, display
from peyvand.customers.queries.stages import Flow, flow
from peyvand.customers.types import Stage
from peyvand.workspaces.access import ConsoleRequest, requires
from peyvand.workspaces.types import Permission

DAYS = (7, 30, 90, 365)


@require_GET
@requires(Permission.CUSTOMERS_READ)
def stage_flow(request: ConsoleRequest) -> HttpResponse:
    """The table of moves in the last days."""
    asked = request.GET.get("days", "")
    days = int(asked) if asked in {str(one) for one in DAYS} else 30
    found = flow(request.workspace, clock.now() - timedelta(days=days))
    before = [stage for stage in Stage if any(pair[0] is stage for pair in found.moves)]
    after = [stage for stage in Stage if any(pair[1] is stage for pair in found.moves)]
    context = {
        "finding": _finding(found),
        "tabs": [{"label": _last(one), "url": f"?days={one}", "current": one == days} for one in DAYS],
        "after": [{"label": stage_label(stage), "url": _people(stage, days)} for stage in after],
        "rows": [
            {"label": stage_label(one), "cells": [(found.moves.get((one, to), 0), _people(f"{one}-{to}", days)) for to in after]}
            for one in before
        ],
        "placed": [{"label": stage_label(stage), "n": found.placed[stage]} for stage in Stage if stage in found.placed],
    }
    return render(request, "desk/people/flow.html", context)


def _last(days: int) -> str:
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": display.num(days)}


def _people(way: str, days: int) -> str:
    """The customers who moved to a stage, or from one to another."""
    return f"{reverse('desk:customers')}?{urlencode({'moved': f'{way}.{days}'})}"


def _finding(found: Flow) -> str:
    """The commonest move, said."""
    if not found.moves:
        return _("Nobody moved to another stage in this time")
    (before, after), n = max(found.moves.items(), key=lambda pair: pair[1])
    words = ngettext("Most often: from %(before)s to %(after)s, %(n)s time", "Most often: from %(before)s to %(after)s, %(n)s times", n)
    return words % {"before": stage_label(before), "after": stage_label(after), "n": display.num(n)}
