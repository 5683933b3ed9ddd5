"""Expressions of the chain: what people thought beside what the same people thought otherwise, or did afterwards. Called by shapes.

All links of a page are told in one read: each measure has a place, from 1, and each person one mean score at each place.
"""

from typing import Any, Literal

import ibis

from peyvand.insights import expressions as base
from peyvand.insights.shapes import LINK, Shape
from peyvand.timeline.lake import places

Which = Literal["first", "second"]


def links_sql(shape: Shape) -> str:
    """SQL that gives, of each of the `links` (from 1) and for its bad (0), mixed (1) and good (2) people by their mean score of the
    first measure: how many there are, the sums of their mean score of the second measure and of its squares, and the sums of both
    ranks, their squares and product, for the rank correlation. Filters narrow the first scores alone.
    """
    firsts = _people(base.scored(shape), "first")
    rows = base.within(base.table(places.PERCEPTIONS), filtered=False)
    rows = rows.filter(
        base.asked("second_ids").contains(rows.measure), rows.value.notnull(), base.among(rows.kind, base.asked("second_kinds"))
    )
    seconds = _people(rows, "second").view()
    pairs = firsts.inner_join(seconds, firsts.person == seconds.person)
    link = base.position(base.asked("links"), firsts.place * LINK + seconds.place)
    pairs = pairs.select(link=link, x=firsts.score, y=seconds.score)
    return base.to_sql(_summed(pairs.filter(pairs.link.notnull())))


def deeds_sql(shape: Shape) -> str:
    """The same of what people did within `followed` days after their last score: link 1 is whether they bought again (1 or 0),
    link 2 what they paid.
    """
    firsts = _people(base.scored(shape), "first")
    rows = base.table(places.INTERACTIONS)
    rows = rows.filter(rows.workspace == base.asked("workspace"), base.asked("purchases").contains(rows.kind), rows.identity.notnull())
    bought = _named(base.not_hidden(base.known_then(rows))).select("person", "occurred_at", "amount", "currency")
    after = (bought.occurred_at > firsts.at) & (base.micros(bought.occurred_at) <= base.micros(firsts.at) + base.asked("followed"))
    joined = firsts.left_join(bought, [firsts.person == bought.person, after])
    paid = (joined.currency == base.asked("currency")).ifelse(joined.amount, 0).fill_null(0).cast("float64")
    found = joined.select(who=firsts.person, x=firsts.score, bought=bought.person.notnull().cast("float64"), paid=paid)
    did = found.group_by("who", "x").aggregate(again=found.bought.max(), spent=found.paid.sum())
    sides = [did.select("x", link=ibis.literal(link, "int64"), y=did[deed]) for link, deed in ((1, "again"), (2, "spent"))]
    return base.to_sql(_summed(ibis.union(*sides)))


def sales_sql(_shape: Shape) -> str:
    """SQL of the purchases of a span: how many, of how many people, what was paid in all, and the sum of the squares."""
    bought = base.within(base.table(places.INTERACTIONS))
    bought = bought.filter(
        base.asked("purchases").contains(bought.kind), bought.currency == base.asked("currency"), bought.amount.notnull()
    )
    named = _named(bought)
    paid = named.amount.cast("float64")
    return base.to_sql(
        named.aggregate(
            orders=named.count(),
            people=named.person.nunique(),
            paid=paid.sum().fill_null(0.0),
            squares=(paid * paid).sum().fill_null(0.0),
        )
    )


def _named(rows: Any) -> Any:
    """The rows with whom they are of; nobody in particular for null."""
    who = base.table(places.IDENTITIES)
    joined = rows.left_join(who, rows.identity == who.id)
    return joined.select(rows, person=ibis.coalesce(who.customer, -rows.identity))


def _people(rows: Any, which: Which) -> Any:
    """Of each person and place the mean score on the scale of that place, and when the last one was given."""
    place = base.at(base.asked(f"{which}_places"), base.position(base.asked(f"{which}_ids"), rows.measure))
    rows = rows.mutate(place=place)
    low, high = (base.value_at(base.asked(f"{which}_{end}"), rows.place) for end in ("low", "high"))
    rows = _named(rows.filter(rows.low == low, rows.high == high, rows.identity.notnull()))
    return rows.group_by("person", "place").aggregate(score=rows.value.mean(), at=rows.occurred_at.max())


def _summed(pairs: Any) -> Any:
    ranked = pairs.mutate(rx=_mean_rank(pairs, "x"), ry=_mean_rank(pairs, "y"))
    mixed, good = (base.value_at(base.asked(band), ranked.link) for band in ("mixed", "good"))
    banded = ranked.mutate(band=(ranked.x >= mixed).cast("int64") + (ranked.x >= good).cast("int64"))
    return banded.group_by("link", "band").aggregate(
        people=banded.count(),
        sum_y=banded.y.sum(),
        sum_yy=(banded.y * banded.y).sum(),
        sum_rx=banded.rx.sum(),
        sum_ry=banded.ry.sum(),
        sum_rxx=(banded.rx * banded.rx).sum(),
        sum_ryy=(banded.ry * banded.ry).sum(),
        sum_rxy=(banded.rx * banded.ry).sum(),
    )


def _mean_rank(pairs: Any, column: str) -> Any:
    """The rank of each in its link, those of one value sharing the mean of theirs, counted from the middle so that large sums stay
    exact.
    """
    first = ibis.rank().over(ibis.window(group_by="link", order_by=column)).cast("float64")
    alike = pairs.count().over(ibis.window(group_by=["link", column])).cast("float64")
    half = pairs.count().over(ibis.window(group_by="link")).cast("float64") / 2
    return first + (alike - 1) / 2 - half
