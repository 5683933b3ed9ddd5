"""How often a key may ask: so many times a minute, counted in the cache that processes share. Called by workspaces.bearer.

Where there is Redis, all machines count together; else each web process counts by itself.
"""

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.core.cache import cache

from peyvand.core import clock
from peyvand.workspaces.models import ApiKey

SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Limit:
    """What a key has left: `most` a minute, `left` of them, for `reset` seconds more."""

    most: int
    left: int
    reset: int


class TooManyError(Exception):
    """A key asked too often in this minute."""

    def __init__(self, limit: Limit) -> None:
        super().__init__()
        self.limit = limit


def take(key: ApiKey) -> Limit:
    """Count one request of a key. Raises TooManyError beyond the limit."""
    most, now = settings.PEYVAND_API_A_MINUTE, clock.now().timestamp()
    minute = int(now // SECONDS)
    name = f"api.limit:{key.pk}:{minute}"
    cache.add(name, 0, 2 * SECONDS)
    try:
        count = cache.incr(name)
    except ValueError:  # it ran out in between
        count = 1
    limit = Limit(most, max(0, most - count), max(1, round((minute + 1) * SECONDS - now)))
    if count > most:
        raise TooManyError(limit)
    return limit
