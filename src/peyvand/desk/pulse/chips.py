"""The chips above figures: span of time, what it is compared with, and filters. Called by the views of figures."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peyvand.core.display import money, shortday
from peyvand.desk.pulse.asking import FILTERED, Asked
from peyvand.desk.pulse.words import CUTS
from peyvand.insights.amounts import AMOUNT, MOST, amount_range
from peyvand.insights.board import Board
from peyvand.insights.properties import title_of, value_label
from peyvand.insights.questions import PROPERTY, cut_of, leaves_out
from peyvand.insights.terms import integers_of, named_by
from peyvand.insights.windows import AGAINST, LENGTHS
from peyvand.workspaces.models import Workspace

Chip = dict[str, Any]
LENGTH_WORDS = {
    "week": gettext_lazy("This week"),
    "month": gettext_lazy("This month"),
    "quarter": gettext_lazy("Last 90 days"),
    "year": gettext_lazy("This year"),
    "all": gettext_lazy("Everything"),
}
_AGAINST = {"lastyear": gettext_lazy("against last year"), "previous": gettext_lazy("against the time before")}


def chips(found: Board, ask: Asked) -> list[Chip]:
    """Time first, then what is chosen, each to be taken away, then one chip for each usual filter that can narrow something."""
    shown = [_time(ask)]
    if ask.length != "all":
        shown.append(_against(ask))
    if ask.as_of is not None:
        shown.append({"label": _("As of %(day)s") % {"day": shortday(ask.as_of)}, "on": True, "url": ask.query(as_of=None)})
    shown += [{"label": filter_label(found.workspace, cut, code), "on": True, "url": ask.without(cut, code)} for cut, code in ask.filters]
    return shown + [chip for cut in FILTERED if (chip := _filter(found, ask, cut))]


def filter_label(workspace: Workspace, cut: str, code: str) -> str:
    """A filter as its chip says it: the name of a term, all but it, a range of amounts, a property and its value."""
    if cut == AMOUNT:
        low, high = (money(end, workspace.currency) if 0 < end < MOST else "" for end in amount_range(code))
        if low and high:
            return _("%(low)s to %(high)s paid") % {"low": low, "high": high}
        return _("%(low)s or more paid") % {"low": low} if low else _("%(high)s or less paid") % {"high": high}
    if PROPERTY.match(cut):
        return f"{title_of(cut, workspace)}: {value_label(cut, code)}"
    return _term_label(workspace, cut_of(cut), code, all_but=leaves_out(cut))


def _term_label(workspace: Workspace, cut: str, code: str, *, all_but: bool) -> str:
    terms = named_by(workspace.pk, cut, integers_of(workspace.pk, cut, [code]))
    parts = {"cut": str(CUTS[cut]), "group": next((term.label for term in terms.values()), code)}
    if cut in FILTERED:
        return _("All but %(group)s") % parts if all_but else parts["group"]
    return _("%(cut)s: all but %(group)s") % parts if all_but else f"{parts['cut']}: {parts['group']}"


def _time(ask: Asked) -> Chip:
    options = [
        {"label": LENGTH_WORDS[length], "url": ask.query(time=length, against=ask.against), "current": length == ask.length}
        for length in LENGTHS
    ]
    return {"label": LENGTH_WORDS[ask.length], "icon": "calendar", "on": False, "options": options}


def _against(ask: Asked) -> Chip:
    options = [
        {"label": _AGAINST[against], "url": ask.query(time=ask.length, against=against), "current": against == ask.against}
        for against in AGAINST
    ]
    return {"label": _AGAINST[ask.against], "on": False, "options": options}


def _filter(found: Board, ask: Asked, cut: str) -> Chip | None:
    """A list of the groups that have answers; none where there is nothing to choose, or it is chosen."""
    groups = {term.code: term.label for measure in found.measures for term, _pair in found.cuts.get((measure, cut), ())}
    if len(groups) < 2 or any(cut == cut_of(chosen) for chosen, _code in ask.filters):
        return None
    ordered = sorted(groups.items(), key=lambda pair: pair[1])
    return {
        "label": str(CUTS[cut]),
        "on": False,
        "options": [{"label": label, "url": ask.query(**{cut: code}), "current": False} for code, label in ordered],
    }
