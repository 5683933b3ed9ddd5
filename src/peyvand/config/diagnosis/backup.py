"""Check of the backups: when the last one was written, by the worker or by hand."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from django.conf import settings

from peyvand.config.backups.schedule import began, last_taken
from peyvand.config.diagnosis.findings import State, lasting
from peyvand.core import clock

LATE: Final = timedelta(hours=26)  # a night, and what a large backup takes
BY_HAND: Final = timedelta(days=7)


def age() -> Iterator[tuple[State, str]]:
    """When the last backup was written, by the worker or by hand."""
    nightly = settings.PEYVAND_BACKUP_HOUR >= 0
    most = LATE if nightly else BY_HAND
    last = last_taken()
    since = clock.now() - (last or began())
    words = f"the last backup was written {lasting(since)} ago" if last else "no backup was ever written"
    if since <= most:
        yield "ok", words if last else f"{words}; the worker writes one at {settings.PEYVAND_BACKUP_HOUR} o'clock"
    elif nightly:
        yield "fault", f"{words}. Is the worker running, and is there room in {settings.PEYVAND_BACKUP_FOLDER}? Its log tells of `backup`."
    else:
        yield "note", f"{words}. Run `peyvand backup FILE`, or let the worker do it: PEYVAND_BACKUP_HOUR."
