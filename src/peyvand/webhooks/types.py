"""Plain vocabulary of webhooks: how long and how often it is tried, what can go wrong."""

import datetime as dt
from typing import Final

TESTED: Final = "webhook.tested"
GIVE_UP: Final = dt.timedelta(days=3)
FIRST_WAIT: Final = dt.timedelta(seconds=5)
LONGEST_WAIT: Final = dt.timedelta(hours=6)
LONGEST_REST: Final = dt.timedelta(minutes=30)
KEEP_TOLD: Final = dt.timedelta(days=7)
KEEP_DEAD: Final = dt.timedelta(days=30)
MOST_ENDPOINTS: Final = 20


class WebhookError(Exception):
    """A change that cannot be made; `field` is what is wrong, the message is for the person who asked."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
