"""`GET /api/v1/measures/{measure}`: the figures of `peyvand analyze --workspace`, for programs that hold a key with scope read."""

from typing import Annotated, Any

from ninja import Query, Router, Schema
from ninja.errors import HttpError
from pydantic import Field

from peyvand.insights.asking import filters_of, question
from peyvand.insights.queries import answer
from peyvand.insights.questions import QuestionError
from peyvand.measures import ScaleError
from peyvand.workspaces.bearer import KeyBearer, KeyRequest, with_key
from peyvand.workspaces.types import Scope

ROUTER = Router(tags=["measures"])


class Asked(Schema):
    """What an address asks of a measure; the same words as the command's options."""

    by: list[str] = Field([], description="a cut: channel, touchpoint, stage, month, order.delivered:late …; repeat it to cross several")
    since: str = Field("", description="a date, or a moment with an offset; dates are whole days of the workspace")
    until: str = Field("", description="a date (that day included), or a moment")
    where: list[str] = Field([], description="a filter such as channel=sms; repeat it to narrow further")
    level: float = Field(0.95, description="confidence of the interval")
    as_of: str = Field("", description="leave out what was recorded later")


@ROUTER.get("/measures/{measure}", summary="One measure with its uncertainty, cut and filtered", auth=KeyBearer(Scope.READ))
@with_key(Scope.READ)
def measure(request: KeyRequest, measure: str, asked: Annotated[Asked, Query()]) -> dict[str, Any]:
    """The measure of all answers and of each group: n, value, se, low, high; labels in the language of Accept-Language."""
    parts = asked.model_dump(exclude={"where"})
    try:
        found = answer(question(request.workspace, measure, filters=filters_of(asked.where), **parts))
    except (QuestionError, ScaleError) as error:
        raise HttpError(400, str(error)) from None
    return {"workspace": request.workspace.slug, **found.to_json()}
