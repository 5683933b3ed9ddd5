"""What a page of figures was asked for in its address, and the addresses of the same page asked otherwise."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import NoReverseMatch, reverse

from peyvand.core.calendars import GREGORIAN_YEARS
from peyvand.desk.pulse.narrowing import Filters, amount_asked, day_asked, filters_in, one_property
from peyvand.insights.board import usual_length
from peyvand.insights.questions import PROPERTY, SHARED
from peyvand.insights.windows import AGAINST, LENGTHS, Against, Length, Window, window
from peyvand.workspaces.models import Workspace

FILTERED = ("channel", "touchpoint", "stage", "branch")


@dataclass(frozen=True, slots=True)
class Asked:
    """Length and comparison of time, filters as (cut, code) pairs, the cut of the table; `as_of`: an earlier day to look from.

    `wrong` says in sentences what of the address could not be understood.
    """

    length: Length
    against: Against
    filters: Filters = ()
    by: str = ""
    usual: bool = True  # nothing but the usual was asked for
    groups: tuple[str, str] = ("", "")  # two groups of the cut to be compared with each other
    as_of: dt.date | None = None
    wrong: Sequence[str] = ()

    def window(self, workspace: Workspace) -> Window:
        """The span of time it means."""
        return window(workspace, self.length, self.against, self.as_of)

    def query(self, **changes: str | None) -> str:
        """The query of an address: this one with changes; None takes a part away."""
        pairs: list[tuple[str, str]] = [] if self.usual else [("time", self.length), ("against", self.against)]
        pairs += [*self.narrowed(), *([("by", self.by)] if self.by else [])]
        query = urlencode(_changed(pairs, changes))
        return f"?{query}" if query else "?"

    def without(self, cut: str, code: str) -> str:
        """The same with one filter taken away."""
        return replace(self, filters=tuple(pair for pair in self.filters if pair != (cut, code))).query()

    def kept(self, **more: str) -> list[tuple[str, str]]:
        """What another page of figures must know to look at the same answers, or at some of them."""
        return _changed([("time", self.length), ("against", self.against), *self.narrowed()], more)

    def link(self, **more: str) -> str:
        """The same as the query of an address, without its question mark."""
        return urlencode(self.kept(**more))

    def narrowed(self) -> list[tuple[str, str]]:
        """What leaves answers out, whatever the time."""
        return [*self.filters, *([("as_of", self.as_of.isoformat())] if self.as_of else [])]


def _changed(pairs: Sequence[tuple[str, str]], changes: Mapping[str, str | None]) -> list[tuple[str, str]]:
    kept = [pair for pair in pairs if pair[0] not in changes]
    return [*kept, *((name, value) for name, value in changes.items() if value is not None)]


def asked(query: QueryDict, workspace: Workspace) -> Asked:
    """Read an address; whatever makes no sense in it is read as not said."""
    length, against = query.get("time", ""), query.get("against", "")
    usual = length not in LENGTHS
    as_of, no_day = day_asked(query.get("as_of", ""), workspace)
    amount, no_amount = amount_asked(query, workspace)
    given, left_out = filters_in(query)
    filters, too_many = one_property(given + amount)
    by, other_cut = _by(query.get("by", ""), filters)
    return Asked(
        length=usual_length(workspace, as_of) if usual else cast("Length", length),
        against=against if against in AGAINST else "lastyear",
        filters=filters,
        by=by,
        usual=usual and against not in AGAINST,
        groups=(query.get("one", "")[:120], query.get("other", "")[:120]),
        as_of=as_of,
        wrong=[*no_day, *no_amount, *left_out, *(too_many or other_cut)],
    )


def _by(text: str, filters: Filters) -> tuple[str, list[str]]:
    """The cut of the table; one by another property than the answers are filtered by is refused in a sentence."""
    if not PROPERTY.match(text):
        return (text if text in (*SHARED, "month") else ""), []
    _kept, wrong = one_property((*filters, (text, "")))
    return ("" if wrong else text), wrong


def address(name: str, *args: object) -> str:
    """The address of a page; empty where this installation has no such page."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def day_in(text: str) -> dt.date | None:
    """An ISO date of an address, None for anything else."""
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in GREGORIAN_YEARS else None  # others begin before, or end after, all moments there are
