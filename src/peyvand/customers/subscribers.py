"""Profiles follow the timeline: counters, last scores, and what events tell about customers."""

from peyvand.customers.history import SUBSCRIPTION
from peyvand.customers.services.counting import count_rows
from peyvand.timeline.subscriptions import Subscriber

SUBSCRIBERS = [Subscriber(name=SUBSCRIPTION, plan=count_rows)]
