"""The answers page: what customers said, whoever asked them, to be narrowed, searched, opened in place and taken along as a file."""

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from peyvand.core.display import num, share
from peyvand.core.ids import public_id
from peyvand.core.masking import readable
from peyvand.core.pictures import FEW
from peyvand.core.reader import Reader, active_reader, use_reader
from peyvand.customers.types import Band
from peyvand.measures import Estimate
from peyvand.measures.intervals import wilson
from peyvand.surveys.models import Answer, Survey
from peyvand.surveys.queries.answers import cell, every, page_of, read_cursor, summary_of
from peyvand.surveys.queries.opened import Shown, shown
from peyvand.surveys.views.filters import Filter, chips, read_filter, tabs
from peyvand.workspaces.access import ConsoleRequest, requires
from peyvand.workspaces.models import Workspace
from peyvand.workspaces.services import audit, note_bulk_view
from peyvand.workspaces.types import Permission

CHUNK = 200


@requires(Permission.FEEDBACK_READ)
@require_safe
def answers(request: ConsoleRequest) -> HttpResponse:
    """The list, narrowed by its filter."""
    chosen = read_filter(request.workspace, request.GET)
    note_bulk_view(member=request.member, action="answers.listed")
    page = page_of(chosen.wanted, read_cursor(request.GET.get("from", "")))
    summary = summary_of(chosen.wanted)
    counts = summary.bands
    everything = sum(counts.values())
    opens, sees = request.member.may(Permission.CUSTOMERS_READ), request.member.may(Permission.CONTACTS_SEE)
    context = {
        "rows": [_row(request.workspace, one, opens=opens) for one in _readable(request.workspace, page.answers, sees=sees)],
        "tabs": tabs(chosen, counts),
        "chips": chips(chosen),
        "finding": _finding(counts),
        "certainty": _certainty(counts),
        "basis": _basis(summary.estimate),
        "basis_url": chosen.url(measure=summary.estimate.measure, band="") if summary.estimate is not None and summary.opens else "",
        "search": chosen.said.get("q", ""),
        "kept": {key: value for key, value in chosen.said.items() if key != "q"},
        "clear_url": chosen.url(q=""),
        "narrow": chosen.is_narrow,
        "nothing_yet": not everything and not chosen.is_narrow and not Answer.objects.filter(workspace=request.workspace).exists(),
        "may_survey": request.member.may(Permission.SURVEYS_MANAGE),
        "export_url": f"{reverse('surveys:answers_export')}{chosen.url()}" if _may_export(request) and everything else "",
        "pager": _pager(chosen, page.previous, page.following),
    }
    return render(request, "surveys/answers.html", context)


def _readable(workspace: Workspace, answers: Sequence[Answer], *, sees: bool) -> list[Shown]:
    """Answers as they are shown; phone numbers and addresses in them only for those who may see them."""
    found = shown(workspace, answers)
    for one in found:
        one.words, one.name = readable(one.words, sees=sees), readable(one.name, sees=sees)
    return found


def _may_export(request: ConsoleRequest) -> bool:
    return request.member.may(Permission.EXPORT)


def _row(workspace: Workspace, one: Shown, *, opens: bool) -> dict[str, Any]:
    url = _customer_url(workspace, one.customer_id) if opens and one.customer_id is not None else ""
    return {"one": one, "url": url, "id": public_id(bytes(workspace.id_key), one.answer.pk)}


def _customer_url(workspace: Workspace, customer_id: int) -> str:
    """The customer's page; it belongs to an upper app, so it is found by name."""
    try:
        return reverse("desk:customer", args=[public_id(bytes(workspace.id_key), customer_id)])
    except NoReverseMatch:
        return ""


def _finding(counts: dict[Band, int]) -> str:
    """What these answers say, in one sentence."""
    judged = {band: n for band, n in counts.items() if band is not Band.NONE}
    total = sum(judged.values())
    if not total:
        n = sum(counts.values())
        return ngettext("%(n)s comment without a score", "%(n)s comments without a score", n) % {"n": num(n)} if n else ""
    words = {
        "n": num(total),
        "good": share(judged.get(Band.GOOD, 0) / total),
        "bad": share(judged.get(Band.BAD, 0) / total),
    }
    return (
        ngettext(
            "Of %(n)s answer %(good)s are happy and %(bad)s unhappy.", "Of %(n)s answers %(good)s are happy and %(bad)s unhappy.", total
        )
        % words
    )


