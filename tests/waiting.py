"""Waiting for what other threads and processes do: as long as a machine that is busy with other things may need, and no longer.

Used by tests everywhere; only one that fails waits to the end.
"""

import time
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")
PATIENCE: Final = 120.0  # seconds


def until(
    true: Callable[[], T], why: str | Callable[[], str] = "this did not become true", *, seconds: float = PATIENCE, every: float = 0.02
) -> T:
    """Ask again and again until something is true and return it; fails with the reason where it does not become so."""
    end = time.monotonic() + seconds
    while not (found := true()):
        if time.monotonic() > end:
            raise AssertionError(f"{why if isinstance(why, str) else why()} in {seconds:.0f} s")
        time.sleep(every)
    return found
