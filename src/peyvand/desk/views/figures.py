"""The page of one figure: trend, spread, cuts, comparison; and the answers under it, down to the single person."""

import datetime as dt
import math
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from peyvand.catalogue.queries import usual_label
from peyvand.catalogue.types import Dimension
from peyvand.core.display import digits, num, shortday
from peyvand.core.ids import public_id
from peyvand.core.masking import readable
from peyvand.core.periods import day_start
from peyvand.customers.scores import band, edges
from peyvand.customers.types import Band
from peyvand.desk.pulse.asking import Asked, address, asked, day_in
from peyvand.desk.pulse.beginning import first_acts
from peyvand.desk.pulse.chips import Chip, chips
from peyvand.desk.pulse.choosing import narrowing
from peyvand.desk.pulse.cutting import cut_table
from peyvand.desk.pulse.earlier import earlier
from peyvand.desk.pulse.finding import figure_finding
from peyvand.desk.pulse.pictures import distribution_chart, key_figure, trend_chart
from peyvand.desk.pulse.tables import band_rows
from peyvand.desk.pulse.words import compared_with, short_name, unknown_told
from peyvand.insights.board import Board, board, scores_in
from peyvand.insights.counting import Count
from peyvand.insights.freshness import freshness_text
from peyvand.insights.listing import Answered, answers_page
from peyvand.insights.questions import Span
from peyvand.insights.terms import looked_up_once
from peyvand.measures import MEASURES, ScaleError, distribution
from peyvand.workspaces.access import ConsoleRequest, requires
from peyvand.workspaces.services import note_bulk_view
from peyvand.workspaces.types import Permission

MOST_DIGITS = 19  # the database keeps no longer numbers
BANDS = {"good": Band.GOOD, "mixed": Band.MIXED, "bad": Band.BAD}
Page = Callable[[ConsoleRequest, str], HttpResponse]
TONES = {Band.GOOD: "good", Band.BAD: "bad"}


class Unheard(Exception):
    """A measure there is, of which this workspace has no answer yet."""


def _board(request: ConsoleRequest, measure: str) -> tuple[Asked, Board]:
    ask = asked(request.GET, request.workspace)
    found = board(request.workspace, ask.window(request.workspace), ask.filters)
    if measure in found.measures:
        return ask, found
    if measure in MEASURES:
        raise Unheard
    raise Http404


def heard(page: Page) -> Page:
    """A page of a figure; before the figure's first answer, the ways to get one."""

    @wraps(page)
    def told(request: ConsoleRequest, measure: str) -> HttpResponse:
        try:
            return page(request, measure)
        except Unheard:
            context = {"label": usual_label(Dimension.MEASURE, measure), "acts": first_acts(request.member)}
            return render(request, "desk/measure_empty.html", context)

    return told


@requires(Permission.PULSE_READ)
@looked_up_once
@heard
def measure_page(request: ConsoleRequest, measure: str) -> HttpResponse:
    """One figure from every side."""
    ask, found = _board(request, measure)
    label = found.labels[measure]
    answers_url = f"{reverse('desk:answers', args=[measure])}?{ask.link()}"
    context: dict[str, Any] = {
        "label": label,
        "name": short_name(measure, label),
        "others": _others(found, measure, ask),
        "chips": chips(found, ask),
        "narrow": narrowing(request.workspace, ask),
        "unknown": [*ask.wrong, *unknown_told(request.workspace, ask.filters)],
        "earlier": earlier(request.workspace, ask.as_of, ask.query(as_of=None)),
        "finding": figure_finding(found, measure),
        "basis": [] if ask.as_of else [freshness_text()],
        "figure": key_figure(found, measure, answers_url),
        "bands": band_rows(found.totals[measure], answers_url),
        "chart": trend_chart(found, measure, ask) if any(one.n for one in found.trend(measure)) else None,
        "spread": _spread(found, measure, answers_url),
        "cuts": cut_table(found, ask, measure, sees=request.member.may(Permission.CONTACTS_SEE)),
        "against": compared_with(found.window),
        "answers_url": answers_url,
        "home_query": ask.query(by=None),
    }
    return render(request, "desk/measure.html", context)


def _others(found: Board, measure: str, ask: Asked) -> list[dict[str, Any]]:
    codes = [code for code in found.measures if code == measure or found.totals[code].now.n]
    return [
        {"label": found.labels[code], "url": f"{reverse('desk:measure', args=[code])}{ask.query()}", "current": code == measure}
        for code in codes
    ]


def _spread(found: Board, measure: str, answers_url: str) -> object:
    try:
        spread = distribution(scores_in(found, measure), found.scales[measure])
    except ScaleError:
        return None
    return distribution_chart(spread, answers_url) if spread.n else None


