"""How long relationships last, for programs: the median that Pulse tells."""

from typing import Any

from ninja import Router, Schema
from pydantic import Field

from peyvand.customers.queries.lifetime import lifetime_median
from peyvand.workspaces.bearer import KeyRequest, opens
from peyvand.workspaces.types import Scope

ROUTER = Router(tags=["customers"])


class LifetimeTold(Schema):
    """A median in days with its interval."""

    n: int = Field(description="customers who are known and not lost")
    days: float | None
    low: float | None = Field(description="null where so few customers allow no interval")
    high: float | None
    level: float


@opens(ROUTER.get, "/lifetime", Scope.CUSTOMERS_READ, response=LifetimeTold, summary="How long relationships have lasted")
def lifetime(request: KeyRequest) -> dict[str, Any]:
    """From the first to the last sight, for half of the customers; kept a minute, or a thousand times as long as
    counting took, and for who comes first after that, a day at most.
    """
    found = lifetime_median(request.workspace)
    return {"n": found.n, "days": found.value, "low": found.low, "high": found.high, "level": found.level}
