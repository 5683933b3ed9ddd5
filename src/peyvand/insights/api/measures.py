"""`GET /api/v1/measures/{measure}`: the figures of `peyvand analyze --workspace`, for programs that hold a key with scope read."""

from typing import Annotated, Any

from ninja import Header, Query, Router, Schema
from pydantic import Field

from peyvand.insights.api.reading import in_reader_language
from peyvand.insights.asking import filters_of, question
from peyvand.insights.queries import answer
from peyvand.insights.questions import QuestionError
from peyvand.measures import Scale
from peyvand.measures.contrast import contrast_told
from peyvand.workspaces.bearer import KeyBearer, KeyRequest, with_key
from peyvand.workspaces.types import Scope

ROUTER = Router(tags=["measures"])


class MeasureAsked(Schema):
    """What an address asks of a measure; the same words as the command's options."""

    by: list[str] = Field([], description="a cut: channel, touchpoint, stage, month, order.delivered:late …; repeat it to cross several")
    since: str = Field("", description="a date, or a moment with an offset; dates are whole days of the workspace")
    until: str = Field("", description="a date (that day included), or a moment")
    where: list[str] = Field([], description="a filter such as channel=sms; repeat it to narrow further")
    level: float = Field(0.95, description="confidence of the interval")
    as_of: str = Field("", description="leave out what was recorded later")
    compare: str = Field("", description="beside since and until, an earlier time: previous (as long, just before) or lastyear")
    against: list[str] = Field([], description="two codes of the cut, compared with each other: by=branch&against=vanak&against=karaj")
    scale: list[float] = Field([], description="low and high where another than the usual scale is meant: scale=1&scale=10")


@ROUTER.get("/measures/{measure}", summary="One measure with its uncertainty, cut and filtered", auth=KeyBearer(Scope.READ))
@with_key(Scope.READ)
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
        found = answer(question(request.workspace, measure, filters=filters_of(asked.where), scale=_scale(asked.scale), **parts))
        return found.to_json() | contrast_told(found.now, asked.against)

    return {"workspace": request.workspace.slug, **in_reader_language(request, told, accept_language)}


def _scale(ends: list[float]) -> Scale | None:
    if len(ends) not in (0, 2):
        raise QuestionError("scale", f"has a low and a high end, not {len(ends)} numbers")
    return (ends[0], ends[1]) if ends else None
