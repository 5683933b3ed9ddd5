"""What others answered to a question that strangers can have us ask: asked once at a time, and kept, a failure too. Called by oidc.

A question holds the thread that asks as long as the other side is silent, and a process has few threads for all its pages: it is
asked in the turn of a workspace (core.reaching).
"""

import threading
from collections.abc import Callable
from typing import Any, Final, TypedDict

from django.core.cache import cache

from peyvand.core.reaching import BusyError, turn

KEPT_SECONDS: Final = 300
FAILURE_SECONDS: Final = 30
STALE_SECONDS: Final = 86_400  # told while somebody asks anew, and never else
BRIEFLY: Final = 2.0  # seconds that one who finds it being asked waits: as long as a page may take, for a button that was pressed twice
_lock = threading.Lock()
_asked: dict[str, threading.Event] = {}
_waiter = threading.BoundedSemaphore(1)


class Outcome(TypedDict, total=False):
    """What was said, or in which words asking failed: a text to be translated, and why, which may be one too."""

    said: dict[str, Any]
    failed: tuple[str, str]


def outcome(key: str, ask: Callable[[], Outcome], workspace_id: int) -> Outcome | None:
    """What came of a question within the last minutes; else it is asked now. None while others ask and nothing is known yet."""
    kept: Outcome | None = cache.get(key)
    if kept is not None:
        return kept
    with _lock:
        other = _asked.get(key)
        mine = threading.Event() if other is None else None
        if mine is not None:
            _asked[key] = mine
    if mine is None:
        return _meanwhile(key, other)
    try:
        with turn(workspace_id):
            return _ask(key, ask)
    except BusyError:
        return _meanwhile(key, None)
    finally:
        with _lock:
            del _asked[key]
        mine.set()


def forget(key: str) -> None:
    """Have a question asked anew; until then what was said is told only while somebody asks."""
    cache.delete(key)


def _ask(key: str, ask: Callable[[], Outcome]) -> Outcome:
    found: Outcome | None = cache.get(key)  # of whoever asked until a moment ago
    if found is None:
        found = ask()
        cache.set(key, found, FAILURE_SECONDS if "failed" in found else KEPT_SECONDS)
        if "said" in found:
            cache.set(_stale(key), found, STALE_SECONDS)
    return found


def _meanwhile(key: str, other: threading.Event | None) -> Outcome | None:
    """What there is while somebody else asks: what was said before, else what they find, for the one who may wait for it."""
    known: Outcome | None = cache.get(_stale(key))
    if known is None and other is not None and _waiter.acquire(blocking=False):
        try:
            other.wait(BRIEFLY)
        finally:
            _waiter.release()
        known = cache.get(key)
    return known


def _stale(key: str) -> str:
    return f"{key}.stale"
