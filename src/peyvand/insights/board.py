"""Everything Pulse draws, counted in a few reads of the lake: totals, trends and cuts of every measure, now and then."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from peyvand.core.periods import day_start, first_day, shifted
from peyvand.insights.counting import Count, Counted
from peyvand.insights.pairs import Histogram, Pair, Sides
from peyvand.insights.properties import property_value
from peyvand.insights.queries import estimate_of, scores_of, usual_scale
from peyvand.insights.questions import PROPERTY, Span, column_of, measure_named
from peyvand.insights.terms import Named, integers_of, measures_met, named, named_by
from peyvand.insights.windows import LENGTHS, Axis, Length, Window, window
from peyvand.measures import Scale, Scores
from peyvand.measures.estimates import Estimate
from peyvand.workspaces.models import Workspace

CUTS: Final = ("channel", "touchpoint", "stage", "branch", "product")
ENOUGH: Final = 500  # so that its parts can be told apart too: a branch with a tenth of the answers still has fifty
FIRST_MEASURES: Final = ("nps", "csat", "ces", "rating")

Filters = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Board:
    """The figures of one window. Measures come in the order they are shown; `scales` is each one's usual scale."""

    workspace: Workspace
    window: Window
    filters: Filters
    measures: list[str] = field(default_factory=list)
    scales: dict[str, Scale] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    totals: dict[str, Pair] = field(default_factory=dict)
    cuts: dict[tuple[str, str], list[tuple[Named, Pair]]] = field(default_factory=dict)
    axis: Axis = field(default_factory=lambda: Axis("week", ()))
    days: dict[tuple[str, dt.date], Histogram] = field(default_factory=dict)

    @property
    def answered(self) -> list[str]:
        """The measures that have answers in the window."""
        return [code for code in self.measures if self.totals[code].n]

    def trend(self, measure: str) -> list[Estimate]:
        """The figure at each place of the axis."""
        return [self._at(measure, place) for place in self.axis.places]

    def ghost(self, measure: str) -> list[Estimate]:
        """The same a year earlier; empty where that is not compared."""
        return [self._at(measure, place) for place in self.axis.ghosts]

    def halves(self, measure: str) -> Pair:
        """The second half of the trend beside its first."""
        sides, middle = Sides(), len(self.axis.places) // 2
        for number, place in enumerate(self.axis.places):
            for value, n in self.days.get((measure, place), {}).items():
                sides.add(value, n, now=number >= middle)
        return Pair(measure, self.scales[measure], sides)

    def over(self, measure: str, places: Iterable[dt.date]) -> Estimate:
        """The figure of several places of the axis together."""
        counts = [pair for place in places for pair in self.days.get((measure, place), {}).items()]
        return estimate_of(measure, counts, self.scales[measure])

    def _at(self, measure: str, place: dt.date) -> Estimate:
        return estimate_of(measure, self.days.get((measure, place), {}).items(), self.scales[measure])


def board(workspace: Workspace, looked_at: Window, filters: Filters = ()) -> Board:
    """Count everything Pulse shows for a window."""
    terms = measures_met(workspace.pk)
    order = {code: place for place, code in enumerate(FIRST_MEASURES)}
    codes = sorted((term.code for term in terms), key=lambda code: order.get(code, len(order)))
    found = Board(workspace, looked_at, filters, codes, labels={term.code: term.label for term in terms})
    if codes:
        names = named(workspace.pk, integers_of(workspace.pk, "measure", codes))
        _cuts(found, names)
        _days(found, names)
    return found


def count_of(found: Board, *keys: str, joined: tuple[str, str] | None = None, within: tuple[str, str] | None = None) -> Count:
    """A count over the board's window, its measures and filters, perhaps `within` one group of a cut alone."""
    return Count(
        workspace=found.workspace,
        keys=keys,
        measures=tuple(found.measures),
        span=found.window.span,
        before=found.window.before,
        filters=found.filters if within is None else narrowed_to(found.filters, *within),
        property=joined,
        as_of=found.window.as_of,
    )


def _cuts(found: Board, names: Mapping[int, Named]) -> None:
    """The totals and every cut: rows (cut, term, measure, side, value, low, high, n)."""
    rows = count_of(found, "measure", "side").cuts(*CUTS)
    _totals(found, [row for row in rows if not row[0]], names)
    terms = named(found.workspace.pk, {row[1] for row in rows} - {None})
    groups: dict[tuple[str, str, Named], Sides] = defaultdict(Sides)
    for cut, term, measure, side, value, low, high, n in rows:
        code = names[measure].code
        if cut and term in terms and (low, high) == found.scales[code]:
            groups[code, cut, terms[term]].add(value, n, now=bool(side))
    for (code, cut, term), sides in groups.items():
        found.cuts.setdefault((code, cut), []).append((term, pair_of(found, code, sides)))


def _totals(found: Board, rows: Counted, names: Mapping[int, Named]) -> None:
    by_measure: dict[str, Counted] = defaultdict(list)
    for row in rows:
        by_measure[names[row[2]].code].append(row)
    for code in found.measures:
        scale = found.scales[code] = usual_scale(by_measure[code]) or measure_named(code).scale
        sides = Sides()
        for _cut, _term, _measure, side, value, low, high, n in by_measure[code]:
            if (low, high) == scale:
                sides.add(value, n, now=bool(side))
        found.totals[code] = pair_of(found, code, sides)


