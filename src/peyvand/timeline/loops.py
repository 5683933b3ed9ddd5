"""What the worker keeps doing for the timeline: let subscriptions read, copy to the lake, tend the lake."""

from collections.abc import Callable

from peyvand.core import beats
from peyvand.core.loops import Loop
from peyvand.timeline.lake.flushing import keep_copying
from peyvand.timeline.lake.snapshots import snapshot_identities
from peyvand.timeline.lake.tending import tend
from peyvand.timeline.subscriptions import keep_up


def by_the_eldest(work: Callable[[], int]) -> Callable[[], int]:
    """Work of one worker alone: two that write a table anew at once would undo each other, and one would have worked in vain."""
    return lambda: work() if beats.is_eldest("worker") else 0


LOOPS = [
    Loop("subscriptions", 5, keep_up, on_change=True),
    Loop("lake", 4, keep_copying),
    Loop("lake.identities", 30, by_the_eldest(snapshot_identities)),
    Loop("lake.tend", 120, by_the_eldest(tend)),
]
