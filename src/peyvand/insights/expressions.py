"""The figures' expressions over the lake, written once in Ibis, and the SQL the engine gets from them.

What changes from question to question of one shape is a variable. Called by shapes, which keeps what was compiled.
"""

from functools import cache
from typing import Any

import ibis
import ibis.expr.datatypes as dt

from peyvand.insights.questions import END, ITEM, SHARED, column_of
from peyvand.insights.shapes import Shape
from peyvand.timeline.lake import places
from peyvand.timeline.warehouse import sql_for

_TYPES = {"integer": "int64", "text": "string", "number": "float64", "moment": "timestamp('UTC')", "day": "date"}
_MOMENT = dt.Timestamp("UTC")
_FILTERED = tuple(column_of(cut) for cut in SHARED)

# What a question sets before it runs the SQL of its shape. A part of a filter nobody asked for is constant and true once it is
# set, and the engine leaves it out before it plans what to read: so one text serves with and without.
_ASKED = dt.Struct(
    {
        "workspace": dt.int64,
        "zone": dt.string,
        **{f"{side}{end}": _MOMENT for side in ("", "then_") for end in ("since", "until")},
        **{f"{side}{end}_day": dt.date for side in ("", "then_") for end in ("since", "until")},
        "as_of": _MOMENT,
        "after_at": dt.int64,
        "after_id": dt.int64,
        **{name: dt.Array(dt.int64) for name in ("measures", "left_out", "kinds", "answered", "touchpoints", "stages", "purchases")},
        **{f"{side}_{column}": dt.Array(dt.int64) for side in ("of", "not") for column in _FILTERED},
        **{name: dt.Array(dt.float64) for name in ("scores", "first_low", "first_high", "second_low", "second_high", "mixed", "good")},
        **{name: dt.Array(dt.int64) for name in ("first_ids", "first_places", "second_ids", "second_places", "second_kinds", "links")},
        "followed": dt.int64,
        "path": dt.string,
        "amounts": dt.Array(dt.int64),
        "currency": dt.string,
        "values": dt.Array(dt.string),
    }
)


@ibis.udf.scalar.builtin(name="getvariable", signature=((dt.string,), _ASKED))  # type: ignore[untyped-decorator]
def _variable(variable: str) -> Any: ...


def asked(part: str) -> Any:
    """A part of what the question sets."""
    return _variable("asked")[part]


@ibis.udf.scalar.builtin(name="timezone", signature=((dt.string, _MOMENT), dt.timestamp))  # type: ignore[untyped-decorator]
def _local(zone: str, at: Any) -> Any: ...


@ibis.udf.scalar.builtin(name="row", signature=((_MOMENT, dt.int64), dt.Struct({"at": _MOMENT, "id": dt.int64})))  # type: ignore[untyped-decorator]
def _latest(at: Any, number: Any) -> Any: ...


@ibis.udf.scalar.builtin(name="json_extract_string", signature=((dt.string, dt.string), dt.string))  # type: ignore[untyped-decorator]
def _property(properties: Any, path: str) -> Any: ...


@ibis.udf.scalar.builtin(name="epoch_us", signature=((_MOMENT,), dt.int64))  # type: ignore[untyped-decorator]
def micros(at: Any) -> Any:
    """Microseconds of a moment."""


@ibis.udf.scalar.builtin(name="list_position", signature=((dt.Array(dt.int64), dt.int64), dt.int64))  # type: ignore[untyped-decorator]
def position(numbers: Any, number: Any) -> Any:
    """The place of a number in a list, from 1; null where it is not in it."""


@ibis.udf.scalar.builtin(name="list_extract", signature=((dt.Array(dt.int64), dt.int64), dt.int64))  # type: ignore[untyped-decorator]
def at(numbers: Any, place: Any) -> Any:
    """What stands at a place of a list of whole numbers, from 1, or from the end by −1."""


@ibis.udf.scalar.builtin(name="list_extract", signature=((dt.Array(dt.float64), dt.int64), dt.float64))  # type: ignore[untyped-decorator]
def value_at(numbers: Any, place: Any) -> Any:
    """The same of a list of numbers."""


@cache
def table(name: str) -> Any:
    """A table of the lake as Ibis knows it."""
    return ibis.table({column: _TYPES[kind] for column, kind in places.columns(name)}, name=name)


def count_sql(shape: Shape) -> str:
    """SQL that gives, for each combination of the keys and of (value, low, high), how many scores there are."""
    keys = [*shape.keys, "value", "low", "high"]
    rows = _rolled(shape) if shape.rollup else scored(shape)
    if shape.late:
        taken = scored(shape, late=True).select(*keys, n=ibis.literal(-1, "int64"))
        rows = ibis.union(rows.select(*keys, "n"), taken)
    total = rows.n.sum().cast("int64") if shape.rollup else rows.count()
    counted = rows.group_by(keys).aggregate(total=total)
    return to_sql(counted.filter(counted.total != 0))


