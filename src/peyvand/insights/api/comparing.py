"""Two sets of answers beside each other, for programs: any time and filters against any others, as on the page of comparisons."""

import datetime as dt
from typing import Annotated, Any

from ninja import Query, Router, Schema
from pydantic import Field

from peyvand.insights.api.reading import MOMENTS, WHERE, in_reader_language, narrowed, span_told, spoken
from peyvand.insights.sides import Beside, Side, side_by_side
from peyvand.workspaces.bearer import KeyRequest, opens
from peyvand.workspaces.types import Scope

ROUTER = Router(tags=["measures"])


class SidesAsked(Schema):
    """The two sides; without a word each is everything."""

    one_since: str = Field("", description=MOMENTS)
    one_until: str = Field("", description=MOMENTS)
    one_where: list[str] = Field([], description=WHERE)
    other_since: str = Field("", description=MOMENTS)
    other_until: str = Field("", description=MOMENTS)
    other_where: list[str] = Field([], description=WHERE)
    as_of: str = Field("", description="leave out what was recorded later")


class SpanTold(Schema):
    """A span; `until` is the first moment no longer counted."""

    since: dt.datetime
    until: dt.datetime


class BesideTold(Schema):
    """One measure of both sides."""

    measure: str
    label: str
    one: dict[str, Any]
    other: dict[str, Any]
    both: int = Field(description="answers that stand on both sides; where there are any, nothing is claimed")
    change: dict[str, Any] | None = Field(description="one minus other; null where one has no answers")
    sure: bool = Field(description="beyond noise also when it is remembered how many measures were looked at")


class Compared(Schema):
    """Every measure that one of the sides has answers of."""

    one: SpanTold
    other: SpanTold
    items: list[BesideTold]


@opens(ROUTER.get, "/comparisons", Scope.READ, response=Compared, summary="Two sets of answers beside each other")
def comparisons(request: KeyRequest, asked: Annotated[SidesAsked, Query()]) -> dict[str, Any]:
    """Measure by measure, with the difference and its interval."""

    def counted() -> dict[str, Any]:
        one = narrowed(request, asked.one_where, asked.one_since, asked.one_until, asked.as_of)
        other = narrowed(request, asked.other_where, asked.other_since, asked.other_until, asked.as_of)
        found = side_by_side(request.workspace, Side(one.span, one.filters), Side(other.span, other.filters), one.as_of)
        return {"one": span_told(one.span), "other": span_told(other.span), "items": [_told(pair) for pair in found]}

    return in_reader_language(request, counted, spoken(request))


def _told(pair: Beside) -> dict[str, Any]:
    change = pair.change.to_json() if pair.change is not None else None
    plain = {name: getattr(pair, name) for name in ("measure", "label", "both", "sure")}
    return plain | {"one": pair.one.to_json(), "other": pair.other.to_json(), "change": change}
