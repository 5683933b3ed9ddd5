"""The form of a comparison: time and filters of each side, what is chosen as chips, and what each side is called."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from peyvand.core.display import shortday
from peyvand.desk.comparing.asking import OWN, AskedPair, AskedSide
from peyvand.desk.pulse.chips import LENGTH_WORDS, filter_label
from peyvand.desk.pulse.choosing import Choice, amount_unit, amounts_shown, choices, day_text, kept_filters
from peyvand.insights.windows import LENGTHS
from peyvand.workspaces.models import Workspace


@dataclass(frozen=True, slots=True)
class SideForm:
    """One side of the form; `title` is A or B, `told` what it holds in words, `hidden` the filters carried along."""

    title: str
    told: str
    prefix: str
    times: Sequence[dict[str, Any]]
    since: str
    until: str
    chips: Sequence[dict[str, Any]]
    choices: Sequence[Choice]
    amounts: tuple[str, str]
    unit: str
    hidden: Sequence[tuple[str, str]]


def side_forms(asked: AskedPair) -> list[SideForm]:
    """Both sides of the form."""
    return [_form(asked, side, title) for side, title in ((asked.one, pgettext("side", "A")), (asked.other, pgettext("side", "B")))]


def _form(asked: AskedPair, side: AskedSide, title: str) -> SideForm:
    workspace, prefix = asked.workspace, f"{side.name}."
    columns = choices(workspace, side.filters)
    named = {**LENGTH_WORDS, OWN: _("Days of your own")}
    if side is asked.other:
        named = {"previous": _("The time before A"), "lastyear": _("The same a year before A"), **named}
    return SideForm(
        title=title,
        told=side_words(workspace, side),
        prefix=prefix,
        times=[{"value": time, "label": label, "selected": time == side.time} for time, label in named.items()],
        since=day_text(side.days[0]) if side.time == OWN else "",
        until=day_text(side.days[1]) if side.time == OWN else "",
        chips=[
            {"label": filter_label(workspace, cut, code), "on": True, "url": asked.without(side, cut, code)} for cut, code in side.filters
        ],
        choices=columns,
        amounts=amounts_shown(workspace, side.filters),
        unit=amount_unit(workspace),
        hidden=[(f"{prefix}{cut}", code) for cut, code in kept_filters(columns, side.filters)],
    )


def side_words(workspace: Workspace, side: AskedSide) -> str:
    """A side in words: its time and its filters."""
    return " · ".join([_time(side), *(filter_label(workspace, cut, code) for cut, code in side.filters)])


def _time(side: AskedSide) -> str:
    since, until = side.days
    if side.time == OWN:
        if since and until:
            return _("%(first)s to %(last)s") % {"first": shortday(since), "last": shortday(until)}
        return _("since %(day)s") % {"day": shortday(since)} if since else _("up to %(day)s") % {"day": shortday(until)}
    if side.time in LENGTHS:
        return str(LENGTH_WORDS[side.time])
    return _("The time before") if side.time == "previous" else _("The same a year earlier")
