"""What of surveys waits in the outbox: whether it is still to leave, and when. Found by name by the channels app."""

import datetime as dt

from peyvand.core import clock
from peyvand.surveys.queries.withdrawn import reasons_not_to_send
from peyvand.surveys.services.sending import KEY, may_write_from
from peyvand.workspaces.models import Workspace

PREFIX = KEY
against = reasons_not_to_send


def not_before(workspace: Workspace) -> dt.datetime | None:
    """The morning, where sending was let go on at night."""
    now = clock.now()
    when = may_write_from(workspace, now)
    return when if when > now else None
