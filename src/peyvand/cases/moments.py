"""Times to choose from: when to call again, by which day something is promised. Made for forms, in the brand's working week."""

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from peyvand.core import clock, display
from peyvand.core.periods import day_start
from peyvand.workspaces.models import Workspace
from peyvand.workspaces.queries.days import exceptions, works_on

Choice = tuple[str, str]
MORNING, AFTERNOON = dt.timedelta(hours=10), dt.timedelta(hours=15)
SOONEST = (dt.timedelta(minutes=30), dt.timedelta(hours=1), dt.timedelta(hours=2), dt.timedelta(hours=4))
LATER_DAYS, PROMISE_DAYS = 6, 14
FARTHEST = dt.timedelta(days=120)


def closed_days(workspace: Workspace, first: dt.date, last: dt.date) -> set[dt.date]:
    """The days from first to last on which the brand does not work."""
    known = exceptions(workspace, first, last)
    span = ((last - first).days + 1) if last >= first else 0
    days = (first + dt.timedelta(days=n) for n in range(span))
    return {day for day in days if not works_on(workspace, day, known)}


def working_days(workspace: Workspace) -> Callable[[dt.date, dt.date], int]:
    """A function that counts the working days after one date up to another; reads the holidays once for a whole list."""
    known: dict[dt.date, set[dt.date]] = {}

    def count(first: dt.date, last: dt.date) -> int:
        if first not in known:
            known[first] = closed_days(workspace, first, first + FARTHEST)
        days = (first + dt.timedelta(days=n + 1) for n in range(min((last - first).days, FARTHEST.days)))
        return max(1, sum(day not in known[first] for day in days))

    return count


def later_choices(workspace: Workspace) -> list[Choice]:
    """Moments to call again: soon, then mornings and afternoons of the next working days."""
    now = clock.now().replace(second=0, microsecond=0)
    soon = [(now + span).isoformat() for span in SOONEST]
    found = list(zip(soon, (display.moment(now + span) for span in SOONEST), strict=True))
    zone = ZoneInfo(workspace.time_zone)
    for day in _open_days(workspace, LATER_DAYS):
        for hour in (MORNING, AFTERNOON):
            at = day_start(day, zone) + hour
            text = _("%(day)s, %(time)s") % {"day": display.weekday(day), "time": display.clock(at)}
            found.append((at.isoformat(), text))
    return found


def promise_choices(workspace: Workspace) -> list[Choice]:
    """Days something may be promised for: today and the next working days; the reminder comes in the afternoon."""
    zone = ZoneInfo(workspace.time_zone)
    found = []
    for day in [clock.today(zone), *_open_days(workspace, PROMISE_DAYS)]:
        at = day_start(day, zone) + AFTERNOON
        end = day_start(day, zone) + dt.timedelta(hours=23, minutes=59)
        name = _("%(weekday)s %(day)s") % {"weekday": display.weekday(day), "day": display.shortday(day)}
        found.append(((at if at > clock.now() else end).isoformat(), name))
    return found


def read_moment(text: str) -> dt.datetime | None:
    """The moment a choice stands for, as long as it is still to come; None for anything else."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    if moment is None or moment.tzinfo is None or not clock.now() < moment <= clock.now() + FARTHEST:
        return None
    return moment


def _open_days(workspace: Workspace, count: int) -> list[dt.date]:
    """The next working days after today; where no weekday is open, simply the next days."""
    today = clock.today(workspace.time_zone)
    days = [today + dt.timedelta(days=n) for n in range(1, 60)]
    closed = closed_days(workspace, days[0], days[-1])
    return ([day for day in days if day not in closed] or days)[:count]
