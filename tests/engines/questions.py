"""Everything screens ask of the lake, through the functions they call, as plain values: one dictionary an engine."""

import dataclasses
import datetime as dt
from collections.abc import Iterator
from typing import Any

from peyvand.insights.board import Board, board, by_month, groups_of, usual_length
from peyvand.insights.counting import Count
from peyvand.insights.links import deed_links, felt_measures, followed_span, reviews, sales, score_links
from peyvand.insights.listing import answers_page
from peyvand.insights.moves import cause, moves
from peyvand.insights.pairs import Pair
from peyvand.insights.properties import property_cuts
from peyvand.insights.queries import answer
from peyvand.insights.questions import ANY, PERIODS, SHARED, Question, Span
from peyvand.insights.sides import Side, side_by_side
from peyvand.insights.terms import measures_met
from peyvand.insights.tests.conftest import NOON
from peyvand.insights.voices import voices
from peyvand.insights.windows import AGAINST, LENGTHS, window
from peyvand.workspaces.models import Workspace

EARLIER = (NOON - dt.timedelta(days=30)).date()
NOW, THEN = Span(NOON - dt.timedelta(days=120), NOON), Span(NOON - dt.timedelta(days=400), NOON - dt.timedelta(days=120))
FILTERS = (
    (("channel", "sms"), ("channel", "web"), ("branch", "کرج")),
    (("touchpoint", "پرداخت"), ("item", "quality")),
    (("order.delivered:late", "true"),),
    (("order.delivered:city", 'Karaj\'s "east"'), ("order.delivered:city", "a\\b"), ("product", "mug")),
    (("order.delivered:late", ANY), ("amount", "1..1999999")),
    (("amount", "..500000"), ("language", "fa")),
    (("kind", "review.written"), ("company", "nobody-at-all")),
    (("source", "till"), ("import!", "brought-0")),
    (("branch!", "کرج"), ("channel!", "sms"), ("channel!", "web")),
    (("product!", "mug"), ("employee!", "mina"), ("item!", "quality"), ("order.delivered:late", ANY)),
    (("touchpoint!", "پرداخت"), ("touchpoint!", "nobody-at-all"), ("company!", "nobody-at-all")),
    (("import", "brought-0"), ("import", "brought-1"), ("order.delivered:late", ANY)),
)  # fmt: skip


def answered(brand: Workspace) -> dict[str, Any]:
    """Every answer by what was asked."""
    return {name: plain(value) for name, value in (*_of_times(brand), *_of_measures(brand), *_of_filters(brand), *_of_people(brand))}


def answered_by_day(brand: Workspace) -> dict[str, Any]:
    """Only what depends on where days, weeks, months begin: for a brand in another time zone."""
    return {name: plain(value) for name, value in _of_times(brand)}


def _of_times(brand: Workspace) -> Iterator[tuple[str, Any]]:
    for length in LENGTHS:
        yield f"board {length}", _drawn(board(brand, window(brand, length, "lastyear")))
    for against in AGAINST:
        yield f"board {against} of an earlier day", _drawn(board(brand, window(brand, "year", against, EARLIER)))
    yield "usual length", usual_length(brand)
    for by in ((), ("touchpoint", "channel"), ("product", "week"), *((period,) for period in PERIODS)):
        for source in ("rows", "rollups"):
            yield (
                f"by {by} from {source}",
                answer(Question(workspace=brand, measure="nps", by=by, span=NOW, before=THEN), source=source).to_json(),
            )


def _of_filters(brand: Workspace) -> Iterator[tuple[str, Any]]:
    for n, filters in enumerate(FILTERS):
        narrowed = board(brand, window(brand, "year", "previous"), filters)
        yield f"board {n}", _drawn(narrowed)
        yield f"voices {n}", voices(brand, narrowed.window, filters)
        yield (
            f"answers {n}",
            answers_page(Count(workspace=brand, measures=tuple(narrowed.measures), filters=filters, within=(2.0, 9.0)), size=20),
        )


def _of_people(brand: Workspace) -> Iterator[tuple[str, Any]]:
    earlier = window(brand, "year", "previous", EARLIER)
    yield from _of_chain(board(brand, window(brand, "all", "previous")))
    yield from _of_chain(board(brand, earlier, FILTERS[0][:1]))
    yield "voices", voices(brand, earlier)
    yield "sides", side_by_side(brand, Side(NOW, FILTERS[0]), Side(THEN), as_of=NOON - dt.timedelta(days=2))


def _of_measures(brand: Workspace) -> Iterator[tuple[str, Any]]:
    looked_at = board(brand, window(brand, "year", "previous"))
    cuts = (*SHARED, *(cut.key for cut in property_cuts(brand)))
    for code in (term.code for term in measures_met(brand.pk)):
        for cut in cuts:
            yield f"{code} by {cut}", sorted(plain(groups_of(looked_at, code, cut)), key=str)
        yield f"{code} by channel and month", answer(Question(workspace=brand, measure=code, by=("channel", "month"))).to_json()
        yield f"{code} by month", by_month(looked_at, code)
    found = moves(looked_at, looked_at.answered)
    yield "moves", sorted(plain(found), key=str)
    yield "causes", [plain(cause(looked_at, move)) for move in sorted(found, key=lambda move: (move.measure, move.cut, str(move.term)))[:3]]


def _of_chain(found: Board) -> Iterator[tuple[str, Any]]:
    name = f"chain of {found.window.length}"
    pairs = [(one, other) for one in felt_measures(found) for other in found.answered if other != one]
    yield f"{name}: scores", score_links(found, pairs)
    yield f"{name}: deeds", [deed_links(found, code) for code in found.answered]
    yield f"{name}: sales", sales(found, followed_span(found.window))
    yield f"{name}: reviews", reviews(found)


def _drawn(found: Board) -> dict[str, Any]:
    """A board's figures; of its cuts the order is left to the page."""
    return {
        "totals": found.totals,
        "trend": {code: (found.trend(code), found.ghost(code), found.halves(code)) for code in found.measures},
        "cuts": {f"{code} by {cut}": sorted(plain(groups), key=str) for (code, cut), groups in found.cuts.items()},
    }


def plain(value: Any) -> Any:
    """A value as lists, dictionaries, texts and numbers."""
    if isinstance(value, Pair):
        return {"now": plain(value.now), "then": plain(value.then), "change": plain(value.change), "shares": value.shares}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return value if isinstance(value, int | float | str | None) else str(value)
