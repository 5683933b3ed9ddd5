"""A measure by channel, touchpoint, stage, branch or month, as tabs over one table. Called by the views of figures."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from peyvand.core.display import month
from peyvand.core.periods import shifted
from peyvand.desk.pulse.asking import Asked
from peyvand.desk.pulse.tables import SplitRow, split_row, split_rows, split_title
from peyvand.desk.pulse.words import CUTS
from peyvand.insights.board import Board, by_month
from peyvand.insights.pairs import Pair

TABS = ("channel", "touchpoint", "stage", "branch", "month")


@dataclass(frozen=True, slots=True)
class Split:
    """The table: its tabs, its finding, its rows; `few` says that a row rests on few answers."""

    measure: str
    unit: str
    title: str
    cut: str
    tabs: list[dict[str, Any]]
    rows: list[SplitRow]

    @property
    def nps(self) -> bool:
        """Whether the bands are promoters, passives and detractors."""
        return self.measure == "nps"

    @property
    def few(self) -> bool:
        """Whether some row rests on few answers."""
        return any(row.few for row in self.rows)


def split(found: Board, ask: Asked, measure: str) -> Split:
    """The table of a board in the cut that was asked for."""
    cut = ask.by if ask.by in TABS else _telling(found, measure)
    groups = _months(found, ask, measure) if cut == "month" else _terms(found, ask, measure, cut)
    label = str(CUTS[cut])
    title = _("%(what)s by month") % {"what": found.labels[measure]} if cut == "month" else ""
    return Split(
        measure=measure,
        unit=found.labels[measure],
        title=title or split_title(found.labels[measure], label.lower(), groups, found.totals[measure].now),
        cut=label,
        tabs=[{"label": CUTS[tab], "url": f"{ask.query(by=tab)}#split", "current": tab == cut} for tab in TABS],
        rows=[split_row(measure, *group) for group in groups if group[1].now.n] if cut == "month" else split_rows(measure, groups),
    )


def _telling(found: Board, measure: str) -> str:
    """The first cut that has something to tell apart; the first of all where none has."""
    return next((cut for cut in TABS if len(found.cuts.get((measure, cut), ())) > 1), TABS[0])


def _terms(found: Board, ask: Asked, measure: str, cut: str) -> list[tuple[str, Pair, str]]:
    address = reverse("desk:measure", args=[measure])
    groups = found.cuts.get((measure, cut), [])
    return [(term.label, pair, f"{address}?{ask.link(**{cut: term.code})}") for term, pair in groups]


def _months(found: Board, ask: Asked, measure: str) -> list[tuple[str, Pair, str]]:
    address = reverse("desk:answers", args=[measure])
    window = found.window
    groups = []
    for first, pair in by_month(found, measure):
        last = shifted("month", first, 1, window.calendar)
        query = urlencode([*ask.narrowed(), ("since", first.isoformat()), ("until", last.isoformat())])
        groups.append((month(first), pair, f"{address}?{query}"))
    return groups
