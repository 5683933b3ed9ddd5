"""The chain the brand lives on: perception → trust → loyalty → sales and reputation, each link with what is known of it."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from peyvand.desk.chain.page import Chain, chain
from peyvand.desk.chain.words import link_title, strength_words
from peyvand.desk.pulse.asking import asked
from peyvand.desk.pulse.beginning import first_acts
from peyvand.desk.pulse.chips import chips
from peyvand.desk.pulse.choosing import narrowing
from peyvand.desk.pulse.earlier import earlier
from peyvand.desk.pulse.places import insight_tabs
from peyvand.desk.pulse.words import unknown_told
from peyvand.insights.board import Board, board
from peyvand.insights.freshness import freshness_text
from peyvand.insights.terms import looked_up_once
from peyvand.workspaces.access import ConsoleRequest, requires
from peyvand.workspaces.types import Permission


@require_GET
@requires(Permission.PULSE_READ)
@looked_up_once
def page(request: ConsoleRequest) -> HttpResponse:
    """The chain of a time and of some answers; before the first answer, the ways to get one."""
    ask = asked(request.GET, request.workspace)
    found = board(request.workspace, ask.window(request.workspace), ask.filters)
    if not found.measures:
        return render(request, "desk/chain.html", {"acts": first_acts(request.member), "tabs": insight_tabs("chain")})
    told = chain(found, ask, request.member)
    context: dict[str, Any] = {
        "tabs": insight_tabs("chain"),
        "chips": chips(found, ask),
        "narrow": narrowing(request.workspace, ask),
        "earlier": earlier(request.workspace, ask.as_of, ask.query(as_of=None)),
        "unknown": [*ask.wrong, *unknown_told(request.workspace, ask.filters)],
        "finding": _finding(found, told),
        "basis": [] if ask.as_of else [freshness_text()],
        "chain": told,
    }
    return render(request, "desk/chain.html", context)


def _finding(found: Board, told: Chain) -> str:
    """The link that is known best, in a sentence."""
    link = told.strongest
    if link is None:
        return _("No link of the chain can be seen beyond noise in this time.")
    parts = {"link": link_title(link, found.labels), "strength": strength_words(link.together)}
    return _("The strongest link that is known: %(link)s go %(strength)s.") % parts
