"""Writes of webhooks: endpoints, what is put down for them, the telling itself. Called by pages, the API, the subscription and the job."""

from peyvand.webhooks.services.endpoints import (
    change_endpoint,
    drop_old_secret,
    make_endpoint,
    new_secret,
    reads,
    remove_endpoint,
    secrets_of,
)
from peyvand.webhooks.services.queueing import DELIVER, plan, replay, replay_dead, tidy, wake
from peyvand.webhooks.services.telling import deliver, send_test

__all__ = [
    "DELIVER",
    "change_endpoint",
    "deliver",
    "drop_old_secret",
    "make_endpoint",
    "new_secret",
    "plan",
    "reads",
    "remove_endpoint",
    "replay",
    "replay_dead",
    "secrets_of",
    "send_test",
    "tidy",
    "wake",
]
