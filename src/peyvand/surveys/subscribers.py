"""Surveys follow the timeline: they plan whom to ask, ask once more after a case was closed, and list every answer."""

from peyvand.surveys.services.listing import list_rows
from peyvand.surveys.services.planning import plan_rows
from peyvand.timeline.subscriptions import Subscriber

SUBSCRIBERS = [Subscriber("surveys.ask", plan=plan_rows, batch=2000), Subscriber("surveys.answers", plan=list_rows)]
