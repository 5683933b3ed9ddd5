"""Work put off by customers: taking away what was recorded by mistake once the lake has let go of it, and looking for who is here twice."""

from datetime import timedelta
from typing import Any, Final

from peyvand.core import clock
from peyvand.core.jobs import Later
from peyvand.customers.services.moments import CLEAR_UNDONE
from peyvand.customers.services.suggesting import look_alike
from peyvand.customers.services.undoing import clear_undone
from peyvand.timeline.models import Batch

PAUSE: Final = timedelta(seconds=10)


def clear(payload: dict[str, Any]) -> None:
    """Remove an undone batch; waits until the lake has none of it."""
    batch = Batch.objects.filter(pk=payload["batch"]).first()
    if batch is None or batch.state == Batch.State.UNDONE:
        return
    if not batch.out_of_lake:
        raise Later(clock.now() + PAUSE)
    for _done in clear_undone(batch=batch):
        pass


def look(_payload: dict[str, Any]) -> None:
    """Find customers who look like one person, and values that many share."""
    look_alike()


LOOK: Final = "customers.look_alike"
JOBS = {CLEAR_UNDONE: clear, LOOK: look}
LONG_JOBS = {LOOK}
EVERY = {LOOK: timedelta(hours=6)}
