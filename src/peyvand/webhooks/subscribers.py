"""Webhooks follow the whole timeline: what somebody outside wants to be told of is put down in its order."""

from peyvand.timeline.subscriptions import Subscriber
from peyvand.webhooks.services import plan

SUBSCRIBERS = [Subscriber("webhooks.tell", plan=plan)]
