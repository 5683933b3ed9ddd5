"""Expressions of the chain: what people thought beside what the same people thought otherwise, or did afterwards. Called by shapes."""

from typing import Any, Literal

import ibis

from peyvand.insights import expressions as base
from peyvand.insights.shapes import Shape
from peyvand.timeline.lake import places

Target = Literal["score", "again", "spent"]


def link_sql(shape: Shape, target: Target) -> str:
    """SQL that gives, for bad (0), mixed (1) and good (2) people by their mean score of the first measure: how many there are, the
    sums of the other thing and of its squares, and the sums of both ranks, their squares and product, for the rank correlation.

    `score`: their mean score of `second`, in the same span. `again`: whether they bought again within `followed` days after
    their last score; `spent`: what they paid in those days.
    """
    firsts = _people(base.scored(shape), "first")
    pairs = _scores(firsts, shape) if target == "score" else _purchases(firsts, shape, target)
    return base.to_sql(_summed(pairs))


def sales_sql(shape: Shape) -> str:
    """SQL of the purchases of a span: how many, of how many people, what was paid in all, and the sum of the squares."""
    bought = base.within(base.table(places.INTERACTIONS), shape)
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


def _people(rows: Any, which: str) -> Any:
    """Of each person the mean score on the scale `which_scale`, and when the last one was given."""
    ends = base.asked(f"{which}_scale")
    rows = _named(rows.filter(rows.low == ends[0], rows.high == ends[1], rows.identity.notnull()))
    return rows.group_by("person").aggregate(score=rows.value.mean(), at=rows.occurred_at.max())


def _scores(firsts: Any, shape: Shape) -> Any:
    rows = base.within(base.table(places.PERCEPTIONS), Shape(as_of=shape.as_of, hides=shape.hides))
    rows = rows.filter(base.asked("second").contains(rows.measure), rows.value.notnull())
    kinds = base.asked("second_kinds")
    rows = rows.filter((kinds.length() == 0) | kinds.contains(rows.kind))
    others = _people(rows, "second").view()
    return firsts.inner_join(others, firsts.person == others.person).select(x=firsts.score, y=others.score)


def _purchases(firsts: Any, shape: Shape, target: Target) -> Any:
    rows = base.table(places.INTERACTIONS)
    rows = rows.filter(rows.workspace == base.asked("workspace"), base.asked("purchases").contains(rows.kind), rows.identity.notnull())
    if shape.as_of:
        rows = rows.filter(rows.recorded_at <= base.asked("as_of"))
    if shape.hides:
        rows = base.not_hidden(rows)
    bought = _named(rows).select("person", "occurred_at", "amount", "currency")
    followed = base.asked("followed")
    after = (bought.occurred_at > firsts.at) & (base.micros(bought.occurred_at) <= base.micros(firsts.at) + followed)
    joined = firsts.left_join(bought, [firsts.person == bought.person, after])
    paid = (joined.currency == base.asked("currency")).ifelse(joined.amount, 0).fill_null(0).cast("float64")
    found = joined.select(who=firsts.person, x=firsts.score, bought=bought.person.notnull().cast("float64"), paid=paid)
    y = found.bought.max() if target == "again" else found.paid.sum()
    return found.group_by("who", "x").aggregate(y=y).select("x", "y")


def _summed(pairs: Any) -> Any:
    limits = base.asked("limits")
    ranked = pairs.mutate(rx=_mean_rank(pairs, "x"), ry=_mean_rank(pairs, "y"))
    banded = ranked.mutate(band=(ranked.x >= limits[0]).cast("int64") + (ranked.x >= limits[1]).cast("int64"))
    return banded.group_by("band").aggregate(
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
    """The rank of each, those of one value sharing the mean of theirs, counted from the middle so that large sums stay exact."""
    alike = ibis.window(group_by=column)
    first = ibis.rank().over(ibis.window(order_by=column)).cast("float64")
    half = pairs.count().over(ibis.window()).cast("float64") / 2
    return first + (pairs.count().over(alike).cast("float64") - 1) / 2 - half
