"""Cases react to every unhappy answer, whatever recorded it."""

from peyvand.cases.services.reacting import plan
from peyvand.timeline.subscriptions import Subscriber

SUBSCRIBERS = [Subscriber("cases.open", plan=plan)]
