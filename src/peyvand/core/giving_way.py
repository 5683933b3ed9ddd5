"""Work in no hurry, such as indexing and copying: it rests where others are at work too, and its commits may wait for no disk."""

import threading
import time
from typing import Any, Final

from django.db import connection

from peyvand.core.db import is_sqlite
from peyvand.core.walls import across

REST: Final = 9  # times as long as was worked, at most
LONGEST_REST: Final = 2.0  # seconds
SOME: Final = 0.25  # the share of looks that find others at work up to which nobody rests
MUCH: Final = 0.4  # and from which they rest the most
APART: Final = 0.025  # seconds between two looks
NEWEST: Final = 0.1  # how much the newest look counts beside all before it
CALM: Final = "peyvand, in no hurry"
HURRIED: Final = (
    "SELECT EXISTS (SELECT 1 FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND application_name <> %s "
    "AND (state = 'active' OR state = 'idle in transaction' AND state_change > clock_timestamp() - interval '1 second'))"
)


def give_way(worked: float, *, late: bool = False) -> None:
    """Rest up to nine times as long as this thread `worked` (in seconds), by how often it finds others at work who do not give way.

    Where two looks in five or more meet others, all unhurried work of this process together takes a tenth of the time. Where one
    in four or fewer do, there is room for both and it does not rest: it would fall behind for ever. Whoever is `late` takes half of
    the time for themselves: with a tenth of it they might never catch up. Those who give way do not wait for one another.
    """
    others = float(_others_work())
    share = _here.share = others if _here.share is None else _here.share + NEWEST * (others - _here.share)
    if share > SOME:
        often = min((share - SOME) / (MUCH - SOME), 1.0)
        time.sleep(min(worked * often, LONGEST_REST) if late else _rest.take(REST * worked * often))


class _Here(threading.local):
    """How often this thread found others at work lately, from 0 to 1; None before it looked."""

    share: float | None = None


class _Rest:
    """The rest of all threads that give way, one after the other: if each rested for itself, another would work meanwhile."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until = 0.0

    def take(self, seconds: float) -> float:
        """Add so many seconds to it; returns in how many it ends."""
        with self._lock:
            now = time.monotonic()
            self._until = min(max(now, self._until) + seconds, now + LONGEST_REST)
            return self._until - now


_here = _Here()
_rest = _Rest()


def _others_work() -> bool:
    """Look twice: whoever waited for this thread to leave the gate is inside at the first look, however seldom they come."""
    if not _somebody_works():
        return False
    time.sleep(APART)
    return _somebody_works()


def _somebody_works() -> bool:
    connection.ensure_connection()
    wrapper: Any = connection
    if is_sqlite():
        wrapper.calm = True
        return bool(wrapper.gate_is_taken())
    with across(), connection.cursor() as cursor:  # whoever stands inside a wall is not told what others do
        cursor.execute(HURRIED, [CALM])
        others = bool(cursor.fetchone()[0])
        cursor.execute("SET application_name = %s", [CALM])
    return others


def commit_without_sync() -> None:
    """Let this thread's commits wait for no disk, until it connects anew: for what is made again from what it was made of.

    They survive a killed process; a power failure may take back the last of them, but never one of another thread before
    it, and never half of one.
    """
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=NORMAL" if is_sqlite() else "SET synchronous_commit = off")
