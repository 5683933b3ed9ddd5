"""One figure by any cut, properties of other interactions included: the table of a figure's page."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from peyvand.core.display import signed
from peyvand.core.pictures import Tone
from peyvand.desk.pulse.asking import Asked
from peyvand.desk.pulse.contrast import Contrast, contrast
from peyvand.desk.pulse.tables import SplitRow, split_row
from peyvand.desk.pulse.words import CUTS, decimals, tone_of
from peyvand.insights.board import Board, CutGroup, groups_of
from peyvand.insights.pairs import together
from peyvand.insights.properties import property_cuts
from peyvand.insights.questions import ANY, PROPERTY

FIRST = ("channel", "touchpoint", "stage", "branch", "product")
REST = ("department", "employee", "company", "item", "kind", "subject", "device", "language", "source", "import")
MOST = 200


@dataclass(frozen=True, slots=True)
class CutRow:
    """One group: shares and figure, and its change where something is compared."""

    row: SplitRow
    difference: SafeString | None
    tone: Tone


@dataclass(frozen=True, slots=True)
class CutTable:
    """A figure by one cut, with tabs of the usual ones and a chip of the rest; the last row is all of them together."""

    title: str
    unit: str
    nps: bool
    tabs: list[dict[str, Any]]
    more: dict[str, Any]
    rows: list[CutRow]
    compared: bool
    contrast: Contrast | None

    @property
    def few(self) -> bool:
        """Whether some row rests on few answers."""
        return any(one.row.few for one in self.rows)


def cut_table(found: Board, ask: Asked, measure: str, *, sees: bool) -> CutTable:
    """The table in the cut that was asked for, the groups with most answers first; `sees` says whether its reader sees contacts."""
    rest = {**{cut: str(CUTS[cut]) for cut in REST}, **{told.key: told.title for told in property_cuts(found.workspace)}}
    names = {**{cut: str(CUTS[cut]) for cut in FIRST}, **rest}
    cut = ask.by if ask.by in names else "channel"
    groups = sorted((group for group in groups_of(found, measure, cut, sees=sees) if group.pair.n), key=lambda group: -group.pair.n)
    rows = [_row(measure, cut, group, ask) for group in groups[:MOST]]
    return CutTable(
        title=names[cut],
        unit=found.labels[measure],
        nps=measure == "nps",
        tabs=[_option(ask, key, names[key], cut) for key in FIRST],
        more={
            "label": names[cut] if cut in rest else _("More cuts"),
            "on": cut in rest,
            "options": [_option(ask, key, label, cut) for key, label in rest.items()],
        },
        rows=[*rows, _total(found, measure, cut, groups, ask)] if len(groups) > 1 else rows,
        compared=found.window.before is not None,
        contrast=contrast(measure, groups[:MOST], ask.groups, ask.kept(by=cut)),
    )


def _option(ask: Asked, key: str, label: str, cut: str) -> dict[str, Any]:
    return {"label": label, "url": f"{ask.query(by=key)}#cuts", "current": key == cut}


def _total(found: Board, measure: str, cut: str, groups: list[CutGroup], ask: Asked) -> CutRow:
    """All answers that fall into some group: where the cut is of another interaction, those that have one."""
    every = together(group.pair for group in groups)
    if PROPERTY.match(cut):
        return _row(measure, cut, CutGroup(ANY, _("All of these"), every), ask)
    # answers that belong to no group cannot be left out of a list, so only a total of everything opens
    address = _answers(measure, ask) if every.n == found.totals[measure].n else ""
    return _row(measure, cut, CutGroup("", _("All of these"), every), ask, address)


def _answers(measure: str, ask: Asked, **more: str) -> str:
    return f"{reverse('desk:answers', args=[measure])}?{ask.link(**more)}"


def _row(measure: str, cut: str, group: CutGroup, ask: Asked, address: str = "") -> CutRow:
    address = _answers(measure, ask, **{cut: group.code}) if group.code and not group.masked else address
    change = group.pair.change
    return CutRow(
        row=split_row(measure, group.label, group.pair, address),
        difference=signed(change.difference, decimals(measure)) if change else None,
        tone=tone_of(change.difference, sure=change.beyond_noise and not change.small) if change else "",
    )