def pair_of(found: Board, measure: str, sides: Sides) -> Pair:
    """A figure of the board's measure."""
    return Pair(measure, found.scales[measure], sides, found.window.before is not None)


def _days(found: Board, names: Mapping[int, Named]) -> None:
    """The histograms of each place of the trend."""
    rows = _by_day(found, found.window.span) if found.window.length == "all" else []
    axis = found.axis = found.window.axis({row[1] for row in rows})
    if found.window.length != "all":
        ghosts = found.window.spread(axis.unit, axis.ghosts) if axis.ghosts else None
        rows = _by_day(found, found.window.spread(axis.unit, axis.places), ghosts)
    for measure, day, _side, value, low, high, n in rows:
        code = names[measure].code if measure in names else ""
        if code and (low, high) == found.scales[code]:
            place = found.days.setdefault((code, first_day(axis.unit, day, found.window.calendar)), {})
            place[value] = place.get(value, 0) + n


def _by_day(found: Board, span: Span, before: Span | None = None) -> Counted:
    return Count(
        workspace=found.workspace,
        keys=("measure", "day", "side"),
        measures=tuple(found.measures),
        span=span,
        before=before,
        filters=found.filters,
        as_of=found.window.as_of,
    ).rows()


def narrowed_to(filters: Filters, cut: str, code: str) -> Filters:
    """The filters for one group of what they let through. Codes of one cut mean one or the other, so this one stands for all of them."""
    return (*(one for one in filters if one[0] != cut), (cut, code))


def narrowed_trend(found: Board, measure: str, cut: str, code: str) -> Board:
    """A board with the same axis whose trend is that of one group; nothing else stands on it."""
    board_of = replace(found, days={}, cuts={}, filters=narrowed_to(found.filters, cut, code))
    _days(board_of, named(found.workspace.pk, integers_of(found.workspace.pk, "measure", [measure])))
    return board_of


@dataclass(frozen=True, slots=True)
class CutGroup:
    """One group of a cut: its code, its name for the reader, its figure; `masked`: no answer says this code, so none is found by it."""

    code: str
    label: str
    pair: Pair
    masked: bool = False


def groups_of(found: Board, measure: str, cut: str, *, sees: bool = False) -> list[CutGroup]:
    """A measure by any cut: a column, the question asked, or a property of another interaction of the same subject.

    Unless its reader `sees` contacts, they are hidden in values of properties; values that are alike by it are one group.
    """
    if (measure, cut) in found.cuts:
        return [CutGroup(term.code, term.label, pair) for term, pair in found.cuts[measure, cut]]
    told = PROPERTY.match(cut)
    keys = ("property" if told else column_of(cut), "measure", "side")
    names = named(found.workspace.pk, integers_of(found.workspace.pk, "measure", [measure]))
    counted = [row for row in count_of(found, *keys, joined=(told["kind"], told["name"]) if told else None).rows() if row[1] in names]
    terms = {} if told else named_by(found.workspace.pk, cut, {row[0] for row in counted} - {None})
    groups: dict[tuple[str, str, bool], Sides] = defaultdict(Sides)
    for value, _measure, side, score, low, high, n in counted:
        if value is None or (low, high) != found.scales[measure] or not (told or value in terms):
            continue
        code, label = property_value(cut, value, sees=sees) if told else (terms[value].code, terms[value].label)
        groups[code, label, bool(told) and code != value].add(score, n, now=bool(side))
    return [CutGroup(code, label, pair_of(found, measure, sides), masked) for (code, label, masked), sides in groups.items()]


def scores_in(found: Board, measure: str) -> Scores:
    """The histogram of a measure's answers in the window, on its usual scale."""
    return scores_of(found.totals[measure].sides.now.items())


def by_month(found: Board, measure: str) -> list[tuple[dt.date, Pair]]:
    """A measure month by month over the year up to today, newest first, whatever the window."""
    one = found.window
    last = first_day("month", one.last, one.calendar)
    places = [shifted("month", last, -back, one.calendar) for back in range(12)]
    rows = _by_day(found, Span(day_start(places[-1], one.zone), day_start(one.last + dt.timedelta(days=1), one.zone)))
    codes = integers_of(found.workspace.pk, "measure", [measure])
    sides: dict[dt.date, Sides] = defaultdict(Sides)
    for code, day, _side, value, low, high, n in rows:
        if code in codes and (low, high) == found.scales[measure]:
            sides[first_day("month", day, one.calendar)].add(value, n, now=True)
    return [(place, Pair(measure, found.scales[measure], sides[place], compared=False)) for place in places]


def usual_length(workspace: Workspace, day: dt.date | None = None) -> Length:
    """What a reader is shown first: the shortest length with enough answers to conclude from, else everything."""
    windows = [window(workspace, length, "previous", day) for length in LENGTHS if length != "all"]
    since = min(one.first for one in windows if one.first is not None)
    span = Span(day_start(since, windows[0].zone), windows[0].span.until)
    measures = tuple(term.code for term in measures_met(workspace.pk))
    days: dict[int, dict[dt.date, int]] = defaultdict(lambda: defaultdict(int))
    count = Count(workspace=workspace, keys=("measure", "day"), measures=measures, span=span, as_of=windows[0].as_of)
    for measure, at, *_score, n in count.rows():
        days[measure][at] += n
    for one in windows:
        most = max((sum(n for at, n in found.items() if one.first and at >= one.first) for found in days.values()), default=0)
        if most >= ENOUGH:
            return one.length
    return "all"
