"""Profiles and companies follow the timeline: counters, last scores, what events tell about customers, whom they act for."""

from peyvand.customers.history import SUBSCRIPTION
from peyvand.customers.services.counting import count_rows
from peyvand.customers.services.placing import SUBSCRIPTION as COMPANIES
from peyvand.customers.services.placing import follow_companies
from peyvand.timeline.subscriptions import Subscriber

SUBSCRIBERS = [Subscriber(name=SUBSCRIPTION, plan=count_rows), Subscriber(name=COMPANIES, plan=follow_companies)]
