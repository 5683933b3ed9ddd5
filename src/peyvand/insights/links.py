"""The links of the chain perception → trust → loyalty → sales and reputation: what the same people thought, thought otherwise, and did.

Called by the page of the chain. What goes together need not bring about; the page says so.
"""

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from peyvand.core.periods import day_start
from peyvand.customers.scores import edges
from peyvand.customers.types import Band
from peyvand.insights.amounts import purchases
from peyvand.insights.board import Board
from peyvand.insights.counting import Count, remembered
from peyvand.insights.pairs import Pair
from peyvand.insights.questions import BEGINNING, Span
from peyvand.insights.shapes import LINK, Asks, sql_of
from peyvand.insights.terms import integers_of
from peyvand.insights.windows import Window
from peyvand.measures import Comparison, Scale, compare
from peyvand.measures.association import Association, RankSums, association
from peyvand.measures.estimates import Estimate
from peyvand.measures.intervals import LEVEL, mean_interval, share_error, wilson
from peyvand.timeline.warehouse import Months

FOLLOWED: Final = 90  # days after somebody's last score in which purchases are looked for
TRUST: Final = ("trust", "honesty", "belonging")
LOYALTY: Final = ("nps",)
REVIEW: Final = "review.written"
REVIEWED: Final = "rating"
MOST_FELT: Final = 3
DEEDS: Final = ("again", "spent")
MONEY: Final = (-math.inf, math.inf)  # a correction may be below nothing
Banded = dict[int, tuple[Any, ...]]  # by band, from bad (0): people, the sums of the other thing, its squares and the ranks


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


def score_links(found: Board, pairs: Sequence[tuple[str, str]], kinds: Sequence[str] = ()) -> dict[tuple[str, str], Link]:
    """How people who scored one measure scored another, in the same time, of several such pairs; those of nobody are left out.

    `kinds` narrows where the other was said.
    """
    firsts, seconds = (list(dict.fromkeys(codes)) for codes in zip(*pairs, strict=True)) if pairs else ([], [])
    wanted = integers_of(found.workspace.pk, "kind", kinds) if kinds else ()
    if not pairs or (kinds and not wanted):
        return {}
    count = Count(
        workspace=found.workspace, measures=tuple(firsts), span=found.window.span, filters=found.filters, as_of=found.window.as_of
    )
    more = {
        **_places("first", found, firsts),
        **_places("second", found, seconds),
        "second_kinds": wanted,
        "links": tuple(LINK * (firsts.index(one) + 1) + seconds.index(other) + 1 for one, other in pairs),
        **_bands(found, [one for one, _other in pairs]),
    }
    rows = _counted("links_sql", count, more, {"perceptions": count.months()})
    return {pair: _link(found, *pair, count.span, rows[n]) for n, pair in enumerate(pairs, 1) if n in rows}


def deed_links(found: Board, measure: str) -> list[Link]:
    """What people who scored a measure bought within 90 days afterwards, and spent; of scores whose 90 days are over. None of nobody."""
    kinds = integers_of(found.workspace.pk, "kind", purchases())
    if not kinds:
        return []
    span = followed_span(found.window)
    count = Count(workspace=found.workspace, measures=(measure,), span=span, filters=found.filters, as_of=found.window.as_of)
    more = {
        **_places("first", found, [measure]),
        "purchases": kinds,
        "currency": found.workspace.currency,
        "followed": FOLLOWED * 86_400_000_000,
        **_bands(found, [measure] * 2),
    }
    months = count.months()
    bought = tuple((first, (span.until + dt.timedelta(days=FOLLOWED + 1)).strftime("%Y-%m")) for first, _last in months)
    rows = _counted("deeds_sql", count, more, {"perceptions": months, "interactions": bought})
    return [_link(found, measure, to, span, rows[n]) for n, to in enumerate(DEEDS, 1) if n in rows]


def _places(which: str, found: Board, codes: Sequence[str]) -> dict[str, object]:
    """The place of each of these measures, from 1, by the integers it has, and its scale."""
    numbers = [(integer, place) for place, code in enumerate(codes, 1) for integer in integers_of(found.workspace.pk, "measure", [code])]
    scales = [found.scales[code] for code in codes]
    return {
        f"{which}_ids": tuple(integer for integer, _place in numbers),
        f"{which}_places": tuple(place for _integer, place in numbers),
        f"{which}_low": tuple(low for low, _high in scales),
        f"{which}_high": tuple(high for _low, high in scales),
    }


