"""Words of figures: what a measure is called in a sentence, how a change is said, what spans of time are called."""

from collections.abc import Sequence
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from peyvand.core.display import num, percent
from peyvand.core.pictures import Change, Tone
from peyvand.insights.codes import unknown_codes
from peyvand.insights.moves import Move
from peyvand.insights.questions import measure_named
from peyvand.insights.windows import Window
from peyvand.measures import Comparison
from peyvand.workspaces.models import Workspace

_ALONE: Final[dict[str, str | Promise]] = {
    "nps": gettext_lazy("NPS"),
    "csat": gettext_lazy("Satisfaction"),
    "ces": gettext_lazy("Ease"),
    "rating": gettext_lazy("The mean rating"),
}
_OF: Final[dict[str, str | Promise]] = {
    "nps": gettext_lazy("NPS of “%(group)s”"),
    "csat": gettext_lazy("Satisfaction with “%(group)s”"),
    "ces": gettext_lazy("Ease of “%(group)s”"),
    "rating": gettext_lazy("The mean rating of “%(group)s”"),
}
_DURING: Final[dict[str, str | Promise]] = {
    "week": gettext_lazy("this week"),
    "month": gettext_lazy("this month"),
    "quarter": gettext_lazy("in the last 90 days"),
    "year": gettext_lazy("this year"),
    "all": gettext_lazy("so far"),
}
_THEN: Final[dict[tuple[str, str], str | Promise]] = {
    ("week", "lastyear"): gettext_lazy("the same week last year"),
    ("week", "previous"): gettext_lazy("last week"),
    ("month", "lastyear"): gettext_lazy("this month last year"),
    ("month", "previous"): gettext_lazy("last month"),
    ("quarter", "lastyear"): gettext_lazy("the same 90 days last year"),
    ("quarter", "previous"): gettext_lazy("the 90 days before"),
    ("year", "lastyear"): gettext_lazy("last year"),
    ("year", "previous"): gettext_lazy("last year"),
}
_WAS: Final[dict[str, str | Promise]] = {"lastyear": gettext_lazy("last year"), "previous": gettext_lazy("before")}
CUTS: Final[dict[str, str | Promise]] = {
    "channel": gettext_lazy("Channel"),
    "touchpoint": gettext_lazy("Touchpoint"),
    "stage": gettext_lazy("Stage"),
    "branch": gettext_lazy("Branch"),
    "product": gettext_lazy("Product"),
    "department": gettext_lazy("Department"),
    "employee": gettext_lazy("Employee"),
    "company": gettext_lazy("Company"),
    "device": gettext_lazy("Device"),
    "language": gettext_lazy("Language"),
    "kind": gettext_lazy("Kind of interaction"),
    "subject": gettext_lazy("Subject"),
    "source": gettext_lazy("Source"),
    "import": gettext_lazy("Imported file"),
    "item": gettext_lazy("Question"),
    "month": gettext_lazy("Month"),
}


def short_name(measure: str, label: str) -> str:
    """A measure as a sentence begins with it."""
    return str(_ALONE.get(measure, label))


def what_moved(move: Move, label: str) -> str:
    """What a move is about: a measure, or a measure of one group."""
    return short_name(move.measure, label) if move.term is None else of_group(move.measure, label, move.term.label)


def of_group(measure: str, label: str, group: str) -> str:
    """A measure of one group as a sentence begins with it."""
    of = _OF.get(measure)
    return str(of) % {"group": group} if of else f"{label}, {group}"


def unknown_told(workspace: Workspace, filters: Sequence[tuple[str, str]]) -> list[str]:
    """Each filter whose code nothing bears, as a sentence, so that what it shows is not taken for a narrowed figure."""
    told = []
    for one in unknown_codes(workspace, filters):
        what = {"cut": str(CUTS.get(one.cut, one.cut)), "code": f"\u2068{one.code[:60]}\u2069"}
        if one.left_out:
            told.append(_("The filter “%(cut)s” leaves out “%(code)s”, which does not exist here; so it leaves nothing out.") % what)
        else:
            told.append(_("The filter “%(cut)s” names “%(code)s”, which does not exist here; so no answer meets it.") % what)
    return told


def during(window: Window) -> str:
    """The span of time in a sentence: this week."""
    return str(_DURING[window.length])


def compared_with(window: Window) -> str:
    """The earlier span in a sentence: the same week last year."""
    return str(_THEN.get((window.length, window.against), ""))


def was_label(window: Window) -> str:
    """The earlier span beside a small figure: last year."""
    return str(_WAS[window.against])


def decimals(measure: str) -> int:
    """How many decimals its figures are shown with."""
    return {"points": 0, "percent": 0}.get(measure_named(measure).unit, 1 if measure != "rating" else 2)


def value_text(measure: str, value: float | None) -> str:
    """A figure as a text alone: 42, 71%, 5.6."""
    if measure_named(measure).unit == "percent":
        return percent(value)
    return num(value, decimals(measure))


def turn_text(measure: str, difference: float) -> str:
    """A change in words: 5 points lower."""
    size = num(abs(difference), decimals(measure))
    if measure_named(measure).unit == "mean":
        text = _("%(size)s higher") if difference > 0 else _("%(size)s lower")
        return text % {"size": size}
    count = round(abs(difference))
    if difference > 0:
        return ngettext("%(size)s point higher", "%(size)s points higher", count) % {"size": size}
    return ngettext("%(size)s point lower", "%(size)s points lower", count) % {"size": size}


def _alone(measure: str, difference: float) -> str:
    """A change under its figure, where the figure's name is not part of the sentence."""
    if measure != "ces":
        return turn_text(measure, difference)
    size = num(abs(difference), decimals(measure))
    return (_("%(size)s easier") if difference > 0 else _("%(size)s harder")) % {"size": size}


def tone_of(difference: float | None, *, sure: bool = True) -> Tone:
    """Good or bad where a change is beyond noise; of every measure here more is better."""
    if not sure or not difference:
        return ""
    return "good" if difference > 0 else "bad"


def change_of(measure: str, comparison: Comparison | None) -> Change | None:
    """The change under a figure: coloured and with an arrow only beyond noise, and where neither side has few answers."""
    if comparison is None or comparison.difference is None:
        return None
    if comparison.small:
        return Change(text=_("%(turn)s, from few answers") % {"turn": _alone(measure, comparison.difference)})
    if not comparison.beyond_noise:
        if not round(comparison.difference, decimals(measure)):
            return Change(text=_("unchanged"))
        return Change(text=_("%(turn)s, within noise") % {"turn": _alone(measure, comparison.difference)})
    up = comparison.difference > 0
    return Change(text=_alone(measure, comparison.difference), way="up" if up else "down", tone="good" if up else "bad")
