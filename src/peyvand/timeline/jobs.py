"""Housekeeping of the timeline, done by the worker."""

from datetime import timedelta
from typing import Any, Final

from peyvand.timeline.services.letters import forget_settled

FORGET: Final = "timeline.forget_settled"


def _forget(_payload: dict[str, Any]) -> None:
    forget_settled()


JOBS = {FORGET: _forget}
EVERY = {FORGET: timedelta(hours=6)}
