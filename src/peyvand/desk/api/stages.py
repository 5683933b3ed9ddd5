"""How relationships moved, for programs: the stages of one customer with the reasons, and who moved from where to where."""

import datetime as dt
from typing import Annotated, Any, Literal

from ninja import Query, Router, Schema
from pydantic import Field

from peyvand.core import clock
from peyvand.customers.queries.stages import flow, moves_of
from peyvand.customers.types import Cause, Stage
from peyvand.desk.api.customers import customer_of
from peyvand.workspaces.bearer import KeyRequest, Paging, opens, page
from peyvand.workspaces.types import Scope

ROUTER = Router(tags=["customers"])


class StageMoveTold(Schema):
    """That somebody moved to another stage, and why."""

    at: dt.datetime
    from_stage: Stage | None = Field(description="null: they were placed for the first time")
    to_stage: Stage
    cause: Cause
    figures: dict[str, float] = Field(description="what made it so, such as days or purchases")


class StageMovePage(Schema):
    """Moves of a customer, the latest first."""

    items: list[StageMoveTold]
    next: str


class StageFlow(Schema):
    """How many moved from a stage to another."""

    from_stage: Stage
    to_stage: Stage
    customers: int


class StagePlaced(Schema):
    """How many were placed in a stage for the first time."""

    stage: Stage
    customers: int


class StageFlows(Schema):
    """Who moved from where to where, and who was placed for the first time."""

    since: dt.datetime
    moves: list[StageFlow]
    placed: list[StagePlaced]


class FlowAsked(Schema):
    """In how many days."""

    days: Literal["7", "30", "90", "365"] = "30"


@opens(ROUTER.get, "/customers/{customer}/stages", Scope.CUSTOMERS_READ, response=StageMovePage, summary="How a relationship moved")
def stages_of_customer(request: KeyRequest, customer: str, asked: Annotated[Paging, Query()]) -> dict[str, Any]:
    """With the reason of each move."""
    found = customer_of(request, customer)
    rows, following = page(request, f"stages.{found.pk}", moves_of(found.pk), asked, "-at")
    return {"items": [_told(move) for move in rows], "next": following}


@opens(ROUTER.get, "/stages/flow", Scope.CUSTOMERS_READ, response=StageFlows, summary="Who moved from which stage to which")
def stage_flow(request: KeyRequest, asked: Annotated[FlowAsked, Query()]) -> dict[str, Any]:
    """In the last days."""
    since = clock.now() - dt.timedelta(days=int(asked.days))
    found = flow(request.workspace, since)
    moves = [{"from_stage": before, "to_stage": after, "customers": n} for (before, after), n in sorted(found.moves.items())]
    return {"since": since, "moves": moves, "placed": [{"stage": stage, "customers": n} for stage, n in sorted(found.placed.items())]}


def _told(move: Any) -> dict[str, Any]:
    words = {name: getattr(move, name) for name in ("at", "to_stage", "cause", "figures")}
    return words | {"from_stage": move.from_stage or None}
