"""The chips above figures: span of time, what it is compared with, and filters. Called by the views of figures."""

from typing import Any

from django.utils.translation import gettext_lazy

from peyvand.desk.pulse.asking import FILTERED, Asked
from peyvand.desk.pulse.words import CUTS
from peyvand.insights.board import Board
from peyvand.insights.properties import title_of, value_label
from peyvand.insights.questions import PROPERTY
from peyvand.insights.terms import integers_of, named
from peyvand.insights.windows import AGAINST, LENGTHS

Chip = dict[str, Any]
_LENGTHS = {
    "week": gettext_lazy("This week"),
    "month": gettext_lazy("This month"),
    "quarter": gettext_lazy("Last 90 days"),
    "year": gettext_lazy("This year"),
    "all": gettext_lazy("Everything"),
}
_AGAINST = {"lastyear": gettext_lazy("against last year"), "previous": gettext_lazy("against the time before")}


def chips(found: Board, ask: Asked) -> list[Chip]:
    """Time first, then one chip for each filter that can narrow something, then whatever else is narrowed already."""
    shown = [_time(ask)]
    if ask.length != "all":
        shown.append(_against(ask))
    shown += [chip for cut in FILTERED if (chip := _filter(found, ask, cut))]
    return shown + [_taken(found, ask, cut, code) for cut, code in ask.filters if cut not in FILTERED]


def _time(ask: Asked) -> Chip:
    options = [
        {"label": _LENGTHS[length], "url": ask.query(time=length, against=ask.against), "current": length == ask.length}
        for length in LENGTHS
    ]
    return {"label": _LENGTHS[ask.length], "icon": "calendar", "on": False, "options": options}


def _against(ask: Asked) -> Chip:
    options = [
        {"label": _AGAINST[against], "url": ask.query(time=ask.length, against=against), "current": against == ask.against}
        for against in AGAINST
    ]
    return {"label": _AGAINST[ask.against], "on": False, "options": options}


def _filter(found: Board, ask: Asked, cut: str) -> Chip | None:
    """A list of the groups that have answers; none where there is nothing to choose."""
    chosen = dict(ask.filters).get(cut)
    groups = {term.code: term.label for measure in found.measures for term, _pair in found.cuts.get((measure, cut), ())}
    if chosen is None and len(groups) < 2:
        return None
    if chosen is None:
        ordered = sorted(groups.items(), key=lambda pair: pair[1])
        return {
            "label": str(CUTS[cut]),
            "on": False,
            "options": [{"label": label, "url": ask.query(**{cut: code}), "current": False} for code, label in ordered],
        }
    return _taken(found, ask, cut, chosen)


def _taken(found: Board, ask: Asked, cut: str, code: str) -> Chip:
    """A filter that is on: its name, and the way to take it off."""
    if PROPERTY.match(cut):
        return {"label": f"{title_of(cut, found.workspace)}: {value_label(cut, code)}", "on": True, "url": ask.query(**{cut: None})}
    terms = named(found.workspace.pk, integers_of(found.workspace.pk, cut, [code]))
    return {"label": next((term.label for term in terms.values()), code), "on": True, "url": ask.query(**{cut: None})}
