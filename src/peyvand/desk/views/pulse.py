"""Pulse, the home page: how the brand is perceived, what changed, what needs a person now."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from peyvand.cases.queries import View
from peyvand.core import clock
from peyvand.core.pictures import Chart, Figure
from peyvand.desk.pulse.asking import FILTERED, Asked, address, asked
from peyvand.desk.pulse.beginning import first_acts
from peyvand.desk.pulse.chips import chips
from peyvand.desk.pulse.choosing import narrowing
from peyvand.desk.pulse.earlier import earlier
from peyvand.desk.pulse.finding import basis, finding
from peyvand.desk.pulse.lifetimes import lifetime_told
from peyvand.desk.pulse.needs import cases_url, needs
from peyvand.desk.pulse.pictures import Group, key_figure, trend_chart
from peyvand.desk.pulse.splitting import Split, split
from peyvand.desk.pulse.tables import MovedRow, moved_rows
from peyvand.desk.pulse.words import compared_with, short_name, unknown_told
from peyvand.insights.board import Board, board, narrowed_trend
from peyvand.insights.freshness import freshness_text
from peyvand.insights.moves import Cause, Move, cause, moves
from peyvand.insights.terms import looked_up_once, only_branch
from peyvand.insights.voices import voices
from peyvand.workspaces.access import ConsoleRequest, requires
from peyvand.workspaces.types import Permission

FIGURES = 3
MOVED = 4
MOVED_CUTS = ("touchpoint", "branch", "product", "channel")


@requires(Permission.PULSE_READ)
@looked_up_once
def pulse(request: ConsoleRequest) -> HttpResponse:
    """The home page of a workspace; before the first answer, the ways to get one."""
    ask = asked(request.GET, request.workspace)
    window = ask.window(request.workspace)
    found = board(request.workspace, window, ask.filters)
    if not found.measures:
        return render(request, "desk/pulse_empty.html", {"acts": first_acts(request.member), "now": clock.now()})
    told = _moves(found)
    who = voices(request.workspace, window, ask.filters)
    sure = [(move, why) for move, why in told if move.sure]
    lead = sure[0][0].measure if sure else _lead(found)
    sees_cases = request.member.may(Permission.CASES_READ) and ask.as_of is None  # what waits for a person waits today
    branch, sees = only_branch(request.workspace.pk, ask.filters), request.member.may(Permission.CONTACTS_SEE)
    waiting, tasks = needs(request.workspace, sees=sees, branch=branch) if sees_cases else ([], 0)
    context: dict[str, Any] = {
        "now": ask.as_of or clock.now(),
        "people_url": _people_url(request, found, ask, lead),
        "finding": finding(found, who, *(sure[0] if sure else (None, None))),
        "basis": basis(who, "" if ask.as_of else freshness_text()),
        "asked_url": address("surveys:list") if request.member.may(Permission.SURVEYS_MANAGE) else "",
        "chips": chips(found, ask),
        "narrow": narrowing(request.workspace, ask),
        "earlier": earlier(request.workspace, ask.as_of, ask.query(as_of=None)),
        "figures": _figures(found, ask),
        "chart": _chart(found, ask, lead, sure[0][0] if sure else None),
        "sees_cases": sees_cases,
        "unknown": [*ask.wrong, *unknown_told(request.workspace, ask.filters)],
        "needs": waiting,
        "tasks": tasks,
        "tasks_url": cases_url(request.workspace, View.ALL, branch) if branch is not None else address("cases:desk"),
        "needs_whole": bool(ask.filters) and branch is None,
        "lifetime_whole": bool(ask.filters),
        "moved": _moved(found, ask, told, lead),
        "moved_what": short_name(lead, found.labels[lead]) if lead else "",
        "against": compared_with(window),
        "split": _split(found, ask),
        "lifetime": lifetime_told(request.workspace) if request.member.may(Permission.CUSTOMERS_READ) and ask.as_of is None else None,
    }
    return render(request, "desk/pulse.html", context)


def _people_url(request: ConsoleRequest, found: Board, ask: Asked, lead: str) -> str:
    """What the people of the headline said; where that page has no place for a filter or the day, their answers to the lead measure.

    Empty for who may not read it.
    """
    if not request.member.may(Permission.FEEDBACK_READ):
        return ""
    cuts = [cut for cut, _code in found.filters]
    known = set(cuts) <= set(FILTERED) and len(set(cuts)) == len(cuts) and found.window.as_of is None
    if not known:
        return f"{reverse('desk:answers', args=[lead])}?{ask.link()}"
    first, last = found.window.first, found.window.last
    days = {"since": first.isoformat(), "until": last.isoformat()} if first else {"until": last.isoformat()}
    return f"{address('surveys:answers')}?{urlencode({**days, **dict(found.filters)})}"


def _lead(found: Board) -> str:
    """The measure that is drawn when nothing moved: the first with enough answers, else the one with most."""
    able = [code for code in found.answered if not found.totals[code].now.small]
    return able[0] if able else max(found.measures, key=lambda code: found.totals[code].now.n)


def _moves(found: Board) -> list[tuple[Move, Cause | None]]:
    """What moved, with causes for as many as are shown."""
    if found.window.before is None:
        return []
    told = moves(found, found.answered[:MOVED], MOVED_CUTS)
    lead = told[0].measure if told else ""
    shown = [move for move in told if move.measure == lead and move.term is not None][:MOVED]
    return [(move, cause(found, move) if move.sure and (place == 0 or move in shown) else None) for place, move in enumerate(told)]


def _figures(found: Board, ask: Asked) -> list[Figure]:
    shown = found.answered[:FIGURES] or found.measures[:FIGURES]
    return [key_figure(found, code, _measure_url(code, ask)) for code in shown]


def _measure_url(measure: str, ask: Asked, **more: str) -> str:
    return f"{reverse('desk:measure', args=[measure])}?{ask.link(**more)}"


def _chart(found: Board, ask: Asked, lead: str, news: Move | None) -> Chart | None:
    """The trend of the lead measure, beside it that of the group the finding is about."""
    if not lead or not any(estimate.n for estimate in found.trend(lead)):
        return None
    if news is None or news.term is None:
        return trend_chart(found, lead, ask)
    group = Group(news.term.label, narrowed_trend(found, lead, news.cut, news.term.code), news.pair, {news.cut: news.term.code})
    return trend_chart(found, lead, ask, group)


def _moved(found: Board, ask: Asked, told: Sequence[tuple[Move, Cause | None]], lead: str) -> list[MovedRow]:
    """The groups of the lead measure that moved most."""
    shown: list[tuple[Move, Cause | None, str]] = []
    for move, why in told:
        if move.measure == lead and move.term is not None and len(shown) < MOVED:
            shown.append((move, why, _measure_url(lead, ask, **{move.cut: move.term.code})))
    return moved_rows(found, shown)


def _split(found: Board, ask: Asked) -> Split | None:
    measure = "nps" if "nps" in found.answered else _lead(found)
    return split(found, ask, measure) if found.answered else None
