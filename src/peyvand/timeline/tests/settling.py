"""Waiting until readers may see what was recorded: on PostgreSQL any open transaction of the whole server holds them back."""

import time

from peyvand.timeline.models import Interaction
from peyvand.timeline.reading import Position, read_after

MOST_SECONDS = 60.0


def settle() -> None:
    """Return once every interaction can be read in order; at once on SQLite."""
    end = time.monotonic() + MOST_SECONDS
    while len(read_after(Position(), 1_000_000).rows) < Interaction.objects.count():
        if time.monotonic() > end:
            raise AssertionError("another transaction on this server stays open; readers wait for it")
        time.sleep(0.05)
