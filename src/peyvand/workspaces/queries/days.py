"""Days that differ from the week: holidays, and days on which a brand works after all. One reading for deadlines and for mails."""

import datetime as dt
from typing import NamedTuple

from peyvand.core import clock
from peyvand.core.business_time import OfferedHoliday, iranian_holidays
from peyvand.core.calendars import date_parts, from_parts
from peyvand.workspaces.models import Holiday, Workspace


class Exceptions(NamedTuple):
    """Days that are closed whatever the week says, and days that are open whatever it says."""

    closed: frozenset[dt.date]
    opened: frozenset[dt.date]


def exceptions(workspace: Workspace, first: dt.date, last: dt.date) -> Exceptions:
    """What was entered for the days from first to last."""
    rows = list(Holiday.objects.filter(workspace=workspace, date__gte=first, date__lte=last).values_list("date", "off"))
    return Exceptions(frozenset(day for day, off in rows if off), frozenset(day for day, off in rows if not off))


def works_on(workspace: Workspace, day: dt.date, known: Exceptions | None = None) -> bool:
    """Whether a brand works on a day: what was entered for that very day decides, else its week. Without a week every day is one."""
    found = known if known is not None else exceptions(workspace, day, day)
    if day in found.closed or day in found.opened:
        return day in found.opened
    return not workspace.business_hours or bool(workspace.business_hours.get(str(day.weekday())))


def offered(workspace: Workspace) -> list[OfferedHoliday]:
    """Iran's public holidays from today to the end of the next Jalali year."""
    today = clock.today(workspace.time_zone)
    last = from_parts(date_parts(today, "jalali").year + 2, 1, 1, "jalali") - dt.timedelta(days=1)
    return iranian_holidays(today, last)
