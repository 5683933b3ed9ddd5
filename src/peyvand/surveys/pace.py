"""How often a public address may be called: counters in the cache, for guessing machines and stuck browsers. Called by public views."""

from typing import NamedTuple

from django.core.cache import cache

from peyvand.core import clock


class Limit(NamedTuple):
    """At most `times` calls in each stretch of `seconds`."""

    name: str
    times: int
    seconds: int


# Many customers share one address behind a mobile network, so only forged links are counted by it; a real link counts by itself.
FORGED = Limit("forged", 30, 60)
POSTS = Limit("posts", 120, 60)
CHANGED_MINDS = Limit("changed-minds", 10, 24 * 3600)  # each leaves an entry in the timeline; to stop is never refused for it


def is_over(limit: Limit, who: str) -> bool:
    """Count one call of `who`; True when it was one too many."""
    key = f"pace:{limit.name}:{who}:{int(clock.now().timestamp()) // limit.seconds}"
    if cache.add(key, 1, limit.seconds):
        return limit.times < 1
    try:
        return cache.incr(key) > limit.times
    except ValueError:  # it ran out between the two calls
        return False
