"""A subscription that fails on every interaction and quotes its words."""

from collections.abc import Sequence

from peyvand.timeline.subscriptions import Subscriber
from peyvand.timeline.types import Event


def react(events: Sequence[Event]) -> None:
    raise ValueError(f"cannot bear {events}")


SUBSCRIBERS = [Subscriber("spilling", react)]
