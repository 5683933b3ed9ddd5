"""Question: what is asked of the lake, by the command, the API and every screen alike; checked here, answered in queries."""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from peyvand.insights.amounts import AMOUNT, amount_range
from peyvand.measures import MEASURES, Measure, Scale, perception
from peyvand.measures.intervals import LEVEL
from peyvand.workspaces.models import Workspace

TERMS: Final = (
    *("channel", "touchpoint", "stage", "product", "branch", "department", "employee", "company"),
    *("device", "language", "kind", "source", "subject"),
)
PERIODS: Final = ("day", "week", "month", "quarter", "year")
ITEM: Final = "item"
IMPORT: Final = "import"
SHARED: Final = (*TERMS, ITEM, IMPORT)  # what every answer may be cut and filtered by
NOT: Final = "!"  # ends the name of a filter, so that an address reads branch!=…: all but that branch, answers of no branch among them
FILTERS: Final = (*SHARED, *(f"{cut}{NOT}" for cut in SHARED))
PROPERTY: Final = re.compile(r"^(?P<kind>[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*):(?P<name>[\w-]{1,60})$")
BEGINNING: Final = dt.datetime(1900, 1, 1, tzinfo=dt.UTC)
END: Final = dt.datetime(2900, 1, 1, tzinfo=dt.UTC)
MOST_CUTS: Final = 3
ANY: Final = "*"  # a filter by a property of another interaction with this code asks only that there is such an interaction


class QuestionError(ValueError):
    """A question that cannot be asked: which part of it, and why."""

    def __init__(self, part: str, reason: str) -> None:
        super().__init__(f"{part}: {reason}")
        self.part = part
        self.reason = reason


class UnknownCodeError(QuestionError):
    """A question that can be asked but names a code nothing bears: its answer would be empty and look like a figure."""


@dataclass(frozen=True, slots=True)
class Span:
    """From a moment up to but without another, both aware."""

    since: dt.datetime = BEGINNING
    until: dt.datetime = END


ALWAYS: Final = Span()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One measure of one workspace, cut, filtered, over a span, perhaps beside an earlier span.

    `by` names the cuts: a shared column, `item`, `import`, a period, or a property of another interaction of the same subject
    (`order.delivered:late`), which keeps only answers whose subject has such an interaction. `filters` are (cut, code)
    pairs of the same words, periods aside, or (amount, a range of what was paid); codes of one cut are alternatives, `*`
    is any value of a property. A shared column with `!` behind it leaves its codes out; what has no value there stays in.
    `as_of` leaves out what was recorded later.
    """

    workspace: Workspace
    measure: str
    by: tuple[str, ...] = ()
    span: Span = ALWAYS
    before: Span | None = None
    filters: tuple[tuple[str, str], ...] = ()
    scale: Scale | None = None
    level: float = LEVEL
    as_of: dt.datetime | None = None

    def __post_init__(self) -> None:
        for name in self.by:
            _check_cut(name, "by")
        for name, code in self.filters:
            _check_filter(name, code)
        if len(self.by) > MOST_CUTS:
            raise QuestionError("by", f"names {len(self.by)} cuts; at most {MOST_CUTS} are allowed")
        if len({name for name in self._cuts() if PROPERTY.match(name)}) > 1:
            raise QuestionError("by", "names two properties of other interactions; one is allowed")
        if len([name for name in self.by if name in PERIODS]) > 1:
            raise QuestionError("by", "names two periods; one is allowed")
        if self.span.since >= self.span.until:
            raise QuestionError("since", "is not before until")

    def _cuts(self) -> tuple[str, ...]:
        return (*self.by, *(name for name, _code in self.filters))

    @property
    def property_cut(self) -> tuple[str, str] | None:
        """Kind and name of the property of another interaction that it is cut or filtered by."""
        return property_of(self._cuts())


def property_of(names: Iterable[str]) -> tuple[str, str] | None:
    """Kind and name of the first of these cuts or filters that is a property of another interaction."""
    found = next((match for name in names if (match := PROPERTY.match(name))), None)
    return (found["kind"], found["name"]) if found else None


def _check_filter(name: str, code: str) -> None:
    if name == AMOUNT:
        try:
            amount_range(code)
        except ValueError as error:
            raise QuestionError("filters", f"{AMOUNT}: {error}") from None
        return
    if name not in FILTERS:
        _check_cut(name, "filters")
    if name in PERIODS:
        raise QuestionError("filters", f"'{name}' is a period; use since and until")


def _check_cut(name: str, part: str) -> None:
    if name not in SHARED and name not in PERIODS and not PROPERTY.match(name):
        known = ", ".join((*SHARED, *PERIODS))
        raise QuestionError(part, f"'{name[:60]}' is none of {known}, nor a property such as order.delivered:late")


def leaves_out(name: str) -> bool:
    """Whether a filter of this name leaves its codes out."""
    return name.endswith(NOT)


def cut_of(name: str) -> str:
    """The cut that a filter of this name is about."""
    return name.removesuffix(NOT)


def column_of(cut: str) -> str:
    """The column of the lake that tells a cut."""
    return {IMPORT: "batch", "subject": "subject_type"}.get(cut, cut)


def measure_named(code: str) -> Measure:
    """The measure of this code; one the registry does not know is read as a mean on its own scale."""
    return MEASURES.get(code) or Measure(code, code, "mean", perception.RATING_SCALE, perception.rating)
