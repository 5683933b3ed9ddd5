"""How long relationships have lasted: the median over those that are not lost. Called by Pulse."""

from threading import Lock, Thread
from typing import Final, NamedTuple

import structlog
from django.conf import settings
from django.db import connection
from django.db.models import Count
from django.db.models.expressions import RawSQL

from peyvand.core import clock, walls
from peyvand.customers.models import LifecycleRules, Profile
from peyvand.customers.queries.filters import Filters, narrowed
from peyvand.measures.medians import Median, median
from peyvand.workspaces.models import Workspace

log = structlog.get_logger("peyvand.customers")
KEPT_SECONDS: Final = 60.0  # at least, and
KEPT_TIMES: Final = 1_000  # as long as it took: the more people, the slower their median moves
LONGER: Final = 4  # times what it took last time, one count is given before another begins
QUICK_SECONDS: Final = 0.05  # what a page may wait for a new count
OLDEST_SECONDS: Final = 86_400.0  # a count that nobody asked for since the day before is worth waiting for a new one
_DAYS: Final = "(last_seen_at - first_seen_at) / 86400000000"
Key = tuple[str, int]


class _Kept(NamedTuple):
    """A median, when it was counted and is to be counted anew, and how many seconds that took."""

    found: Median
    at: float
    due: float
    took: float


_lock = Lock()
_kept: dict[Key, _Kept] = {}  # by data folder and workspace


def lifetime_median(workspace: Workspace) -> Median:
    """The median of whole days from the first to the last sight of customers who are known and not lost.

    Kept a minute, or a thousand times as long as counting took: at a million customers half a second, so some ten minutes. Where it is
    not quick, who comes when a new count is due gets the last one, and a thread counts.
    """
    key, now = (str(settings.PEYVAND_DATA), workspace.pk), clock.monotonic()
    kept = _kept.get(key)
    if kept is None or (kept.due < now and (kept.took < QUICK_SECONDS or kept.at + OLDEST_SECONDS < now)):
        return _count(key)
    if _is_mine(key, now):
        Thread(target=_count_aside, args=(key,), name="lifetime", daemon=True).start()
    return kept.found


def _is_mine(key: Key, now: float) -> bool:
    """Whether a count is due and the one who asks has it made; should it fail, another does so a minute later."""
    with _lock:
        kept = _kept.get(key)
        if kept is None or now <= kept.due:
            return False
        _kept[key] = kept._replace(due=now + max(KEPT_SECONDS, LONGER * kept.took))
        return True


def _count(key: Key) -> Median:
    began = clock.monotonic()
    found = median(lifetimes(key[1]))
    done = clock.monotonic()
    _kept[key] = _Kept(found, done, done + max(KEPT_SECONDS, KEPT_TIMES * (done - began)), done - began)
    return found


def _count_aside(key: Key) -> None:
    try:
        with walls.inside(key[1]):
            _count(key)
    except Exception as error:  # nobody stands above a thread; the last count stays until another try
        log.warning("lifetimes not counted", workspace=key[1], exc_info=error)
    finally:
        connection.close()


def lifetimes(workspace_id: int) -> list[tuple[float, int]]:
    """How many of them have lasted so many whole days."""
    kept = narrowed(Profile.objects.filter(workspace=workspace_id, merged=False), Filters(kept=True, rules=LifecycleRules.of(workspace_id)))
    rows = kept.annotate(days=RawSQL(_DAYS, [])).values("days").annotate(n=Count("pk")).order_by("days")  # noqa: S611 - constant
    return [(float(row["days"]), row["n"]) for row in rows]


def forget() -> None:
    """Drop what this process remembers; between tests and after a restore."""
    _kept.clear()
