"""The pictures of Pulse and of a figure's page: key figures, trend and distribution. Called by views/pulse.py."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peyvand.core.calendars import date_parts
from peyvand.core.display import digits, month, num, shortday
from peyvand.core.periods import shifted
from peyvand.core.pictures import Chart, Ends, Figure, Series, range_on
from peyvand.core.reader import active_reader
from peyvand.desk.pulse.asking import Asked
from peyvand.desk.pulse.words import change_of, compared_with, decimals, during, of_group, short_name, turn_text, value_text, was_label
from peyvand.insights.board import Board
from peyvand.insights.pairs import Pair
from peyvand.insights.questions import measure_named
from peyvand.insights.windows import Axis
from peyvand.measures import Distribution, Scale
from peyvand.measures.estimates import SMALL, Estimate


def percent_sign() -> str:
    """The sign after a share, as the reader writes it."""
    return "٪" if active_reader().rtl else "%"


def ends_of(measure: str, scale: Scale) -> Ends:
    """The ends of a figure's track."""
    return Ends(*measure_named(measure).bounds(scale))


def key_figure(found: Board, measure: str, url: str) -> Figure:
    """One key figure with its interval, what it was, and what changed."""
    pair = found.totals[measure]
    return figure_of(measure, found.labels[measure], pair, url=url, was=was_label(found.window))


def figure_of(measure: str, label: str, pair: Pair, *, url: str = "", was: str = "") -> Figure:
    """A figure drawn from an estimate now and then."""
    now, then, places = pair.now, pair.then, decimals(measure)
    spread = None
    if now.value is not None and now.low is not None and now.high is not None:
        before = then.value if then else None
        spread = range_on(ends_of(measure, now.scale), now.value, (now.low, now.high), before)
    unit = {"percent": percent_sign(), "mean": _("of %(top)s") % {"top": num(now.scale[1])}}
    return Figure(
        label=label,
        value=num(now.value, places),
        unit="" if now.value is None else unit.get(measure_named(measure).unit, ""),
        url=url,
        n=now.n,
        change=change_of(measure, pair.change),
        low=None if now.low is None else num(now.low, places),
        high=None if now.high is None else num(now.high, places),
        was=num(then.value, places) if then and then.value is not None else None,
        was_label=was,
        range=spread,
    )


@dataclass(frozen=True, slots=True)
class Group:
    """One group drawn beside all answers: its name, its board, its figures now and then, what its answers are filtered by."""

    name: str
    board: Board
    pair: Pair
    filters: Mapping[str, str]


def trend_chart(found: Board, measure: str, ask: Asked, group: Group | None = None) -> Chart:
    """The trend of a measure, with the same time a year earlier as its ghost; a group comes first and has the ghost.
    Each point opens the answers under it.
    """
    name = short_name(measure, found.labels[measure])
    line = found.trend(measure)
    first, seen = (name, found) if group is None else (group.name, group.board)
    series = [_series(first, seen.trend(measure), _under(found, measure, ask, group.filters if group else {}))]
    if group is not None:
        series.append(_series(_("All answers"), line, _under(found, measure, ask, {})))
    ghost = seen.ghost(measure)
    if any(estimate.n for estimate in ghost):
        series.append(
            Series(
                name=_("A year earlier") if group is None else _("%(what)s, a year earlier") % {"what": first},
                values=_values(ghost),
                ghost=True,
            )
        )
    shown = [estimate.n for estimate in seen.trend(measure) if estimate.n]
    x, full = axis_texts(found.axis)
    return Chart(
        id="trend",
        title=_trend_title(name, measure, found.halves(measure)) if group is None else _group_title(found, measure, group),
        subtitle=" ".join([_unit_text(measure, found.scales[measure]), _rhythm(found.axis), _("Shade: 95% interval")]),
        foot=_answers_each(shown),
        x=x,
        full=full,
        series=series,
        decimals=decimals(measure),
        unit=percent_sign() if measure_named(measure).unit == "percent" else "",
        limits=measure_named(measure).bounds(found.scales[measure]),
    )


def _answers_each(shown: Sequence[int]) -> str:
    """How many answers stand behind the points of a trend."""
    if not shown:
        return ""
    few, most = min(shown), max(shown)
    if few == most:
        return ngettext("%(n)s answer each", "%(n)s answers each", most) % {"n": num(most)}
    return _("%(few)s to %(most)s answers each") % {"few": num(few), "most": num(most)}


