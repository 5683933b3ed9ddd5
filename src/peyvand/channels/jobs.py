"""Jobs of the outbox: handing one message over, and letting go what waited while sending was stopped."""

from typing import Any

from peyvand.channels.services.sending import DELIVER, deliver
from peyvand.channels.services.stopping import RESUME, put_down_waiting


def _deliver(payload: dict[str, Any]) -> None:
    deliver(int(payload["outgoing"]))


def _resume(payload: dict[str, Any]) -> None:
    put_down_waiting(int(payload["workspace"]), int(payload["after"]))


JOBS = {DELIVER: _deliver, RESUME: _resume}
OUTSIDE_JOBS = (DELIVER,)
