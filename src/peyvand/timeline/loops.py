"""What the worker keeps doing for the timeline: let subscriptions read, copy to the lake, tend the lake."""

from peyvand.core.loops import Loop
from peyvand.timeline.lake.flushing import keep_copying
from peyvand.timeline.lake.snapshots import snapshot_identities
from peyvand.timeline.lake.tending import tend
from peyvand.timeline.subscriptions import keep_up

LOOPS = [
    Loop("subscriptions", 5, keep_up, on_change=True),
    Loop("lake", 4, keep_copying),
    Loop("lake.identities", 30, snapshot_identities),
    Loop("lake.tend", 120, tend),
]
