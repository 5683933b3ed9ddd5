"""What a page says when it shows an earlier day: what is left out, and what cannot be brought back. Called by the views of figures."""

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peyvand.core.display import day, num
from peyvand.imports.models import Import
from peyvand.insights.windows import end_of
from peyvand.workspaces.models import AuditEntry, Workspace


@dataclass(frozen=True, slots=True)
class Earlier:
    """The earlier day in sentences, and the address of the same page today."""

    title: str
    text: str
    url: str


def earlier(workspace: Workspace, asked_day: date | None, url: str) -> Earlier | None:
    """What must be known of a state that is not today's, and the address of today's; None for today's."""
    if asked_day is None:
        return None
    said = [_("What was recorded later is left out. Names, merged customers and stages are those of today; what was erased stays erased.")]
    if undone := _undone_since(workspace, asked_day):
        text = ngettext(
            "%(n)s import that was there then has been undone since; its answers are gone from this day too.",
            "%(n)s imports that were there then have been undone since; their answers are gone from this day too.",
            undone,
        )
        said.append(text % {"n": num(undone)})
    title = _("This is how it stood at the end of %(day)s") % {"day": day(asked_day)}
    return Earlier(title, " ".join(said), url)


def _undone_since(workspace: Workspace, asked_day: date) -> int:
    """How many imports had begun by that day and were undone after it."""
    end = end_of(asked_day, ZoneInfo(workspace.time_zone))
    undone = AuditEntry.objects.filter(workspace=workspace, action="import.undone", at__gt=end).values("target_id")
    return Import.objects.filter(workspace=workspace, started_at__lte=end, pk__in=undone).count()
