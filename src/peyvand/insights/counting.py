"""Counts of scores from the lake, from the rollups where they suffice and else from rows; both give the same. Called by queries.

What was counted once is remembered until the lake changes.
"""

import datetime as dt
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from threading import Lock
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from peyvand.core.periods import day_start, local_date
from peyvand.insights.amounts import AMOUNT, amount_range, purchases
from peyvand.insights.questions import ALWAYS, ANY, BEGINNING, END, NOT, SHARED, Span, column_of, cut_of, property_of
from peyvand.insights.shapes import Shape, sql_of
from peyvand.insights.terms import integers_of, stages_of_touchpoints
from peyvand.timeline.lake.places import ALONE, CUBE, INTERACTIONS, PERCEPTIONS, ROLLUPS
from peyvand.timeline.models import Batch
from peyvand.timeline.warehouse import Months, lake_versions, read, scores_agree, size_of
from peyvand.workspaces.models import Workspace

Counted = list[tuple[Any, ...]]
Source = Literal["rollups", "rows"]
REMEMBERED: Final = 512
SMALL_LAKE: Final = 200_000_000  # bytes of perceptions, some five million
NOBODYS: Final = -1
DAY: Final = dt.timedelta(days=1)
_CUBE_KEYS: Final = frozenset((*CUBE, "item", "measure", "day", "side"))
_ALONE_KEYS: Final = frozenset(("item", "measure", "day", "side"))

_lock = Lock()
_memory: OrderedDict[tuple[Any, ...], Counted] = OrderedDict()


