"""Work that comes round: `<app>/loops.py` lists LOOPS, and the worker runs each in a thread of its own until it stops."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog
from django.db import connection

from peyvand.core.db import change_mark, store_failure

log = structlog.get_logger("peyvand.worker")
LOOK_SECONDS: Final = 0.1
LONGEST_LOOK: Final = 0.4
FIRST_REST: Final = 0.5
LONGEST_REST: Final = 30.0


@dataclass(frozen=True)
class Loop:
    """Something to run again and again, with `every` seconds between rounds.

    run returns something true when more work waits, and is then called again at once. on_change: come round earlier,
    within about 0.1 s, when anything was committed to the database (0.4 s where that happens all the time); then `every` may be long.
    """

    name: str
    every: float
    run: Callable[[], object]
    on_change: bool = False


def run_loop(loop: Loop, stop: threading.Event) -> None:
    """Run one loop until `stop`; whatever it raises is logged, and it rests longer after each failure in a row."""
    failures, rest, look = 0, FIRST_REST, LOOK_SECONDS
    while not stop.is_set():
        try:
            mark = change_mark() if loop.on_change else None
            busy = loop.run()
            failures, rest = 0, FIRST_REST
            look = LOOK_SECONDS if busy else _rest(loop, mark, stop, look)
        except BaseException as error:  # noqa: BLE001 - one loop's fault must not end it; a panic of the lake's library is no Exception
            failures += 1
            _note(loop, error, failures)
            stop.wait(min(LONGEST_REST, rest))
            rest = min(LONGEST_REST, 2 * rest)
    connection.close()


def _rest(loop: Loop, mark: str | None, stop: threading.Event, look: float) -> float:
    """Rest until it is time, or something was committed; returns how long to wait for the first look next time."""
    end, next_look = time.monotonic() + loop.every, min(2 * look, LONGEST_LOOK)
    while not stop.is_set() and (left := end - time.monotonic()) > 0:
        stop.wait(min(left, look) if loop.on_change else left)
        if mark is not None and change_mark() != mark:
            return next_look
        look = next_look = LOOK_SECONDS
    return LOOK_SECONDS


def _note(loop: Loop, error: BaseException, failures: int) -> None:
    connection.close()  # a broken connection would fail for ever; a new one heals by itself
    if failure := store_failure(error):
        log.warning("store unavailable", loop=loop.name, failures=failures, reason=str(failure))
    else:
        log.error("loop failed", loop=loop.name, failures=failures, exc_info=error)
