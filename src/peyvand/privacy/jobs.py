"""Jobs of privacy: erasing a person, step by step, and letting go of what became old."""

from datetime import timedelta
from typing import Any, Final

from peyvand.core import jobs, walls
from peyvand.core.jobs import Later
from peyvand.privacy.services.erasing import ERASE, carry_on
from peyvand.privacy.services.retaining import retain

RETAIN: Final = "privacy.retain"


def _erase(payload: dict[str, Any]) -> None:
    with walls.across():  # the lake and the file of the database are of all workspaces
        when = carry_on(int(payload["erasure"]))
    if when is not None:
        raise Later(when)


def _retain(_payload: dict[str, Any]) -> None:
    if retain():  # others get their turn first
        jobs.enqueue(name=RETAIN, key="more")


JOBS = {ERASE: _erase, RETAIN: _retain}
LONG_JOBS = (ERASE, RETAIN)
EVERY = {RETAIN: timedelta(hours=1)}
