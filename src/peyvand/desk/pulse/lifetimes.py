"""The lifetime of the relationship as Pulse tells it: a median with its interval, and the way to the customers behind it."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from peyvand.core import display
from peyvand.core.pictures import FEW
from peyvand.customers.queries.lifetime import lifetime_median
from peyvand.desk.people.choosing import KEPT_BOND
from peyvand.workspaces.models import Workspace

DAY_S = 86_400


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
        value=_span(found.value),
        low=_span(found.low),
        high=_span(found.high),
        n=found.n,
        few=found.n < FEW,
        url=f"{reverse('desk:customers')}?bond={KEPT_BOND}&sort=since",
    )


def _span(days: float | None) -> str:
    if days is None:
        return ""
    return display.duration(days * DAY_S) if days >= 1 else _("less than a day")