@requires(Permission.FEEDBACK_READ)
@looked_up_once
@heard
def answers(request: ConsoleRequest, measure: str) -> HttpResponse:
    """The answers under a figure, newest first."""
    ask, found = _board(request, measure)
    span, chosen_time = _span(request, found)
    kind, point = request.GET.get("band", ""), _point(request.GET.get("point", ""))
    count = Count(
        workspace=request.workspace,
        measures=(measure,),
        span=span,
        filters=ask.filters,
        within=point or _within(found, measure, kind),
        as_of=found.window.as_of,
    )
    note_bulk_view(member=request.member, action="answers.listed")
    page = answers_page(count, _place(request.GET.get("after", "")))
    total = sum(row[-1] for row in count.rows())
    opens = request.member.may(Permission.CUSTOMERS_READ)
    context: dict[str, Any] = {
        "label": found.labels[measure],
        "chips": [*([chosen_time] if chosen_time else []), *([_chosen_point(request, point[0])] if point else []), *chips(found, ask)],
        "narrow": narrowing(request.workspace, ask, _carried(request)),
        "unknown": [*ask.wrong, *unknown_told(request.workspace, ask.filters)],
        "earlier": earlier(request.workspace, ask.as_of, ask.query(as_of=None)),
        "tabs": _tabs(request, measure, kind),
        "rows": [_row(request, answer, opens=opens) for answer in page.answers],
        "total": total,
        "pager": {"next_url": _next(request, page.following), "previous_url": "", "summary": ""},
        "measure_url": f"{reverse('desk:measure', args=[measure])}{ask.query(by=None)}",
    }
    return render(request, "desk/answers.html", context)


def _carried(request: ConsoleRequest) -> list[tuple[str, str]]:
    """What a list of answers is narrowed by beside what every page of figures knows."""
    return [(name, request.GET[name][:120]) for name in ("since", "until", "band", "point") if request.GET.get(name)]


def _span(request: ConsoleRequest, found: Board) -> tuple[Span, Chip | None]:
    """The days of the address, else the window; with the chip that takes the days away again."""
    since, until = day_in(request.GET.get("since", "")), day_in(request.GET.get("until", ""))
    if since is None or until is None or since >= until:
        return found.window.span, None
    zone = found.window.zone
    query = request.GET.copy()
    query.pop("since")
    query.pop("until")
    label = _("%(first)s to %(last)s") % {"first": shortday(since), "last": shortday(until - dt.timedelta(days=1))}
    return Span(day_start(since, zone), day_start(until, zone)), {"label": label, "on": True, "url": f"?{query.urlencode()}"}


def _point(text: str) -> tuple[float, float] | None:
    """One point of the scale, as from it up to whatever comes next; None where no point is asked for."""
    point = float(text) if text.isascii() and text.isdecimal() and len(text) < MOST_DIGITS else None
    return None if point is None else (point, math.nextafter(point, math.inf))


def _chosen_point(request: ConsoleRequest, point: float) -> Chip:
    """The chip that takes the point away again."""
    query = request.GET.copy()
    query.pop("point")
    return {"label": _("Score %(point)s") % {"point": num(point)}, "on": True, "url": f"?{query.urlencode()}"}


def _within(found: Board, measure: str, kind: str) -> tuple[float, float] | None:
    """The part of the scale a band covers; None where no band is asked for."""
    wanted = BANDS.get(kind)
    return edges(measure, *found.scales[measure], wanted) if wanted else None


def _tabs(request: ConsoleRequest, measure: str, kind: str) -> list[dict[str, Any]]:
    names = {"": _("All"), "bad": _("Detractors"), "mixed": _("Passives"), "good": _("Promoters")}
    if measure != "nps":
        names |= {"bad": _("Unhappy"), "mixed": _("In between"), "good": _("Happy")}
    found = []
    for code, label in names.items():
        query = request.GET.copy()
        query.pop("after", None)
        query.pop("band", None)
        query.pop("point", None)
        if code:
            query["band"] = code
        found.append({"label": label, "url": f"?{query.urlencode()}", "current": code == kind and "point" not in request.GET})
    return found


def _row(request: ConsoleRequest, answer: Answered, *, opens: bool) -> dict[str, Any]:
    url, sees = "", request.member.may(Permission.CONTACTS_SEE)
    if opens and answer.customer_id is not None:
        url = address("desk:customer", public_id(bytes(request.workspace.id_key), answer.customer_id))
    about = [answer.terms.get(name, "") for name in ("touchpoint", "product", "branch")]
    return {
        "at": answer.at,
        "name": readable(answer.name, sees=sees) or (_("A customer without a name") if answer.customer_id else _("Anonymous")),
        "url": url,
        "value": answer.value,
        "top": answer.high,
        "tone": TONES.get(band(answer.measure, answer.value, answer.low, answer.high), ""),
        "text": readable(answer.text, sees=sees),
        "about": [part for part in about if part],
        "channel": answer.terms.get("channel", ""),
        "item": answer.terms.get("item", ""),
        "subject": digits(readable(answer.subject, sees=sees)),
    }


def _place(text: str) -> tuple[int, int] | None:
    at, _dot, last = text.partition(".")
    return (int(at), int(last)) if at.isdecimal() and last.isdecimal() and max(len(at), len(last)) < MOST_DIGITS else None


def _next(request: ConsoleRequest, following: tuple[int, int] | None) -> str:
    if following is None:
        return ""
    query = request.GET.copy()
    query["after"] = f"{following[0]}.{following[1]}"
    return f"?{query.urlencode()}"
