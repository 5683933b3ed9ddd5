"""How fresh the lake is: everything copied, or the moment up to which it is. Called by Pulse, doctor and tests."""

import datetime as dt

from django.utils.translation import gettext as _

from peyvand.core import clock, walls
from peyvand.core.display import clock as time_of_day
from peyvand.core.display import moment
from peyvand.timeline.lake.flushing import NAME
from peyvand.timeline.models import Place
from peyvand.timeline.reading import Position, read_after


def behind_since() -> dt.datetime | None:
    """When the lake was last brought up to date, if anything waits to be copied since; None when nothing does."""
    place = Place.objects.filter(name=NAME).first()
    start = Position(place.era, place.xid, place.interaction_id) if place else Position()
    with walls.across():  # the lake is of all workspaces
        waiting = bool(read_after(start, 1).rows)
    if not waiting:
        return None
    return place.moved_at if place else clock.now()


def freshness_text() -> str:
    """Up to when the figures are."""
    behind = behind_since()
    now = clock.now()
    if behind is None or now - behind < dt.timedelta(minutes=1):
        return _("Up to date at %(time)s") % {"time": time_of_day(now)}
    return _("Figures as of %(moment)s; the rest is being copied") % {"moment": moment(behind)}
