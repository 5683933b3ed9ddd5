"""Two filters of any kind, on either side of a comparison and as of any day, count what a loop over all that was recorded counts."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from peyvand.core import clock
from peyvand.insights.counting import Count
from peyvand.insights.queries import answer
from peyvand.insights.questions import ANY, NOT, Question, Span, cut_of, leaves_out
from peyvand.insights.tests.conftest import NOON, answer_item, keep
from peyvand.timeline.tests.conftest import make_item, make_workspace
from peyvand.timeline.types import Item, Subject

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
DAY = dt.timedelta(days=1)
ORDERS = 25
CODES = {
    "channel": ["sms", "web", "store"],
    "touchpoint": ["delivery", "support"],
    "branch": ["vanak", "karaj"],
    "product": ["mug", "vase", "bowl"],
    "employee": ["mina", "omid"],
    "item": ["speed", "care"],
    "kind": ["review.written", "survey.answered"],
}
AMOUNTS = {"..300": (0, 300), "200..600": (200, 600), "500..": (500, 10**9)}
LATE = "order.delivered:late"
ROUNDS = (NOON - 60 * DAY, NOON - 20 * DAY, NOON)  # when things were recorded


@dataclass
class Told:
    """An item and when it was recorded."""

    item: Item
    recorded_at: dt.datetime

    def says(self, cut: str) -> Any:
        """What it says of a cut."""
        return self.item.perceptions[0].item if cut == "item" else getattr(self.item, cut)


def history(chance: Any, recorded_at: dt.datetime) -> Iterator[Told]:
    """Answers about orders, deliveries that may be corrected, and what was paid; many lack this or that."""
    for _ in range(90):
        measure, top = chance.choice((("nps", 10), ("csat", 5)))
        fields = {cut: chance.choice((*codes, "")) for cut, codes in CODES.items() if cut not in ("item", "kind")}
        at = recorded_at - dt.timedelta(hours=chance.randint(1, 24 * 120))
        said = answer_item(
            float(chance.randint(1, top)), measure=measure, occurred_at=at, subject=Subject("order", str(chance.randint(1, ORDERS))),
            kind=chance.choice(CODES["kind"]), question=chance.choice((*CODES["item"], "")), **fields,
        )  # fmt: skip
        yield Told(said, recorded_at)
    for _ in range(12):
        subject, at = Subject("order", str(chance.randint(1, ORDERS))), recorded_at - dt.timedelta(minutes=chance.randint(1, 10**5))
        late = {"late": chance.random() < 0.5}
        yield Told(make_item(kind="order.delivered", occurred_at=at, subject=subject, properties=late), recorded_at)
        paid = {"amount": chance.randint(1, 900), "currency": chance.choice(("IRR", "IRR", "EUR"))}
        yield Told(make_item(kind="order.placed", occurred_at=at, subject=subject, **paid), recorded_at)


def by_hand(told: list[Told], measure: str, span: Span, filters: list[tuple[str, str]], as_of: dt.datetime | None) -> tuple[int, float]:
    """How many answers there are and the sum of their scores."""
    known = [one for one in told if as_of is None or one.recorded_at <= as_of]
    wanted: dict[str, list[str]] = {}
    for cut, code in filters:
        wanted.setdefault(cut, []).append(code)
    scores = [
        one.item.perceptions[0].value
        for one in known
        if one.item.perceptions
        and one.item.perceptions[0].measure == measure
        and span.since <= one.item.occurred_at < span.until
        and all(meets(one, known, cut, codes) for cut, codes in wanted.items())
    ]
    return len(scores), sum(scores)


def meets(one: Told, known: list[Told], cut: str, codes: list[str]) -> bool:
    """Whether an answer meets a filter."""
    mine = [other.item for other in known if other.item.subject == one.item.subject]
    if cut == "amount":
        low, high = AMOUNTS[codes[0]]
        return any(item.kind == "order.placed" and item.currency == "IRR" and low <= (item.amount or 0) <= high for item in mine)
    if cut == LATE:
        newest = max((item for item in mine if item.kind == "order.delivered"), key=lambda item: item.occurred_at, default=None)
        return newest is not None and (ANY in codes or str(newest.properties["late"]).lower() in codes)
    return one.says(cut_of(cut)) not in codes if leaves_out(cut) else one.says(cut) in codes


def drawn_filters(chance: Any) -> list[tuple[str, str]]:
    """Filters by two things, a few codes of one of them, which may be left out; now and then a code nobody bears."""
    filters = []
    for cut in chance.sample([*CODES, LATE, "amount"], 2):
        if cut == "amount":
            filters.append((cut, chance.choice(list(AMOUNTS))))
        elif cut == LATE:
            filters.append((cut, chance.choice(("true", "false", ANY))))
        else:
            codes = chance.sample([*CODES[cut], "nobody"], chance.choice((1, 1, 2)))
            name = chance.choice((cut, f"{cut}{NOT}"))
            filters += [(name, code) for code in codes]
    return filters


def test_two_filters_of_any_kind_count_what_a_loop_counts(brand):
    chance = clock.random("by hand")
    told: list[Told] = []
    for moment in ROUNDS:
        with clock.frozen(moment):
            new = list(history(chance, moment))
            keep(brand, [one.item for one in new])
            keep(make_workspace(f"Twin {moment:%m}"), [answer_item(1.0, channel="sms", branch="vanak", occurred_at=moment - DAY)])
        told += new
    paths, most = {"rows": 0, "rollups": 0}, 0
    for _ in range(150):
        measure, filters = chance.choice(("nps", "csat")), drawn_filters(chance)
        day = (NOON + dt.timedelta(hours=11)).replace(minute=30) - chance.randint(0, 150) * DAY  # a midnight of Tehran
        span, before = Span(day, day + chance.randint(1, 150) * DAY), Span(day - 50 * DAY, day)
        as_of = chance.choice((None, None, ROUNDS[0], ROUNDS[1], ROUNDS[1] - DAY))
        question = Question(workspace=brand, measure=measure, span=span, before=before, filters=tuple(filters), as_of=as_of)
        found = answer(question, source=chance.choice(("rows", "rollups")))
        for side, estimate in ((span, found.now.total), (before, found.before.total)):
            n, _sum = by_hand(told, measure, side, filters, as_of)
            assert estimate.n == n, question
            most = max(most, n)
        mean = Count(workspace=brand, measures=(measure,), span=span, filters=tuple(filters), as_of=as_of, source="rollups")
        assert sum(value * n for value, _low, _high, n in mean.rows()) == by_hand(told, measure, span, filters, as_of)[1], question
        paths["rollups" if mean.rolls_up() else "rows"] += 1
    assert most > 10, "some of them must find answers"
    assert min(paths.values()) > 5, f"both ways must be gone: {paths}"
