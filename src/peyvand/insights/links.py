"""The links of the chain perception → trust → loyalty → sales and reputation: what the same people thought, thought otherwise, and did.

Called by the page of the chain. What goes together need not bring about; the page says so.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from peyvand.core.periods import day_start
from peyvand.customers.scores import edges
from peyvand.customers.types import Band
from peyvand.insights.amounts import purchases
from peyvand.insights.board import Board
from peyvand.insights.counting import Count, remembered
from peyvand.insights.pairs import Pair
from peyvand.insights.questions import BEGINNING, Span
from peyvand.insights.shapes import sql_of
from peyvand.insights.terms import integers_of
from peyvand.insights.windows import Window
from peyvand.measures import Comparison, Scale, compare
from peyvand.measures.association import Association, RankSums, association
from peyvand.measures.estimates import Estimate
from peyvand.measures.intervals import LEVEL, mean_reach, share_error, wilson

FOLLOWED: Final = 90  # days after somebody's last score in which purchases are looked for
TRUST: Final = ("trust", "honesty", "belonging")
LOYALTY: Final = ("nps",)
REVIEW: Final = "review.written"
REVIEWED: Final = "rating"
MOST_FELT: Final = 3
Does = Literal["again", "spent"]
BANDS: Final = (Band.BAD, Band.MIXED, Band.GOOD)


@dataclass(frozen=True, slots=True)
class Link:
    """What people of one measure's bad, mixed and good scores (in this order) thought or did; `to` is a measure, again or spent.

    `groups`: of scores their mean, of `again` the share in percent, of `spent` the mean amount in minor units a person.
    `whole`: of all of them; `difference`: good against bad people. `span` is the one of the first scores.
    """

    measure: str
    to: str
    span: Span
    groups: tuple[Estimate, Estimate, Estimate]
    whole: Estimate
    together: Association
    difference: Comparison | None


@dataclass(frozen=True, slots=True)
class Sales:
    """Purchases of a span: how many, of how many people, what was paid in all in minor units, and the mean of one with its interval."""

    orders: int
    people: int
    paid: float
    each: Estimate


def score_link(found: Board, measure: str, other: str, kinds: Sequence[str] = ()) -> Link | None:
    """How people who scored one measure scored another, in the same time; `kinds` narrows where the other was said. None for nobody."""
    second = {
        "second": integers_of(found.workspace.pk, "measure", [other]),
        "second_kinds": integers_of(found.workspace.pk, "kind", kinds) if kinds else (),
        "second_scale": found.scales[other],
    }
    if kinds and not second["second_kinds"]:
        return None
    return _link(found, measure, other, found.window.span, second)


def deed_link(found: Board, measure: str, does: Does) -> Link | None:
    """What people who scored a measure bought within 90 days afterwards; of scores whose 90 days are over. None for nobody."""
    return _link(found, measure, does, followed_span(found.window), {"followed": FOLLOWED * 86_400_000_000})


def followed_span(window: Window) -> Span:
    """The window moved back by 90 days, without its last day: what everybody in it did in the 90 days afterwards is known."""
    back = dt.timedelta(days=FOLLOWED)
    last = day_start(window.last - back, window.zone)
    return Span(BEGINNING if window.first is None else day_start(window.first - back, window.zone), last)


def _link(found: Board, measure: str, to: str, span: Span, more: Mapping[str, object]) -> Link | None:
    scale, workspace = found.scales[measure], found.workspace
    mixed, good = (edges(measure, *scale, wanted) or (0.0, 0.0) for wanted in (Band.MIXED, Band.GOOD))
    count = Count(workspace=workspace, measures=(measure,), span=span, filters=found.filters, as_of=found.window.as_of)
    sold = {"purchases": integers_of(workspace.pk, "kind", purchases()), "currency": workspace.currency}
    variables = {**count.variables(), **sold, "first_scale": scale, "limits": (mixed[0], good[0]), **more}
    target = to if to in ("again", "spent") else "score"
    if not variables["measures"] or (target != "score" and not sold["purchases"]):
        return None
    rows = remembered(sql_of("link_sql", count.shape(rows=True), target), variables)
    if not rows:
        return None
    by_band = {row[0]: row[1:] for row in rows}
    groups = [_estimate(to, found.scales.get(to), *by_band.get(band, (0, 0.0, 0.0))[:3]) for band in range(3)]
    sums = [sum(row[place] for row in rows) for place in (1, 4, 5, 6, 7, 8)]
    difference = compare(groups[2], groups[0]) if groups[2].n and groups[0].n else None
    whole = _estimate(to, found.scales.get(to), *(sum(row[place] for row in rows) for place in (1, 2, 3)))
    return Link(measure, to, span, (groups[0], groups[1], groups[2]), whole, association(RankSums(*sums)), difference)


def _estimate(to: str, scale: Scale | None, n: int, total: float, squares: float) -> Estimate:
    """The share or mean of a group of people from its sums."""
    if to == "again":
        if not n:
            return Estimate("again", "wilson", (0, 1), LEVEL, 0, None, None, None, None)
        hits = round(total)
        low, high = wilson(hits, n)
        return Estimate("again", "wilson", (0, 1), LEVEL, n, 100 * total / n, 100 * share_error(hits, n), 100 * low, 100 * high)
    return mean_estimate(to, scale or (0, 1), (n, total, squares))


def mean_estimate(name: str, scale: Scale, sums: tuple[int, float, float]) -> Estimate:
    """A mean with its t interval from how many there are, their sum and the sum of their squares."""
    n, total, squares = sums
    if n < 2:
        return Estimate(name, "t", scale, LEVEL, n, total / n if n else None, None, None, None)
    mean = total / n
    se = (max(0.0, squares - n * mean * mean) / (n - 1) / n) ** 0.5
    reach = mean_reach(se, n)
    return Estimate(name, "t", scale, LEVEL, n, mean, se, mean - reach, mean + reach)


def sales(found: Board, span: Span) -> Sales | None:
    """The purchases of a span, whatever the filters of answers; None where this brand has none at all."""
    workspace = found.workspace
    kinds = integers_of(workspace.pk, "kind", purchases())
    if not kinds:
        return None
    count = Count(workspace=workspace, span=span, as_of=found.window.as_of)
    variables = {**count.variables(), "purchases": kinds, "currency": workspace.currency}
    rows = remembered(sql_of("sales_sql", count.shape(rows=True)), variables, {"interactions": count.months()})
    orders, people, paid, squares = rows[0]
    return Sales(orders, people, paid, mean_estimate("spent", (0, 1), (orders, paid, squares)))


def reviews(found: Board) -> Pair | None:
    """The mean rating in reviews, now and then; None where nobody reviewed."""
    if REVIEWED not in found.measures:
        return None
    narrowed = (*found.filters, ("kind", REVIEW))
    window = found.window
    count = Count(
        workspace=found.workspace,
        keys=("side",),
        measures=(REVIEWED,),
        span=window.span,
        before=window.before,
        filters=narrowed,
        as_of=window.as_of,
    )
    pair = Pair.counted(REVIEWED, found.scales[REVIEWED], count.rows(), compared=window.before is not None)
    return pair if pair.n else None


def felt_measures(found: Board) -> list[str]:
    """The measures of perception, those with most answers first: whatever is neither trust nor loyalty."""
    felt = [code for code in found.answered if code not in (*TRUST, *LOYALTY)]
    return sorted(felt, key=lambda code: -found.totals[code].n)[:MOST_FELT]
