"""The lifetime of the relationship as Pulse tells it: a median with its interval, and the way to the customers behind it."""

from dataclasses import dataclass

from django.urls import reverse

from peyvand.core.pictures import FEW
from peyvand.customers.queries.lifetime import lifetime_median
from peyvand.desk.people.choosing import KEPT_BOND
from peyvand.desk.people.facts import lasted
from peyvand.workspaces.models import Workspace


@dataclass(frozen=True, slots=True)
class Lifetime:
    """The figure in words; `low` and `high` are empty where so few customers allow no interval."""

    value: str
    low: str
    high: str
    n: int
    few: bool
    url: str


def lifetime_told(workspace: Workspace) -> Lifetime | None:
    """How long the relationship has lasted for half of the customers who are known and not lost; None where there are none."""
    found = lifetime_median(workspace)
    if found.value is None:
        return None
    return Lifetime(
        value=lasted(found.value),
        low=_span(found.low),
        high=_span(found.high),
        n=found.n,
        few=found.n < FEW,
        url=f"{reverse('desk:customers')}?bond={KEPT_BOND}&sort=since",
    )


def _span(days: float | None) -> str:
    return "" if days is None else lasted(days)
