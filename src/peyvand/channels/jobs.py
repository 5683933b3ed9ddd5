"""Jobs of the outbox."""

from typing import Any

from peyvand.channels.services.sending import DELIVER, deliver


def _deliver(payload: dict[str, Any]) -> None:
    deliver(int(payload["outgoing"]))


JOBS = {DELIVER: _deliver}
OUTSIDE_JOBS = (DELIVER,)