@dataclass(frozen=True, kw_only=True)
class Count:
    """Scores to be counted: for each combination of `keys`, how often each value was given on each scale.

    `keys` are columns of SHARED, measure, day, property, or side (1 inside `span`, 0 inside `before`). Rows come as
    (*keys, value, low, high, how many).
    """

    workspace: Workspace
    keys: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    span: Span = ALWAYS
    before: Span | None = None
    filters: tuple[tuple[str, str], ...] = ()
    property: tuple[str, str] | None = None  # kind and name, where `keys` hold property; filters by one say it themselves
    within: tuple[float, float] | None = None  # only values from the first up to, and without, the second
    as_of: dt.datetime | None = None
    source: Source = field(default="rollups", compare=False)

    def rows(self) -> Counted:
        """Count, or remember."""
        variables = self.variables()
        if not variables["measures"]:
            return []
        versions, shape = lake_versions(), self.shape()
        tables = ([ROLLUPS] if shape.rollup else []) + ([PERCEPTIONS] if shape.late or not shape.rollup else [])
        found = remembered(sql_of("count_sql", shape), variables, dict.fromkeys(tables, self.months()))
        if shape.late and lake_versions() != versions:
            return replace(self, source="rows").rows()  # a copy came between: its rows may stand in one table alone
        return found

    def cuts(self, *names: str, joined_days: int | None = None) -> Counted:
        """Count by each of these cuts and by none: rows (cut, term, *keys, value, low, high, how many).

        All are read from rows at once where no rollup tells one of them, and in a small lake. `joined_days` looks for the other
        interactions only so many days before the spans, where a rough answer will do.
        """
        variables = self.variables()
        if not variables["measures"]:
            return []
        counts = {name: replace(self, keys=(name, *self.keys)) for name in names}
        if not lake_is_small() and all(count.rolls_up() for count in counts.values()):
            return [*(("", None, *row) for row in self.rows()), *((name, *row) for name, count in counts.items() for row in count.rows())]
        months = {PERCEPTIONS: self.months()}
        if joined_days is not None:
            months[INTERACTIONS] = self.months(joined_days)
        return remembered(sql_of("cuts_sql", self.shape(rows=True), names), variables, months)

    def shape(self, *, rows: bool = False) -> Shape:
        """What decides the SQL; with `rows` the rollups are left aside."""
        shape = Shape(
            keys=self.keys,
            joined=self._joined() is not None,
            valued=bool(self._values()),
            bought=any(name == AMOUNT for name, _code in self.filters),
        )
        if rows or shape.joined or shape.bought or self._only_rows():
            return shape
        rollup = self._rollup()
        return shape._replace(rollup=rollup, late=bool(rollup) and self.as_of is not None)

    def _only_rows(self) -> bool:
        """Whether it is read from rows whatever it asks: told so, or of what no rollup tells."""
        if self.source == "rows" or self.within is not None or self._hidden:
            return True
        return self.as_of is not None and not scores_agree()  # the late rows are taken off the rollups, which must hold them

    def rolls_up(self) -> bool:
        """Whether it is read from the rollups."""
        return bool(self.shape().rollup)

    def variables(self) -> dict[str, object]:
        """What the SQL asks for by name."""
        workspace, zone = self.workspace.pk, ZoneInfo(self.workspace.time_zone)
        found: dict[str, object] = {"workspace": workspace, "zone": self.workspace.time_zone, "as_of": self.as_of or END}
        for side, span in (("", self.span), ("then_", self.before or Span(END, END))):
            for end, at in (("since", span.since), ("until", span.until)):
                day = local_date(at, zone)
                found |= {f"{side}{end}": at, f"{side}{end}_day": day}
        joined, placed, narrowed = self._joined(), stages_of_touchpoints(workspace), self._term_filters()
        found |= {f"of_{column_of(name)}": _wanted(workspace, name, narrowed.get(name)) for name in SHARED}
        found |= {f"not_{column_of(name)}": integers_of(workspace, name, narrowed.get(f"{name}{NOT}", ())) for name in SHARED}
        return found | {
            "measures": integers_of(workspace, "measure", self.measures),
            "kinds": integers_of(workspace, "kind", [joined[0]]) if joined else (),
            "path": f'$."{joined[1]}"' if joined else "",
            "values": tuple(sorted(code for code in self._values() if "\x00" not in code)),
            "scores": self.within or (),
            "left_out": self._hidden,
            "touchpoints": tuple(placed),
            "stages": tuple(placed.values()),
            **self._bought(),
        }

    @cached_property
    def _hidden(self) -> tuple[int, ...]:
        return hidden_batches(self.workspace.pk)

    def _bought(self) -> dict[str, object]:
        """What a filter by amount asks for; several narrow each other."""
        ranges = [amount_range(code) for name, code in self.filters if name == AMOUNT]
        ends = (max(low for low, _high in ranges), min(high for _low, high in ranges)) if ranges else ()
        kinds = integers_of(self.workspace.pk, "kind", purchases()) if ranges else ()
        return {"amounts": ends, "currency": self.workspace.currency, "purchases": kinds}

    def months(self, days_before: int = 1) -> tuple[tuple[str, str], ...]:
        """The months of UTC and of the workspace's own days that the spans touch, or some days more."""
        spans = [self.span, *([self.before] if self.before else [])]
        return tuple(((one.since - days_before * DAY).strftime("%Y-%m"), (one.until + DAY).strftime("%Y-%m")) for one in spans)

    def _joined(self) -> tuple[str, str] | None:
        """Kind and name of the property of another interaction that it is cut or filtered by."""
        return self.property or property_of(name for name, _code in self.filters)

    def _term_filters(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name, code in self.filters:
            if ":" not in name and name != AMOUNT:
                found.setdefault(name, []).append(code)
        return found

    def _values(self) -> set[str]:
        """The values a property of another interaction may have; none where any will do."""
        wanted = {code for name, code in self.filters if ":" in name}
        return set() if ANY in wanted else wanted

    def _rollup(self) -> str:
        """The part of the rollups that holds this; empty where only rows do."""
        if not (self._whole_days(self.span) and (self.before is None or self._whole_days(self.before))):
            return ""
        asked = {*self.keys, *map(cut_of, self._term_filters())}
        if asked <= _CUBE_KEYS:
            return "cube" if zone_of_rollups(self.workspace.pk) in ("", self.workspace.time_zone) else ""
        alone = asked - _ALONE_KEYS
        if len(alone) == 1 and (name := alone.pop()) in ALONE and zone_of_rollups(self.workspace.pk) in ("", self.workspace.time_zone):
            return name
        return ""

    def _whole_days(self, span: Span) -> bool:
        zone = ZoneInfo(self.workspace.time_zone)
        return all(at in (BEGINNING, END) or day_start(local_date(at, zone), zone) == at for at in (span.since, span.until))


def _wanted(workspace_id: int, name: str, codes: Iterable[str] | None) -> tuple[int, ...]:
    """The integers a column may have; none where it is not asked about, and one that nothing bears for codes nobody knows."""
    return () if codes is None else integers_of(workspace_id, name, codes) or (NOBODYS,)


def remembered(sql: str, variables: dict[str, object], months: Mapping[str, Months] | None = None) -> Counted:
    """Run a SELECT over the lake, unless the lake has not changed since it was run."""
    key = (sql, tuple(variables.items()), lake_versions())
    with _lock:
        if key in _memory:
            _memory.move_to_end(key)
            return _memory[key]
    rows = read(sql, variables, months)
    with _lock:
        _memory[key] = rows
        while len(_memory) > REMEMBERED:
            _memory.popitem(last=False)
    return rows


def hidden_batches(workspace_id: int) -> tuple[int, ...]:
    """Undone batches that the lake still holds."""
    states = (Batch.State.UNDOING, Batch.State.UNDONE)
    rows = Batch.objects.filter(workspace_id=workspace_id, state__in=states, out_of_lake=False)
    return tuple(rows.order_by("pk").values_list("pk", flat=True))


def lake_is_small() -> bool:
    """Whether one read of rows is quicker than one of rollups for each cut."""
    return size_of(PERCEPTIONS) <= SMALL_LAKE


def zone_of_rollups(workspace_id: int) -> str:
    """The time zone whose days all rollups of a workspace have; "" where there are none, "mixed" after it was changed."""
    rows = remembered(sql_of("zones_sql", Shape()), {"workspace": workspace_id})
    first, last = rows[0]
    return "" if first is None else first if first == last else "mixed"


def forget() -> None:
    """Drop what this process remembers; after a restore and between tests, when versions may start again."""
    with _lock:
        _memory.clear()
