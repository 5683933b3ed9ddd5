"""Which two sets of answers a comparison is asked for in its address, and the addresses of others."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, cast
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from peyvand.core.calendars import DateError, parse_date
from peyvand.core.periods import day_start, local_date
from peyvand.desk.pulse.narrowing import Filters, amount_asked, day_asked, filters_in, one_property
from peyvand.insights.asking import earlier_span
from peyvand.insights.questions import BEGINNING, QuestionError, Span
from peyvand.insights.sides import Side
from peyvand.insights.windows import AGAINST, LENGTHS, Length, end_of, window
from peyvand.workspaces.models import Workspace

OWN: Final = "days"
LONGEST: Final = 60
DAY: Final = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AskedSide:
    """One side: `time` is a length, `days` (its own first and last date), or for the second one previous or lastyear, from the first."""

    name: str
    time: str
    filters: Filters
    span: Span
    days: tuple[dt.date | None, dt.date | None] = (None, None)

    def pairs(self) -> list[tuple[str, str]]:
        """As an address says it."""
        days = zip(("since", "until"), self.days, strict=True)
        own = [(part, day.isoformat()) for part, day in days if day is not None and self.time == OWN]
        return [(f"{self.name}.{name}", text) for name, text in [("time", self.time), *own, *self.filters]]


@dataclass(frozen=True, slots=True)
class AskedPair:
    """Both sides, the earlier day they are looked at from, and what of the address could not be understood."""

    workspace: Workspace
    one: AskedSide
    other: AskedSide
    day: dt.date | None = None
    wrong: Sequence[str] = ()

    @property
    def as_of(self) -> dt.datetime | None:
        """The last moment of the earlier day."""
        return end_of(self.day, ZoneInfo(self.workspace.time_zone)) if self.day else None

    def query(self) -> str:
        """The query of this page's address."""
        day = [("as_of", self.day.isoformat())] if self.day else []
        return urlencode([*self.one.pairs(), *self.other.pairs(), *day])

    def now(self) -> "AskedPair":
        """The same looked at from today."""
        return replace(self, day=None)

    def without(self, side: AskedSide, cut: str, code: str) -> str:
        """The address of the same with one filter of a side taken away."""
        less = replace(side, filters=tuple(pair for pair in side.filters if pair != (cut, code)))
        return f"?{(replace(self, one=less) if side is self.one else replace(self, other=less)).query()}"

    def answers_url(self, side: AskedSide, measure: str) -> str:
        """The answers of a side, one by one."""
        zone = ZoneInfo(self.workspace.time_zone)
        ends = (("since", side.span.since), ("until", side.span.until))
        days = [] if side.span.since == BEGINNING else [(part, local_date(at, zone).isoformat()) for part, at in ends]
        day = [("as_of", self.day.isoformat())] if self.day else []
        return f"{reverse('desk:answers', args=[measure])}?{urlencode([('time', 'all'), *days, *side.filters, *day])}"


def sides_of(asked: AskedPair) -> tuple[Side, Side]:
    """What is to be counted."""
    return Side(asked.one.span, asked.one.filters), Side(asked.other.span, asked.other.filters)


def asked_pair(query: QueryDict, workspace: Workspace) -> AskedPair:
    """Read an address; without a word the last 90 days against those before. What makes no sense is said and read as not said."""
    day, wrong = day_asked(query.get("as_of", ""), workspace)
    one, wrong_one = _side("a", query, workspace, (day, None))
    other, wrong_other = _side("b", query, workspace, (day, one.span))
    return AskedPair(workspace, one, other, day, [*wrong, *wrong_one, *wrong_other])


def _side(name: str, query: QueryDict, workspace: Workspace, known: tuple[dt.date | None, Span | None]) -> tuple[AskedSide, list[str]]:
    """A side; `known` is the earlier day, and the span of the first side where this is the second."""
    day, first = known
    prefix, wrong = f"{name}.", []
    amount, no_amount = amount_asked(query, workspace, prefix)
    given, left_out = filters_in(query, prefix)
    filters, too_many = one_property(given + amount)
    days, no_days = _days(query, prefix)
    time = query.get(f"{prefix}time", "")
    if any(days) and time in ("", OWN):
        time = OWN
    elif time not in LENGTHS and not (time in AGAINST and first is not None):
        time = "quarter" if first is None else "previous"
    try:
        span = _span(time, days, workspace, known)
    except QuestionError:
        wrong = [_("What came before everything cannot be said: choose a length of time for the first side.")]
        time, span = "all", window(workspace, "all", "previous", day).span
    return AskedSide(name, time, filters, span, days), [*no_amount, *left_out, *too_many, *no_days, *wrong]


def _span(time: str, days: tuple[dt.date | None, dt.date | None], workspace: Workspace, known: tuple[dt.date | None, Span | None]) -> Span:
    day, first = known
    if time == OWN:
        zone = ZoneInfo(workspace.time_zone)
        since, last = days
        until = day_start(last + DAY, zone) if last else window(workspace, "all", "previous", day).span.until
        return Span(day_start(since, zone) if since else BEGINNING, until)
    if time in AGAINST and first is not None:
        return earlier_span(workspace, first, time)
    return window(workspace, cast("Length", time), "previous", day).span


def _days(query: QueryDict, prefix: str) -> tuple[tuple[dt.date | None, dt.date | None], list[str]]:
    """The first and last date of a side in either calendar, and what is wrong with them."""
    found: list[dt.date | None] = []
    for part in ("since", "until"):
        text = query.get(f"{prefix}{part}", "").strip()[:LONGEST]
        try:
            found.append(parse_date(text, "auto") if text else None)
        except DateError as error:
            return (None, None), [str(error)]
    if found[0] and found[1] and found[0] > found[1]:
        return (None, None), [_("The last day of a side lies before its first; the days are left out.")]
    return (found[0], found[1]), []
