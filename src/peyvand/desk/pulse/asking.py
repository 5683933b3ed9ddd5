"""What a page of figures was asked for in its address, and the addresses of the same page asked otherwise."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import NoReverseMatch, reverse

from peyvand.core.calendars import GREGORIAN_YEARS
from peyvand.insights.board import usual_length
from peyvand.insights.questions import ITEM, PROPERTY, TERMS
from peyvand.insights.windows import AGAINST, LENGTHS, Against, Length, Window, window
from peyvand.workspaces.models import Workspace

MOST_FILTERS = 6
FILTERED = ("channel", "touchpoint", "stage", "branch")


@dataclass(frozen=True, slots=True)
class Asked:
    """Length and comparison of time, filters as (cut, code) pairs, the cut of the table."""

    length: Length
    against: Against
    filters: tuple[tuple[str, str], ...] = ()
    by: str = ""
    usual: bool = True  # nothing but the usual was asked for
    rest: Mapping[str, str] = field(default_factory=dict)
    groups: tuple[str, str] = ("", "")  # two groups of the cut to be compared with each other

    def window(self, workspace: Workspace) -> Window:
        """The span of time it means."""
        return window(workspace, self.length, self.against)

    def query(self, **changes: str | None) -> str:
        """The query of an address: this one with changes; None takes a part away."""
        parts: dict[str, str] = {} if self.usual else {"time": self.length, "against": self.against}
        parts |= dict(self.filters)
        if self.by:
            parts["by"] = self.by
        parts |= self.rest
        for name, value in changes.items():
            parts.pop(name, None)
            if value is not None:
                parts[name] = value
        return f"?{urlencode(parts)}" if parts else "?"

    def kept(self) -> dict[str, str]:
        """What another page of figures must know to look at the same answers."""
        return {"time": self.length, "against": self.against, **dict(self.filters)}


def asked(query: QueryDict, workspace: Workspace) -> Asked:
    """Read an address; whatever makes no sense in it is read as not said."""
    length, against = query.get("time", ""), query.get("against", "")
    usual = length not in LENGTHS
    return Asked(
        length=usual_length(workspace) if usual else cast("Length", length),
        against=against if against in AGAINST else "lastyear",
        filters=_filters(query),
        by=query.get("by", "") if query.get("by", "") in (*TERMS, "month", ITEM) or PROPERTY.match(query.get("by", "")) else "",
        usual=usual and against not in AGAINST,
        groups=(query.get("one", "")[:120], query.get("other", "")[:120]),
    )


def _filters(query: QueryDict) -> tuple[tuple[str, str], ...]:
    named = [(name, str(code)[:120]) for name, code in query.items() if name in (*TERMS, ITEM) or PROPERTY.match(name)]
    return tuple((name, code) for name, code in named if code)[:MOST_FILTERS]


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