def _under(found: Board, measure: str, ask: Asked, more: Mapping[str, str]) -> list[str]:
    """The answers under each place of a trend."""
    address, axis = reverse("desk:answers", args=[measure]), found.axis
    ends = [shifted(axis.unit, place, 1, found.window.calendar) for place in axis.places]
    spans = [{"since": first.isoformat(), "until": end.isoformat()} for first, end in zip(axis.places, ends, strict=True)]
    return [f"{address}?{ask.link(**{**more, **span})}" for span in spans]


def _series(name: str, line: Sequence[Estimate], urls: Sequence[str]) -> Series:
    low, high, n = ([getattr(one, part) for one in line] for part in ("low", "high", "n"))
    opens = [url if one.n else None for one, url in zip(line, urls, strict=True)]
    return Series(name=name, values=_values(line), low=low, high=high, n=n, urls=opens)


def _values(line: Sequence[Estimate]) -> list[float | None]:
    return [estimate.value for estimate in line]


def _trend_title(name: str, measure: str, halves: Pair) -> str:
    """The finding of a trend: its second half against its first; none where either has few answers."""
    change = halves.change
    if change is None or change.difference is None or change.small:
        return name
    if not change.beyond_noise:
        return _("%(what)s held") % {"what": name}
    parts = {"what": name, "turn": turn_text(measure, change.difference)}
    return _("%(what)s is %(turn)s in the later half of this time") % parts


def _group_title(found: Board, measure: str, group: Group) -> str:
    """The finding of a group's trend: the two figures the headline compares."""
    then = group.pair.then
    parts = {
        "what": of_group(measure, found.labels[measure], group.name),
        "now": value_text(measure, group.pair.now.value),
        "when": during(found.window),
        "then": value_text(measure, None if then is None else then.value),
        "before": compared_with(found.window),
    }
    return _("%(what)s: %(now)s %(when)s, %(then)s %(before)s") % parts


def _rhythm(axis: Axis) -> str:
    return {
        "day": _("Daily."),
        "week": _("Weekly."),
        "month": _("Monthly."),
        "quarter": _("By quarter."),
        "year": _("Yearly."),
    }[axis.unit]


def _unit_text(measure: str, scale: Scale) -> str:
    low, high = num(scale[0]), num(scale[1])
    if measure == "nps":
        return _("Points from −100 to 100.")
    if measure == "csat":
        return _("Share satisfied, in percent.")
    return _("Mean of %(low)s to %(high)s.") % {"low": low, "high": high}


def axis_texts(axis: Axis) -> tuple[list[str], list[str]]:
    """The places of a time axis, short and in full."""
    if axis.unit == "year":
        names = [digits(date_parts(place, active_reader().calendar).year) for place in axis.places]
        return names, names
    if axis.unit in ("month", "quarter"):
        return [_month_short(place) for place in axis.places], [month(place) for place in axis.places]
    return [shortday(place) for place in axis.places], [shortday(place) for place in axis.places]


def _month_short(place: date) -> str:
    parts = date_parts(place, active_reader().calendar)
    return month(place) if parts.month == 1 else month(place).rsplit(" ", 1)[0]


def distribution_chart(found: Distribution, answers_url: str) -> Chart:
    """How the answers spread over the points of the scale; each bar opens its answers."""
    shares = [bar.share for bar in found.bars]
    top = max(found.bars, key=lambda bar: bar.n)
    title = (
        _("Most gave %(point)s") % {"point": num(top.point)}
        if found.n >= SMALL
        else _("The answers one by one")
        if found.n
        else _("No answers")
    )
    return Chart(
        id="distribution",
        kind="bars",
        title=title,
        subtitle=_("Share of the answers at each point, in percent; line: 95% interval"),
        foot=_("%(n)s answers") % {"n": num(found.n)},
        x=[num(bar.point) for bar in found.bars],
        series=[
            Series(
                name=_("Share"),
                values=shares,
                low=[bar.low for bar in found.bars],
                high=[bar.high for bar in found.bars],
                n=cast("list[int | None]", [bar.n for bar in found.bars]),
                urls=[f"{answers_url}&point={bar.point}" if bar.n else None for bar in found.bars],
                base=found.n,
            )
        ],
        decimals=0,
        unit=percent_sign(),
        limits=(0.0, 100.0),
    )
