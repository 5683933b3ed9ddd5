"""Says in the audit trail that somebody looked at customers in bulk: once an hour for each person, not for each page."""

from datetime import timedelta
from typing import Final

from peyvand.core import clock
from peyvand.workspaces.models import AuditEntry, Member
from peyvand.workspaces.services import audit

PAUSE: Final = timedelta(hours=1)
ACTION: Final = "customers.listed"


def note_bulk_view(member: Member, *, contacts: bool) -> None:
    """Write that a member reads lists of customers, and whether with their phone numbers and addresses."""
    since = clock.now() - PAUSE
    if AuditEntry.objects.filter(workspace_id=member.workspace_id, actor_id=member.user_id, action=ACTION, at__gte=since).exists():
        return
    audit(workspace=member.workspace, actor=member.user, action=ACTION, detail={"contacts": contacts})
