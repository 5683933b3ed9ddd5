"""The follow-up desk: who waits, whom to begin with, the list, and one case open beside it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from peyvand.cases import queries, wording
from peyvand.cases.models import Case, CasePolicy
from peyvand.cases.rows import backs_of, rows_of
from peyvand.cases.services import policy_of
from peyvand.cases.views import panel
from peyvand.cases.views.asking import BESIDE, Asked, asked
from peyvand.cases.views.chips import chips, tabs
from peyvand.core import clock, display
from peyvand.core.masking import readable
from peyvand.core.pictures import FEW
from peyvand.workspaces.access import ConsoleRequest, requires
from peyvand.workspaces.services import note_bulk_view
from peyvand.workspaces.types import Permission

PAGE = 25
WEEK = dt.timedelta(days=7)


@requires(Permission.CASES_READ)
def desk(request: ConsoleRequest) -> HttpResponse:
    """The page; `?case=` opens one beside the list, else the first one stands open."""
    return show(request, asked(request.member, queries.counts(request.member), request.GET))


def show(request: ConsoleRequest, ask: Asked, bound: Mapping[str, forms.Form] | None = None, *, status: int = 200) -> HttpResponse:
    """Draw the desk; `bound` are forms of the open case that came back with errors."""
    policy, member = policy_of(request.workspace), request.member
    counted = queries.counts(member)
    page = Paginator(queries.listed(member, ask.wanted), PAGE).get_page(ask.page)
    sees = member.may(Permission.CONTACTS_SEE)
    rows = rows_of(policy, list(page.object_list), sees=sees, phones=sees)
    if rows:
        note_bulk_view(member=member, action="cases.listed", detail={"contacts": sees})
    shown = _shown(ask, [row.case for row in rows])
    context: dict[str, Any] = {
        "today": _("%(day)s, %(time)s") % {"day": display.day(clock.now()), "time": display.clock(clock.now())},
        "finding": _finding(request, counted),
        "basis": " ".join(basis(policy)),
        "opens": opens(policy),
        "tabs": tabs(ask, counted),
        "chips": chips(ask, policy),
        "rows": [(row, ask.url(case=row.case.pk)) for row in rows],
        "view": ask.wanted.view.value,
        "narrowed": ask.wanted != queries.Wanted(view=ask.wanted.view, order=ask.wanted.order),
        "every_url": Asked(ask.workspace, queries.Wanted(view=ask.wanted.view)).url(),
        "unowned_url": Asked(ask.workspace, queries.Wanted(view=queries.View.UNOWNED)).url(),
        "counted": counted,
        "active": policy.is_active,
        "pager": _pager(ask, page),
        "backs": backs_of(policy, queries.recovered(request.workspace, clock.now() - WEEK, 5), sees=sees),
        "back_count": queries.recovered_count(request.workspace, clock.now() - WEEK),
        "may_open": member.may(Permission.CASES_WORK),
    }
    if shown is not None:
        context["panel"] = panel.build(request, policy, shown, bound)
        context["panel"].query = replace(ask, case=shown.pk).query(**{BESIDE: True})
    return render(request, "cases/desk.html", context, status=status)


def _shown(ask: Asked, listed: list[Case]) -> Case | None:
    """The case that stands open: the one asked for, be it in this list or not, else the first."""
    if ask.case is not None:
        found = queries.cases_of(ask.workspace).filter(pk=ask.case).first()
        if found is not None:
            return found
    return listed[0] if listed else None


def _finding(request: ConsoleRequest, counted: queries.Counts) -> dict[str, Any]:
    """What the headline says: how many wait, whom to begin with, and how much time is left."""
    first = queries.first_in_line(request.member) if counted.mine else None
    if first is None:
        return {"name": ""}
    late = first.due_at <= clock.now()
    return {
        "name": readable(first.customer.name, sees=request.member.may(Permission.CONTACTS_SEE)) or _("a customer without a name"),
        "late": late,
        "turn": display.ago(first.due_at) if late else wording.in_time(first.due_at),
        "pressing": late or first.due_at - clock.now() < wording.SOON,
    }


def basis(policy: CasePolicy) -> list[str]:
    """What follow-up achieved in the last 30 days, with its uncertainty and how many it stands on."""
    since = clock.now() - queries.LOOKING_BACK
    found, wait = queries.recovery(policy.workspace, since), queries.first_contact(policy.workspace, since)
    said = []
    if not found.closed:
        said.append(_("No case was closed in the last 30 days."))
    elif found.share is None:
        text = ngettext(
            "%(closed)s case was closed in the last 30 days; nobody has answered again yet.",
            "%(closed)s cases were closed in the last 30 days; nobody has answered again yet.",
            found.closed,
        )
        said.append(text % _numbers(found))
    else:
        text = ngettext(
            "Cases closed in the last 30 days: %(closed)s; %(answered)s customer answered again, "
            "%(share)s satisfied (%(low)s to %(high)s).",
            "Of %(closed)s cases closed in the last 30 days %(answered)s customers answered again; "
            "%(share)s of them are satisfied (%(low)s to %(high)s).",
            found.answered,
        )
        said.append(text % _numbers(found))
        if found.answered < FEW:
            said.append(_("Too few answers to conclude from."))
    return [*said, *_waited(wait)]


def _waited(wait: queries.FirstContact) -> list[str]:
    """How long customers waited for the first contact, in the same way; nothing where nobody was called."""
    if wait.median_s is None:
        return []
    words = {"span": wording.working_span(wait.median_s), "n": display.num(wait.n)}
    if wait.low_s is None or wait.high_s is None:
        text = ngettext(
            "Median of the first contact: %(span)s of working time, of %(n)s case.",
            "Median of the first contact: %(span)s of working time, of %(n)s cases.",
            wait.n,
        )
    else:
        text = _("Median of the first contact: %(span)s of working time (%(low)s to %(high)s), of %(n)s cases.")
        words |= {"low": wording.working_span(wait.low_s), "high": wording.working_span(wait.high_s)}
    return [text % words, *([_("Too few cases to conclude from.")] if wait.n < FEW else [])]


def opens(policy: CasePolicy) -> list[tuple[str, str]]:
    """What the figures of the basis stand on: words and the address of the list, for those that are not empty."""
    found = queries.recovery(policy.workspace, clock.now() - queries.LOOKING_BACK)
    lists = (
        (queries.Since.CLOSED, found.closed, pgettext("cases", "closed")),
        (queries.Since.ANSWERED, found.answered, _("answered again")),
        (queries.Since.SATISFIED, found.satisfied, _("satisfied")),
    )
    wanted = queries.Wanted(view=queries.View.CLOSED)
    return [(f"{display.num(n)} {word}", Asked(policy.workspace, replace(wanted, lately=which)).url()) for which, n, word in lists if n]


def _numbers(found: queries.Recovery) -> dict[str, str]:
    return {
        "closed": display.num(found.closed),
        "answered": display.num(found.answered),
        "share": display.share(found.share),
        "low": display.share(found.low),
        "high": display.share(found.high),
    }


def _pager(ask: Asked, page: Page[Case]) -> dict[str, str]:
    if page.paginator.num_pages < 2:
        return {}
    numbers = {"first": display.num(page.start_index()), "last": display.num(page.end_index()), "all": display.num(page.paginator.count)}
    return {
        "previous_url": ask.url(page=page.previous_page_number(), case=None) if page.has_previous() else "",
        "next_url": ask.url(page=page.next_page_number(), case=None) if page.has_next() else "",
        "summary": _("%(first)s to %(last)s of %(all)s") % numbers,
    }
