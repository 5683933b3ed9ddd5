"""The one source of time and chance. Every module asks here, so that a test or the demo can stop, move and replay
both from a seed.
"""

import base64
import os
import random as chance
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

_generator = chance.Random()  # noqa: S311 - sampling, not secrets
os.register_at_fork(after_in_child=_generator.seed)  # else every worker forked from one parent draws the same numbers


class Frozen:
    """A stopped clock with its own chance; it stands still until `advance` or `move_to`, for every thread of the
    process.
    """

    def __init__(self, at: datetime, seed: int | str, *, tokens: bool) -> None:
        self._lock = threading.Lock()
        self._began = self._at = _aware(at)
        self.random = chance.Random(seed)  # noqa: S311 - sampling, not secrets
        self.tokens = chance.Random(f"tokens {seed}") if tokens else None  # noqa: S311 - a replay asked for it

    @property
    def at(self) -> datetime:
        return self._at

    @property
    def elapsed(self) -> timedelta:
        return self._at - self._began

    def advance(self, amount: timedelta) -> datetime:
        """Move by `amount` (backwards when negative) and return the new time."""
        with self._lock:
            self._at += amount
            return self._at

    def jump(self, amount: timedelta) -> datetime:
        """Set the clock ahead or back, as somebody sets one: no time passes."""
        with self._lock:
            self._began += amount
            self._at += amount
            return self._at

    def move_to(self, moment: datetime) -> datetime:
        """Stand at `moment` and return it in UTC."""
        with self._lock:
            self._at = _aware(moment)
            return self._at


_frozen: Frozen | None = None


def now() -> datetime:
    """The present moment, aware, in UTC."""
    stopped = _frozen
    return stopped.at if stopped else datetime.now(UTC)  # noqa: TID251 - this is where time comes from


def today(tz: str | tzinfo) -> date:
    """The date it is now in a time zone."""
    zone = ZoneInfo(tz) if isinstance(tz, str) else tz
    return now().astimezone(zone).date()


def monotonic() -> float:
    """Seconds that only grow, for leases and time limits inside one process; a frozen clock moves them by `advance`."""
    stopped = _frozen
    return stopped.elapsed.total_seconds() if stopped else time.monotonic()


def random(seed: int | str | None = None) -> chance.Random:
    """The process's generator (the seeded one while frozen); with `seed`, a fresh generator of that seed. Never for
    secrets.
    """
    if seed is not None:
        return chance.Random(seed)  # noqa: S311 - sampling, not secrets
    stopped = _frozen
    return stopped.random if stopped else _generator


def secret_bytes(nbytes: int = 32) -> bytes:
    """Unpredictable bytes of the operating system; repeatable only inside `frozen(..., tokens=True)`."""
    stopped = _frozen
    if stopped and stopped.tokens:
        return stopped.tokens.randbytes(nbytes)
    return os.urandom(nbytes)


def token(nbytes: int = 32) -> str:
    """A secret of `nbytes` bytes as text safe in an address (4 characters for 3 bytes, no padding)."""
    return base64.urlsafe_b64encode(secret_bytes(nbytes)).rstrip(b"=").decode()


@contextmanager
def frozen(at: datetime, *, seed: int | str = 0, tokens: bool = False) -> Iterator[Frozen]:
    """Stop time at `at` and draw chance from `seed`, in every thread, until the block ends; `tokens` makes secrets
    repeat too.
    """
    global _frozen  # noqa: PLW0603 - one clock for the process is the point: threads started in the block see it as well
    before = _frozen
    _frozen = stopped = Frozen(at, seed, tokens=tokens)
    try:
        yield stopped
    finally:
        _frozen = before


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"A clock cannot stand at {moment}: it has no time zone. Give an aware datetime.")
    return moment.astimezone(UTC)