def _certainty(counts: dict[Band, int]) -> str:
    """How sure the two shares of the finding are: 95% intervals (Wilson), or that there are too few answers."""
    total = sum(n for band, n in counts.items() if band is not Band.NONE)
    if not total:
        return ""
    if total < FEW:
        return _("Too few answers to conclude from.")
    ends = [share(end, 1) for band in (Band.GOOD, Band.BAD) for end in wilson(counts.get(band, 0), total)]
    words = dict(zip(("good_low", "good_high", "bad_low", "bad_high"), ends, strict=True))
    return _("95%% interval of the happy: %(good_low)s to %(good_high)s; of the unhappy: %(bad_low)s to %(bad_high)s.") % words


def _basis(estimate: Estimate | None) -> str:
    """The figure these answers come to, with its interval."""
    if estimate is None or estimate.value is None:
        return ""
    names = {
        "nps": _("Net promoters (NPS)"),
        "csat": _("Satisfaction (CSAT)"),
        "ces": _("Customer effort (CES)"),
        "rating": _("Mean rating"),
    }
    places = 0 if estimate.measure in ("nps", "csat") else 2
    words = {"name": names[estimate.measure], "value": num(estimate.value, places), "n": num(estimate.n)}
    if estimate.small or estimate.low is None or estimate.high is None:
        return _("%(name)s: %(value)s from %(n)s answers, too few to conclude from.") % words
    words |= {"low": num(estimate.low, places), "high": num(estimate.high, places)}
    return _("%(name)s: %(value)s, 95%% interval %(low)s to %(high)s, from %(n)s answers.") % words


def _pager(chosen: Filter, previous: str, following: str) -> dict[str, str]:
    return {
        "previous_url": chosen.url(**{"from": previous}) if previous else "",
        "next_url": chosen.url(**{"from": following}) if following else "",
    }


@requires(Permission.EXPORT, Permission.FEEDBACK_READ)
@require_safe
def export(request: ConsoleRequest) -> StreamingHttpResponse:
    """The same answers as a file for spreadsheets."""
    chosen, sees = read_filter(request.workspace, request.GET), request.member.may(Permission.CONTACTS_SEE)
    audit(workspace=request.workspace, actor=request.user, action="answers.exported", detail={"filter": chosen.said})
    response = StreamingHttpResponse(_lines(request.workspace, chosen, active_reader(), sees=sees), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="answers-{request.workspace.slug}.csv"'
    response["Cache-Control"] = "no-store"
    return response


def _lines(workspace: Workspace, chosen: Filter, reader: Reader, *, sees: bool) -> Iterator[bytes]:
    """The file line by line, for a reader who asked before it began; the mark in front tells spreadsheets that it is UTF-8."""
    zone = ZoneInfo(workspace.time_zone)
    surveys = dict(Survey.objects.filter(workspace=workspace).values_list("code", "names"))
    with use_reader(reader):
        head = [
            _("Time"),
            _("Customer"),
            _("Survey"),
            _("Measure"),
            _("Score"),
            _("Lowest"),
            _("Highest"),
            _("Where"),
            _("Reasons"),
            _("Words"),
        ]
    yield b"\xef\xbb\xbf" + _line(head)
    rows = every(chosen.wanted)
    while chunk := list(islice(rows, CHUNK)):
        with use_reader(reader):
            for one in _readable(workspace, chunk, sees=sees):
                answer = one.answer
                name = surveys.get(answer.survey, {}).get(reader.language, answer.survey)
                when = one.at.astimezone(zone).isoformat(timespec="seconds")
                scores = (answer.measure, _plain(answer.value), _plain(answer.low), _plain(answer.high))
                yield _line([when, one.name, name, *scores, one.place, one.reason_line, one.words])


def _plain(value: float | None) -> float | int | str:
    return "" if value is None else int(value) if value.is_integer() else value


def _line(cells: list[Any]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerow([cell(value) for value in cells])
    return buffer.getvalue().encode()
