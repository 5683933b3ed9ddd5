"""The texts that pages ask the lake in, compiled before anybody opens one: the first reader need not wait for Ibis. Called by loops."""

import time
from collections.abc import Iterator
from itertools import product
from typing import Final

from peyvand.core import clock
from peyvand.insights.board import CUTS
from peyvand.insights.listing import PAGE
from peyvand.insights.moves import WHY_CUTS
from peyvand.insights.questions import SHARED, TERMS, column_of
from peyvand.insights.shapes import Asks, Shape, is_kept, sql_of
from peyvand.timeline.lake.places import ALONE, CUBE

Text = tuple[Asks, Shape, tuple[object, ...]]
REST: Final = 9  # times what was worked
SIDES = ("measure", "side")
PLAIN: tuple[tuple[str, ...], ...] = (
    (),
    ("side",),
    ("day",),
    ("day", "side"),
    ("measure",),
    SIDES,
    ("measure", "day"),
    ("measure", "day", "side"),
)


NARROWED: tuple[Shape, ...] = (  # by a property of another interaction, by what was paid, by both
    Shape(joined=True, valued=True),
    Shape(bought=True),
    Shape(joined=True, valued=True, bought=True),
)


def prepare() -> bool:
    """Compile the next text that is not kept yet, then rest; False where there is none. After a new edition all take a minute or two."""
    for asks, shape, more in texts():
        if not is_kept(asks, shape, *more):
            begin = clock.monotonic()
            sql_of(asks, shape, *more)
            time.sleep(REST * (clock.monotonic() - begin))  # a tenth of a processor: what comes in is in more of a hurry
            return is_kept(asks, shape, *more)  # where nothing can be kept, a later round tries again
    return False


def texts() -> Iterator[Text]:
    """What the pages of figures and a question with one cut ask for, those of the home page first."""
    yield from _of_pages(Shape(), PLAIN)
    yield from ((asks, Shape(), ()) for asks in ("replied_sql", "sales_sql", "zones_sql"))
    yield "cuts_sql", Shape(("property", *SIDES), joined=True), (CUTS,)
    yield from _of_rollups(late=False)
    yield from _counts(Shape(), tuple(column_of(cut) for cut in SHARED))
    yield "count_sql", Shape(("property", *SIDES), joined=True), ()
    for narrowed in NARROWED:
        yield from _of_pages(narrowed, ((), ("measure",), ("measure", "day", "side")))
        yield "cuts_sql", narrowed._replace(keys=("property", *SIDES), joined=True), (CUTS,)  # where a change comes from
    yield from _of_rollups(late=True)


def _of_pages(shape: Shape, counted: tuple[tuple[str, ...], ...]) -> Iterator[Text]:
    """What Pulse, the chain and the answers ask of rows, narrowed in one way."""
    by_side = shape._replace(keys=SIDES)
    yield "cuts_sql", by_side, (CUTS,)
    yield from (("count_sql", shape._replace(keys=keys), ()) for keys in counted)
    yield from ((asks, shape, ()) for asks in ("people_sql", "links_sql", "deeds_sql"))
    yield "listed_sql", shape, (PAGE + 1,)
    why = (tuple(cut for cut in WHY_CUTS if cut != own) for own in ("", *WHY_CUTS))
    yield from (("cuts_sql", shape._replace(keys=("side",)), (cuts,)) for cuts in why)


def _of_rollups(*, late: bool) -> Iterator[Text]:
    yield from _counts(Shape(rollup="cube", late=late), CUBE)
    for name in ALONE:
        if name in TERMS:
            yield from _counts(Shape(rollup=name, late=late), (name,))


def _counts(shape: Shape, cuts: tuple[str, ...]) -> Iterator[Text]:
    keys = [*(PLAIN if shape.rollup else ()), *((cut, *rest) for cut, rest in product(cuts, (SIDES, (), ("side",))))]
    return (("count_sql", shape._replace(keys=key), ()) for key in keys)