def cuts_sql(shape: Shape, cuts: tuple[str, ...]) -> str:
    """SQL that reads the rows once and counts them by each cut, and by none: (cut, term, *keys, value, low, high, total).

    Ibis knows no grouping sets; a union of its counts would read the rows as often, or keep them all until the last one.
    """
    keys = [*shape.keys, "value", "low", "high"]
    named = {f"by_{cut}": cut for cut in cuts}
    rows = scored(shape)
    told = " ".join(f"WHEN GROUPING({name}) = 0 THEN '{cut}'" for name, cut in named.items())
    sets = ", ".join(f"({', '.join((*keys, *one))})" for one in ((), *((name,) for name in named)))
    return (
        f"SELECT CASE {told} ELSE '' END AS cut, COALESCE({', '.join((*named, 'NULL'))}) AS term, {', '.join(keys)}, COUNT(*) AS total "
        f"FROM ({to_sql(rows.select(*keys, **{name: rows[cut] for name, cut in named.items()}))}) AS counted "
        f"GROUP BY GROUPING SETS ({sets})"
    )


def people_sql(shape: Shape) -> str:
    """SQL of how many people stand behind the perceptions, and how many interactions of nobody in particular."""
    rows = _rows(shape)
    nobodys = ibis.ifelse(rows.identity.isnull(), rows.interaction, ibis.null("int64"))
    met = rows.select("identity", nobodys=nobodys).distinct()  # first, so that few are joined
    who = table(places.IDENTITIES)
    named = met.left_join(who, met.identity == who.id).select("nobodys", person=ibis.coalesce(who.customer, -met.identity))
    return to_sql(named.aggregate(people=named.person.nunique(), others=named.nobodys.count()))


def replied_sql(_shape: Shape) -> str:
    """SQL of how many interactions of `kinds` there are (invitations), and to how many the person said something of the
    kinds `answered` about the same subject afterwards.
    """
    sent = within(table(places.INTERACTIONS))
    sent = sent.filter(asked("kinds").contains(sent.kind))
    replies = table(places.INTERACTIONS).view()
    replies = replies.filter(replies.workspace == asked("workspace"), asked("answered").contains(replies.kind), replies.identity.notnull())
    replies = known_then(replies)
    replies = replies.group_by(who="identity", about=replies.subject_id.fill_null("")).aggregate(last=replies.occurred_at.max())
    pairs = sent.left_join(replies, [sent.identity == replies.who, sent.subject_id.fill_null("") == replies.about])
    return to_sql(pairs.aggregate(invited=pairs.id.nunique(), replied=pairs.id.nunique(where=pairs["last"] >= pairs.occurred_at)))


def listed_sql(shape: Shape, limit: int) -> str:
    """SQL of the single answers a figure counts, newest first, after a place: the drill-down of every figure."""
    rows = scored(shape)
    moment = micros(rows.occurred_at)
    rows = rows.filter((moment < asked("after_at")) | ((moment == asked("after_at")) & (rows.id < asked("after_id"))))
    picked = rows.select(
        "id", "interaction", "identity", "kind", "channel", "touchpoint", "branch", "product", "measure", "item", "value", "low", "high",
        "text", "subject_type", "subject_id", at=micros(rows.occurred_at),
    )  # fmt: skip
    return to_sql(picked.order_by([picked["at"].desc(), picked["id"].desc()]).limit(limit))


def zones_sql(_shape: Shape) -> str:
    """SQL of the first and the last time zone whose days the rollups of a workspace have."""
    rows = table(places.ROLLUPS)
    rows = rows.filter(rows.workspace == asked("workspace"))
    return to_sql(rows.aggregate(first=rows.zone.min(), last=rows.zone.max()))


def to_sql(expression: Any) -> str:
    """An expression in the engine's SQL."""
    return sql_for(expression)


def scored(shape: Shape, *, late: bool = False) -> Any:
    """The perceptions of a shape that have a score; `late`: those that were recorded after the moment that is asked about."""
    rows = _rows(shape, late=late)
    return rows.filter(rows.value.notnull())


def _rows(shape: Shape, *, late: bool = False) -> Any:
    rows = measured(within(table(places.PERCEPTIONS), late=late))
    scores = asked("scores")
    rows = rows.filter((scores.length() == 0) | ((rows.value >= value_at(scores, 1)) & (rows.value < value_at(scores, 2))))
    if "day" in shape.keys:
        rows = rows.mutate(day=_local(asked("zone"), rows.occurred_at).date())
    if shape.joined:
        rows = _joined(rows, shape)
    if shape.bought:
        rows = _bought(rows)
    return rows


