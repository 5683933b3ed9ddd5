"""`GET /api/v1/measures/{measure}`: the figures of `peyvand analyze --workspace`, and how answers spread, for keys with scope read."""

from typing import Annotated, Any

from ninja import Header, Query, Router, Schema
from pydantic import Field

from peyvand.insights.api.reading import MOMENTS, WHERE, in_reader_language
from peyvand.insights.asking import filters_of, question
from peyvand.insights.queries import answer, spread
from peyvand.insights.questions import QuestionError
from peyvand.measures import Scale
from peyvand.measures.contrast import contrast_told
from peyvand.workspaces.bearer import KeyRequest, opens, sees_contacts
from peyvand.workspaces.types import Scope

ROUTER = Router(tags=["measures"])


class MeasureAsked(Schema):
    """What an address asks of a measure; the same words as the command's options."""

    by: list[str] = Field(
        [], description="a cut: channel, stage, source, import, month, order.delivered:late …; repeat it to cross several"
    )
    since: str = Field("", description="a date, or a moment with an offset; dates are whole days of the workspace")
    until: str = Field("", description="a date (that day included), or a moment")
    where: list[str] = Field([], description=WHERE)
    level: float = Field(0.95, description="confidence of the interval")
    as_of: str = Field("", description="leave out what was recorded later")
    compare: str = Field(
        "", description="beside since and until, an earlier time: previous (as long, just before), lastyear, or 1404-01-01..1404-06-31"
    )
    against: list[str] = Field([], description="two codes of the cut, compared with each other: by=branch&against=vanak&against=karaj")
    scale: list[float] = Field([], description="low and high where another than the usual scale is meant: scale=1&scale=10")


@opens(ROUTER.get, "/measures/{measure}", Scope.READ, summary="One measure with its uncertainty, cut and filtered")
def measure(
    request: KeyRequest,
    measure: str,
    asked: Annotated[MeasureAsked, Query()],
    accept_language: Annotated[
        str, Header(alias="Accept-Language", description="of the labels; without it they are in the brand's own")
    ] = "",
) -> dict[str, Any]:
    """The measure of all answers and of each group: n, value, se, low, high.

    A group has its codes, which never change with the language, and a label for people: in the language of
    Accept-Language, without that header in the brand's own.
    """
    parts = asked.model_dump(exclude={"where", "scale", "against"})

    def told() -> dict[str, Any]:
        wanted = question(request.workspace, measure, filters=filters_of(asked.where), scale=_scale(asked.scale), **parts)
        found = answer(wanted, sees=sees_contacts(request))
        return found.to_json() | contrast_told(found.now, asked.against)

    return {"workspace": request.workspace.slug, **in_reader_language(request, told, accept_language)}


class SpreadAsked(Schema):
    """The same words, as far as a distribution has them."""

    since: str = Field("", description=MOMENTS)
    until: str = Field("", description=MOMENTS)
    where: list[str] = Field([], description=WHERE)
    level: float = Field(0.95, description="confidence of the intervals")
    as_of: str = Field("", description="leave out what was recorded later")
    scale: list[float] = Field([], description="low and high where another than the usual scale is meant")


class BarTold(Schema):
    """One point of the scale: its share in percent with Wilson's interval; null without answers."""

    point: int
    n: int
    share: float | None
    low: float | None
    high: float | None


class SpreadTold(Schema):
    """All points of the scale in ascending order, empty ones too."""

    n: int
    invalid: int = Field(description="answers of another scale, or between two points")
    missing: int
    bars: list[BarTold]


@opens(ROUTER.get, "/measures/{measure}/distribution", Scope.READ, response=SpreadTold, summary="How answers spread over their scale")
def measure_distribution(request: KeyRequest, measure: str, asked: Annotated[SpreadAsked, Query()]) -> dict[str, Any]:
    """As on the page of a figure; `/measures/{measure}/answers` gives the answers of a point by `at_least` and `below`."""
    parts = asked.model_dump(exclude={"where", "scale"})

    def told() -> dict[str, Any]:
        return spread(question(request.workspace, measure, filters=filters_of(asked.where), scale=_scale(asked.scale), **parts)).to_json()

    return in_reader_language(request, told)


def _scale(ends: list[float]) -> Scale | None:
    if len(ends) not in (0, 2):
        raise QuestionError("scale", f"has a low and a high end, not {len(ends)} numbers")
    return (ends[0], ends[1]) if ends else None
