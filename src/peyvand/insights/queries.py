"""Answers to questions: estimates of all answers and of each group, now and before. Called by screens, the API and the command."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import numpy as np

from peyvand.core.calendars import Calendar, date_parts
from peyvand.core.periods import Unit, first_day
from peyvand.insights.counting import Count, Counted, Source
from peyvand.insights.properties import property_value
from peyvand.insights.questions import PERIODS, PROPERTY, SHARED, Question, column_of, measure_named
from peyvand.insights.terms import Named, named_by
from peyvand.measures import Comparison, Distribution, Scale, Scores, compare, distribution
from peyvand.measures.analysis import Analysis, Group, analyse
from peyvand.measures.estimates import Estimate

Pairs = list[tuple[float, int]]


@dataclass(frozen=True, slots=True)
class Answer:
    """The analysis of a question's span, that of the span before (None where none was asked), and what groups are called.

    `labels` gives each code of each cut in the reader's language.
    """

    question: Question
    now: Analysis
    before: Analysis | None
    labels: dict[tuple[str, str], str]

    def change(self) -> Comparison | None:
        """All answers now against all before."""
        return None if self.before is None else compare(self.now.total, self.before.total)

    def changes(self) -> dict[Group, Comparison]:
        """Each group now against itself before, where both have answers."""
        then = dict(self.before.groups) if self.before else {}
        return {group: compare(estimate, then[group]) for group, estimate in self.now.groups if group in then}

    def label(self, group: Group) -> str:
        """The name of a group; empty where the cut says nothing."""
        return " · ".join(self.labels.get((cut, code), code) for cut, code in zip(self.question.by, group, strict=True) if code)

    def to_json(self) -> dict[str, object]:
        """The keys of Analysis.to_json, each group with its label, and `before` where it was asked for."""
        found = self.now.to_json()
        groups = zip(self.now.groups, cast("list[dict[str, object]]", found["groups"]), strict=True)
        labelled = [{"group": told["group"], "label": self.label(group)} | told for (group, _estimate), told in groups]
        found["groups"] = labelled
        if self.before is not None:
            changes = self.changes()
            found["groups"] = [
                told | {"change": changes[group].to_json() if group in changes else None}
                for (group, _estimate), told in zip(self.now.groups, labelled, strict=True)
            ]
            found["before"] = self.before.total.to_json()
            change = self.change()
            found["change"] = change.to_json() if change else None
        return found


def answer(question: Question, *, source: Source = "rollups", sees: bool = False) -> Answer:
    """Answer a question. Raises ScaleError for a scale that does not suit the measure.

    Unless its reader `sees` contacts, they are hidden in values of properties; values that are alike by it are one group.
    """
    columns = tuple("day" if name in PERIODS else "property" if PROPERTY.match(name) else column_of(name) for name in question.by)
    keys = (*columns, *(("side",) if question.before else ()))
    count = Count(
        workspace=question.workspace,
        keys=keys,
        measures=(question.measure,),
        span=question.span,
        before=question.before,
        filters=question.filters,
        property=question.property_cut,
        as_of=question.as_of,
        source=source,
    )
    rows = count.rows()
    measure = measure_named(question.measure)
    scale = question.scale or usual_scale(rows) or measure.scale
    grouping = Grouping(question, rows, sees=sees)
    sides: dict[int, dict[Group, Pairs]] = {0: {}, 1: {}}
    strays: dict[int, Counter[Group]] = {0: Counter(), 1: Counter()}
    keyed = len(columns)
    for row in rows:
        value, low, high, count_here = row[-4:]
        side = row[keyed] if question.before else 1
        group = grouping.of(row[:keyed])
        if (low, high) == scale or question.scale:
            sides[side].setdefault(group, []).append((value, count_here))
        else:
            strays[side][group] += count_here
    now, then = (_analysis(question, sides[side], strays[side], scale) for side in (1, 0))
    return Answer(question, now, then if question.before else None, grouping.labels)


def spread(question: Question) -> Distribution:
    """How the answers of a question spread over the points of its scale. Raises ScaleError for a scale without points."""
    count = Count(
        workspace=question.workspace, measures=(question.measure,), span=question.span, filters=question.filters, as_of=question.as_of
    )
    rows = count.rows()
    scale = question.scale or usual_scale(rows) or measure_named(question.measure).scale
    told = [(row[-4:-1], row[-1]) for row in rows]
    strays = 0 if question.scale else sum(n for (_value, *ends), n in told if tuple(ends) != scale)
    pairs = [(value, n) for (value, *ends), n in told if question.scale or tuple(ends) == scale]
    return distribution(scores_of(pairs, strays), scale, question.level)


def _analysis(question: Question, pairs: dict[Group, Pairs], strays: Counter[Group], scale: Scale) -> Analysis:
    tallies = {group: scores_of(pairs.get(group, ()), strays[group]) for group in {*pairs, *strays}}
    return analyse(measure_named(question.measure), tallies, by=question.by, scale=scale, level=question.level)


def scores_of(pairs: Iterable[tuple[float, int]], strays: int = 0) -> Scores:
    """A histogram of (value, how often); `strays` were given on another scale and count as invalid."""
    histogram: dict[float, int] = {}
    for value, n in pairs:
        histogram[value] = histogram.get(value, 0) + n
    values = sorted(value for value, n in histogram.items() if n)
    return Scores(np.array(values, dtype=np.float64), np.array([histogram[value] for value in values], dtype=np.int64), invalid=strays)


def usual_scale(rows: Counted) -> Scale | None:
    """The scale most of the scores were given on; None where there are none."""
    counts: Counter[Scale] = Counter()
    for row in rows:
        if row[-3] is not None and row[-2] is not None:
            counts[row[-3], row[-2]] += row[-1]
    return counts.most_common(1)[0][0] if counts else None


class Grouping:
    """From the keys of counted rows to groups of codes, with merged terms as one and days gathered into periods."""

    def __init__(self, question: Question, rows: Counted, *, sees: bool) -> None:
        self.labels: dict[tuple[str, str], str] = {}
        self._sees = sees
        ids = {cut: {row[place] for row in rows} - {None} for place, cut in enumerate(question.by) if cut in SHARED}
        self._names = {cut: named_by(question.workspace.pk, cut, these) for cut, these in ids.items()}
        self._readers = [self._reader(cut, question) for cut in question.by]
        self._groups: dict[tuple[Any, ...], Group] = {}

    def of(self, key: tuple[Any, ...]) -> Group:
        """The group of one row."""
        if key not in self._groups:
            self._groups[key] = tuple(None if part is None else reader(part) for reader, part in zip(self._readers, key, strict=True))
        return self._groups[key]

    def _reader(self, cut: str, question: Question) -> Callable[[Any], str | None]:
        if cut in PERIODS:
            calendar = cast("Calendar", question.workspace.calendar)
            return lambda day: period_code(cut, day, calendar)
        if PROPERTY.match(cut):
            return lambda value: self._value(cut, value)
        return lambda term: self._term(cut, term)

    def _term(self, cut: str, term: int) -> str | None:
        name: Named | None = self._names[cut].get(term)
        if name is None:
            return None
        self.labels[cut, name.code] = name.label
        return name.code

    def _value(self, cut: str, value: str) -> str:
        code, label = property_value(cut, value, sees=self._sees)
        self.labels[cut, code] = label
        return code


@lru_cache(maxsize=8192)
def period_code(unit: str, day: dt.date, calendar: Calendar) -> str:
    """What programs call the period a day lies in: 2026-11-14 (a day, or the first of a week), 1405-08, 1405-q3, 1405."""
    if unit in ("day", "week"):
        return first_day(cast("Unit", unit), day, calendar).isoformat()
    year, month, _day = date_parts(day, calendar)
    if unit == "year":
        return f"{year:04d}"
    return f"{year:04d}-{month:02d}" if unit == "month" else f"{year:04d}-q{(month + 2) // 3}"


def estimate_of(measure: str, pairs: Iterable[tuple[float, int]], scale: Scale) -> Estimate:
    """The estimate of counted scores."""
    return measure_named(measure)(scores_of(pairs), scale)
