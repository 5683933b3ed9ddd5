"""Jobs of webhooks: telling one endpoint what waits for it, and forgetting what is long over."""

from datetime import timedelta
from typing import Any, Final

from peyvand.webhooks.services import DELIVER, deliver, tidy

TIDY: Final = "webhooks.tidy"


def _deliver(payload: dict[str, Any]) -> None:
    deliver(int(payload["endpoint"]))


def _tidy(_payload: dict[str, Any]) -> None:
    tidy()


JOBS = {DELIVER: _deliver, TIDY: _tidy}
OUTSIDE_JOBS = (DELIVER,)
EVERY = {TIDY: timedelta(hours=1)}