def _bands(found: Board, codes: Sequence[str]) -> dict[str, object]:
    """Where the mixed and the good scores of each link's first measure begin."""
    ends = {band: [edges(code, *found.scales[code], band) or (0.0, 0.0) for code in codes] for band in (Band.MIXED, Band.GOOD)}
    return {"mixed": tuple(low for low, _high in ends[Band.MIXED]), "good": tuple(low for low, _high in ends[Band.GOOD])}


def _counted(asks: Asks, count: Count, more: Mapping[str, object], months: Mapping[str, Months]) -> dict[int, Banded]:
    """The sums of each link, by the band of its people."""
    variables = {**count.variables(), **more}
    found: dict[int, Banded] = {}
    if variables["measures"]:
        for link, band, *sums in remembered(sql_of(asks, count.shape(rows=True)), variables, months):
            found.setdefault(link, {})[band] = tuple(sums)
    return found


def followed_span(window: Window) -> Span:
    """The window moved back by 90 days, without its last day: what everybody in it did in the 90 days afterwards is known."""
    back = dt.timedelta(days=FOLLOWED)
    last = day_start(window.last - back, window.zone)
    return Span(BEGINNING if window.first is None else day_start(window.first - back, window.zone), last)


def _link(found: Board, measure: str, to: str, span: Span, by_band: Banded) -> Link:
    scale = found.scales.get(to)
    groups = [_estimate(to, scale, *by_band.get(band, (0, 0.0, 0.0))[:3]) for band in range(3)]
    every = list(by_band.values())
    sums = [sum(row[place] for row in every) for place in (0, 3, 4, 5, 6, 7)]
    difference = compare(groups[2], groups[0]) if groups[2].n and groups[0].n else None
    whole = _estimate(to, scale, *(sum(row[place] for row in every) for place in (0, 1, 2)))
    return Link(measure, to, span, (groups[0], groups[1], groups[2]), whole, association(RankSums(*sums)), difference)


def _estimate(to: str, scale: Scale | None, n: int, total: float, squares: float) -> Estimate:
    """The share or mean of a group of people from its sums."""
    if to == "again":
        if not n:
            return Estimate("again", "wilson", (0, 1), LEVEL, 0, None, None, None, None)
        hits = round(total)
        low, high = wilson(hits, n)
        return Estimate("again", "wilson", (0, 1), LEVEL, n, 100 * total / n, 100 * share_error(hits, n), 100 * low, 100 * high)
    return mean_estimate(to, scale or MONEY, (n, total, squares))


def mean_estimate(name: str, scale: Scale, sums: tuple[int, float, float]) -> Estimate:
    """A mean with its t interval from how many there are, their sum and the sum of their squares.

    The interval stays on the scale; that of money, which has none, does not go below nothing where the mean does not.
    """
    n, total, squares = sums
    if n < 2:
        return Estimate(name, "t", scale, LEVEL, n, total / n if n else None, None, None, None)
    mean = total / n
    se = (max(0.0, squares - n * mean * mean) / (n - 1) / n) ** 0.5
    ends = (0.0, math.inf) if scale == MONEY and mean >= 0 else scale
    return Estimate(name, "t", scale, LEVEL, n, mean, se, *mean_interval(mean, se, n, ends))


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
    return Sales(orders, people, paid, mean_estimate("spent", MONEY, (orders, paid, squares)))


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


def reviewed(found: Board) -> bool:
    """Whether this brand ever had reviews with a rating, whatever the time and the filters."""
    return REVIEWED in found.measures and bool(integers_of(found.workspace.pk, "kind", [REVIEW]))


def felt_measures(found: Board) -> list[str]:
    """The measures of perception, those with most answers first: whatever is neither trust nor loyalty."""
    felt = [code for code in found.answered if code not in (*TRUST, *LOYALTY)]
    return sorted(felt, key=lambda code: -found.totals[code].n)[:MOST_FELT]
