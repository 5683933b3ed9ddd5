"""From words to a question: dates, cuts and filters as a person or a program writes them. Called by the command and the API."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import cast
from zoneinfo import ZoneInfo

from django.utils.translation import override

from peyvand.core import clock
from peyvand.core.calendars import Calendar, DateError, parse_date, parse_datetime
from peyvand.core.periods import day_start, local_date
from peyvand.insights.codes import unknown_codes, unknown_property
from peyvand.insights.questions import BEGINNING, END, SHARED, Question, QuestionError, Span, UnknownCodeError, cut_of
from peyvand.insights.terms import look_up, measures_met
from peyvand.insights.windows import AGAINST, year_before
from peyvand.measures import MEASURES, Scale
from peyvand.measures.intervals import LEVEL
from peyvand.workspaces.models import Workspace

DAY = dt.timedelta(days=1)
MOST_FILTERS = 50
LONGEST_FILTER = 300
MOST_CERTAIN = 0.999999  # nearer to 1 the normal distribution ends in rounding errors


def question(
    workspace: Workspace,
    measure: str,
    *,
    by: Iterable[str] = (),
    since: str = "",
    until: str = "",
    filters: Sequence[tuple[str, str]] = (),
    scale: Scale | None = None,
    level: float = LEVEL,
    as_of: str = "",
    compare: str = "",
) -> Question:
    """A question from texts. Raises QuestionError naming the part that cannot be understood.

    `since` and `until` are moments with an offset, or dates of either calendar: whole days of the workspace, both included.
    `compare` puts an earlier span beside it: `previous`, as long and just before, `lastyear`, the same dates a year earlier, or
    two dates with `..` between them.
    """
    met = {term.code for term in measures_met(workspace.pk)}
    if measure not in met and measure not in MEASURES:
        raise QuestionError("measure", f"'{measure[:60]}' is none of {', '.join(sorted(met | set(MEASURES)))}")
    if not 0 < level <= MOST_CERTAIN:
        raise QuestionError("level", f"a confidence level lies above 0 and goes up to {MOST_CERTAIN}, not to {level}")
    asked = Question(workspace=workspace, measure=measure, by=tuple(by), filters=tuple(filters), scale=scale, level=level)
    _check_codes(asked)
    span = Span(_moment(workspace, "since", since, BEGINNING), _moment(workspace, "until", until, END, through=True))
    if compare and span.until == END:
        span = Span(span.since, day_start(clock.today(ZoneInfo(workspace.time_zone)) + DAY, ZoneInfo(workspace.time_zone)))
    return replace(
        asked,
        span=span,
        before=earlier_span(workspace, span, compare) if compare else None,
        as_of=_known_by(workspace, as_of) if as_of else None,
    )


def _check_codes(asked: Question) -> None:
    """Refuse what would only look like a figure of no answers. Raises UnknownCodeError."""
    wanted: dict[str, list[str]] = {"measure": [asked.measure]}
    for name, code in asked.filters:
        if (cut := cut_of(name)) in SHARED:
            wanted.setdefault(cut, []).append(code)
    look_up(asked.workspace.pk, wanted)
    for unknown in unknown_codes(asked.workspace, asked.filters):
        raise UnknownCodeError("where", str(unknown))
    for unknown in (one for cut in asked.by for one in unknown_property(asked.workspace, cut)):
        raise UnknownCodeError("by", str(unknown))


def earlier_span(workspace: Workspace, span: Span, compare: str) -> Span:
    """The span that another is compared with. Raises QuestionError."""
    first, dots, last = compare.partition("..")
    if compare not in AGAINST and not dots:
        raise QuestionError("compare", f"'{compare[:60]}' is none of {', '.join(AGAINST)}, nor two dates such as 1404-01-01..1404-06-31")
    if span.since == BEGINNING:
        raise QuestionError("compare", "needs a beginning: give since too")
    if span.since >= span.until:
        raise QuestionError("since", "is not before until")
    if dots:
        return _span_before(workspace, span, first.strip(), last.strip())
    zone, calendar = ZoneInfo(workspace.time_zone), cast("Calendar", workspace.calendar)
    days = tuple(local_date(at, zone) for at in (span.since, span.until))
    rests = tuple(at - day_start(day, zone) for at, day in zip((span.since, span.until), days, strict=True))
    if compare == "lastyear":
        since, until = (day_start(year_before(day, calendar), zone) + rest for day, rest in zip(days, rests, strict=True))
        return Span(since, until)
    if any(rests):
        return Span(span.since - (span.until - span.since), span.since)
    return Span(day_start(days[0] - (days[1] - days[0]), zone), span.since)


def _span_before(workspace: Workspace, span: Span, first: str, last: str) -> Span:
    """The span between two texts, which ends where the other one begins or earlier: no answer stands on both sides."""
    before = Span(_moment(workspace, "compare", first, BEGINNING), _moment(workspace, "compare", last, span.since, through=True))
    if before.since >= before.until:
        raise QuestionError("compare", "does not begin before it ends")
    if before.until > span.since:
        raise QuestionError("compare", "ends after since: the earlier time stands here, the later one in since and until")
    return before


def _moment(workspace: Workspace, part: str, text: str, usual: dt.datetime, *, through: bool = False) -> dt.datetime:
    """The moment a text means; with `through`, a date means the end of its day."""
    if not text:
        return usual
    zone, calendar = ZoneInfo(workspace.time_zone), cast("Calendar", workspace.calendar)
    try:
        with override("en"):  # what is wrong is said to programs and on the command line, like the rest of the sentence
            if ":" in text:
                return parse_datetime(text, zone, "auto").astimezone(dt.UTC)
            day = parse_date(text, "auto")
    except DateError as error:
        raise QuestionError(part, f"{error} Write a date such as {'1405-08-01' if calendar == 'jalali' else '2026-10-23'}.") from None
    return day_start(day + DAY if through else day, zone)


def _known_by(workspace: Workspace, text: str) -> dt.datetime:
    """The moment a text means, of a date the end of its day."""
    moment = _moment(workspace, "as_of", text, END, through=True)
    return moment if ":" in text else moment - dt.timedelta(microseconds=1)


def filters_of(texts: Iterable[str]) -> list[tuple[str, str]]:
    """Filters written as channel=sms, channel!=sms or order.delivered:late=true."""
    found = []
    for number, text in enumerate(texts):
        if number >= MOST_FILTERS or len(text) > LONGEST_FILTER:
            raise QuestionError("filters", f"at most {MOST_FILTERS} of {LONGEST_FILTER} letters each can be asked for")
        name, equals, code = (part.strip() for part in text.partition("="))
        if not equals or not code:
            raise QuestionError("filters", f"'{text[:60]}' is not written as cut=code, for example channel=sms")
        found.append((name, code))
    return found
