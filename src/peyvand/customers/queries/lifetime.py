"""How long relationships have lasted: the median over those that are not lost. Called by Pulse."""

from typing import Final

from django.conf import settings
from django.db.models import Count
from django.db.models.expressions import RawSQL

from peyvand.core import clock
from peyvand.customers.models import LifecycleRules, Profile
from peyvand.customers.queries.filters import Filters, narrowed
from peyvand.measures.medians import Median, median
from peyvand.workspaces.models import Workspace

KEPT_SECONDS: Final = 60.0  # at least, and
KEPT_TIMES: Final = 1_000  # as long as it took: the more people, the slower their median moves
_DAYS: Final = "(last_seen_at - first_seen_at) / 86400000000"
_kept: dict[tuple[str, int], tuple[float, Median]] = {}  # by data folder and workspace


def lifetime_median(workspace: Workspace) -> Median:
    """The median of whole days from the first to the last sight of customers who are known and not lost.

    A minute old at most; at a million customers, whom to count takes half a second, some ten.
    """
    key, now = (str(settings.PEYVAND_DATA), workspace.pk), clock.monotonic()
    until, found = _kept.get(key, (0.0, None))
    if found is None or until < now:
        found = median(lifetimes(workspace))
        done = clock.monotonic()
        _kept[key] = done + max(KEPT_SECONDS, KEPT_TIMES * (done - now)), found
    return found


def lifetimes(workspace: Workspace) -> list[tuple[float, int]]:
    """How many of them have lasted so many whole days."""
    kept = narrowed(Profile.objects.filter(workspace=workspace, merged=False), Filters(kept=True, rules=LifecycleRules.of(workspace.pk)))
    rows = kept.annotate(days=RawSQL(_DAYS, [])).values("days").annotate(n=Count("pk")).order_by("days")  # noqa: S611 - constant
    return [(float(row["days"]), row["n"]) for row in rows]


def forget() -> None:
    """Drop what this process remembers; between tests and after a restore."""
    _kept.clear()
