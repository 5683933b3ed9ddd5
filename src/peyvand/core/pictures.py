"""What the drawn parts need to be drawn: figures, ranges, charts with the table behind them. Made by views, drawn by
templates/parts and frontend/src/charts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from django.utils.translation import gettext as _

from peyvand.core.display import num
from peyvand.core.reader import active_reader

FEW: Final = 30

Tone = Literal["good", "bad", ""]
Values = Sequence[float | None]


class Range(NamedTuple):
    """Interval, value and comparison in percent of a track; `was` is None where nothing is compared."""

    lo: float
    hi: float
    at: float
    was: float | None = None


class Ends(NamedTuple):
    """The two ends of a track or an axis in the unit of the figure: -100 and 100 for NPS, 1 and 7 for CES."""

    low: float
    high: float


def range_on(ends: Ends, value: float, interval: tuple[float, float], was: float | None = None) -> Range:
    """Place a figure on its track; what lies beyond an end is drawn at the end."""

    def place(number: float) -> float:
        return round(min(max(100 * (number - ends.low) / (ends.high - ends.low), 0.0), 100.0), 1)

    return Range(place(interval[0]), place(interval[1]), place(value), None if was is None else place(was))


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A difference in words; coloured by `tone` only when it leaves the noise."""

    text: str
    way: Literal["up", "down", "same"] = "same"
    tone: Tone = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One key figure of parts/figure.html; value, low, high and was are already written for the reader."""

    label: str
    value: str
    unit: str = ""
    url: str = ""
    n: int | None = None
    change: Change | None = None
    low: str | None = None
    high: str | None = None
    was: str | None = None
    was_label: str = ""
    range: Range | None = None

    @property
    def few(self) -> bool:
        """Whether too few answered to conclude from."""
        return self.n is not None and self.n < FEW


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One line or one kind of bar; every sequence has one entry for each place on the chart's axis, or is empty.
    `base`: how many all the bars stand on together, where they are shares of one whole.
    """

    name: str
    values: Values
    low: Values = ()
    high: Values = ()
    n: Sequence[int | None] = ()
    urls: Sequence[str | None] = ()
    ghost: bool = False
    base: int | None = None


class Mark(NamedTuple):
    """Something that was changed, at a place (index) of the time axis."""

    at: int
    text: str


class Row(NamedTuple):
    """One row of the table behind a chart; `url` opens what is under it."""

    cells: Sequence[str]
    url: str = ""


class Table(NamedTuple):
    """The table behind a chart."""

    head: Sequence[str]
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart of parts/chart.html, with at most five series that are not ghosts. `x`: the places of the axis written for
    the reader, oldest first; `full`: the same with nothing left out (۱۴ شهریور for ۱۴), for tip and table.
    """

    id: str
    kind: Literal["trend", "bars"] = "trend"
    title: str
    subtitle: str = ""
    foot: str = ""
    label: str = ""
    x: Sequence[str]
    full: Sequence[str] = ()
    series: Sequence[Series]
    marks: Sequence[Mark] = ()
    decimals: int = 0
    unit: str = ""
    limits: tuple[float | None, float | None] = (None, None)

    @property
    def spec(self) -> dict[str, object]:
        """What the browser draws from; frontend/src/charts/spec.ts has the same shape."""
        reader = active_reader()
        return {
            "type": self.kind,
            "direction": reader.direction,
            "x": list(self.x),
            "full": list(self.full or self.x),
            "series": [_series_spec(one) for one in self.series],
            "marks": [mark._asdict() for mark in self.marks],
            "limits": list(self.limits),
            "numbers": {"persian": reader.digits == "persian", "decimals": self.decimals, "unit": self.unit},
            "words": {"interval": _("95% interval: {low} to {high}"), "answers": _("{n} answers"), "few": _("fewer than 30 answers")},
            "few": FEW,
        }

    @property
    def table(self) -> Table:
        """The same figures as a table, for whoever does not see or trust the picture."""
        head = [_("When") if self.kind == "trend" else _("Group")]
        for one in self.series:
            head.append(one.name)
            head.extend([_("95% interval")] if one.low else [])
            head.extend([_("Answers")] if one.n else [])
        return Table(head, [self._row(at, name) for at, name in enumerate(self.full or self.x)])

    def _row(self, at: int, name: str) -> Row:
        cells, url = [name], ""
        for one in self.series:
            cells.append(num(one.values[at], self.decimals))
            cells.extend([self._interval(one, at)] if one.low else [])
            cells.extend([num(one.n[at])] if one.n else [])
            url = url or (one.urls[at] or "" if one.urls else "")
        return Row(cells, url)

    def _interval(self, one: Series, at: int) -> str:
        if one.low[at] is None or one.high[at] is None:
            return num(None)
        return _("%(low)s to %(high)s") % {"low": num(one.low[at], self.decimals), "high": num(one.high[at], self.decimals)}


def _series_spec(one: Series) -> dict[str, object]:
    spec: dict[str, object] = {"name": one.name, "values": list(one.values), "ghost": one.ghost}
    for key, given in (("low", one.low), ("high", one.high), ("n", one.n), ("href", one.urls)):
        if given:
            spec[key] = list(given)
    if one.base is not None:
        spec["base"] = one.base
    return spec