def _placed(rows: Any) -> Any:
    """The rows with a stage: those recorded before their touchpoint had one take the one it has now."""
    return rows.mutate(stage=ibis.coalesce(rows.stage, at(asked("stages"), position(asked("touchpoints"), rows.touchpoint))))


def within(rows: Any, *, filtered: bool = True, late: bool = False) -> Any:
    """The rows of the workspace and the spans, as far as they were known then (`late`: those that were not), and that meet the
    filters unless told otherwise.
    """
    rows = _placed(rows)
    two = asked("then_since") < asked("then_until")
    inside = _inside(rows, "") | (two & _inside(rows, "then_"))
    rows = rows.filter(rows.workspace == asked("workspace"), inside)
    rows = not_hidden(rows.filter(rows.recorded_at > asked("as_of")) if late else known_then(rows))
    if filtered:
        rows = rows.filter([met for column in _FILTERED if column in rows.columns for met in _meets(rows[column], column)])
    return rows.mutate(side=(rows.occurred_at >= asked("since")).cast("int64"))


def among(column: Any, numbers: Any) -> Any:
    """Whether a column is one of these, or none are given; its ends come first, which spares the engine whole groups of rows."""
    several = numbers.contains(column) | (numbers.length() == 1)
    return (numbers.length() == 0) | ((column >= at(numbers, 1)) & (column <= at(numbers, -1)) & several)


def without(column: Any, numbers: Any) -> Any:
    """Whether a column is none of these, nothing at all among it."""
    return (numbers.length() == 0) | column.isnull() | ~numbers.contains(column)


def _meets(column: Any, name: str) -> tuple[Any, Any]:
    """The filters of a column, by the name they have in what is asked."""
    return among(column, asked(f"of_{name}")), without(column, asked(f"not_{name}"))


def known_then(rows: Any) -> Any:
    """The rows that had been recorded at the moment that is asked about."""
    return rows.filter((asked("as_of") == ibis.literal(END, _MOMENT)) | (rows.recorded_at <= asked("as_of")))


def not_hidden(rows: Any) -> Any:
    """The rows without those of undone batches."""
    return rows.filter(without(rows.batch, asked("left_out")))


def _inside(rows: Any, side: str) -> Any:
    return (rows.occurred_at >= asked(f"{side}since")) & (rows.occurred_at < asked(f"{side}until"))


def _joined(rows: Any, shape: Shape) -> Any:
    """The rows with the property of the latest interaction of `kinds` that has the same subject; others fall out."""
    others = _others("kinds")
    newest = others.group_by(of_type="subject_type", of_id="subject_id").aggregate(
        properties=others.properties.argmax(_latest(others.occurred_at, others.id))
    )
    others = newest.select("of_type", "of_id", property=_property(newest.properties, asked("path")))
    found = rows.inner_join(others, [rows.subject_type == others.of_type, rows.subject_id == others.of_id])
    return found.filter(asked("values").contains(found.property)) if shape.valued else found


def _bought(rows: Any) -> Any:
    """The rows whose subject was bought for an amount within `amounts`, both ends included."""
    bought = _others("purchases")
    bought = bought.filter(bought.currency == asked("currency"), bought.amount >= asked("amounts")[0], bought.amount <= asked("amounts")[1])
    return rows.semi_join(bought, [rows.subject_type == bought.subject_type, rows.subject_id == bought.subject_id])


def _others(kinds: str) -> Any:
    """Interactions of these kinds with a subject, as far as they were recorded then."""
    others = table(places.INTERACTIONS)
    others = others.filter(others.workspace == asked("workspace"), asked(kinds).contains(others.kind), others.subject_id.notnull())
    return not_hidden(known_then(others))


def measured(rows: Any) -> Any:
    """The rows of the measures asked for, which are some: a question about none is not asked."""
    return rows.filter(among(rows.measure, asked("measures")))


def _rolled(shape: Shape) -> Any:
    """The rows of the rollups; their days are those of the workspace's zone."""
    rows = _placed(table(places.ROLLUPS))
    two = asked("then_since_day") < asked("then_until_day")
    inside = _on_days(rows, "") | (two & _on_days(rows, "then_"))
    rows = measured(rows.filter(rows.workspace == asked("workspace"), rows.dimension == shape.rollup, inside))
    own = {name: name for name in places.CUBE} if shape.rollup == "cube" else {shape.rollup: "term"}
    rows = rows.filter([met for name, column in {**own, ITEM: ITEM}.items() for met in _meets(rows[column], name)])
    side = (rows.day >= asked("since_day")).cast("int64")
    return rows.mutate(side=side) if shape.rollup == "cube" else rows.mutate(**{"side": side, shape.rollup: rows.term})


def _on_days(rows: Any, side: str) -> Any:
    return (rows.day >= asked(f"{side}since_day")) & (rows.day < asked(f"{side}until_day"))
