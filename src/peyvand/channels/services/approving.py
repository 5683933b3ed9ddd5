"""Approval of what writes to many at once: above the workspace's number it waits for a person. Asked by whoever sends to many."""

from datetime import timedelta
from typing import Final

from django.db import IntegrityError, transaction

from peyvand.channels.models import BulkApproval
from peyvand.core import clock
from peyvand.workspaces.models import User, Workspace
from peyvand.workspaces.services import audit

APPROVE_ABOVE: Final = "approve_above"  # in a workspace's preferences: the most recipients that need nobody's word
HOLDS_FOR: Final = timedelta(days=1)


def may_write_to(*, workspace: Workspace, subject: str, recipients: int, label: str = "") -> bool:
    """Whether so many may be written to now; where not, a person is asked (once), and the same call is right after their word."""
    most = workspace.preferences.get(APPROVE_ABOVE)
    if most is None or recipients <= int(most):
        return True
    asked = BulkApproval.objects.filter(workspace=workspace, subject=subject)
    if asked.filter(approved_at__gte=clock.now() - HOLDS_FOR).exists():
        return True
    if not asked.filter(approved_at=None).update(recipients=recipients):
        try:
            with transaction.atomic():
                asked.create(workspace=workspace, subject=subject, label=label[:200], recipients=recipients)
        except IntegrityError:  # another worker asked a moment ago
            pass
    return False


@transaction.atomic
def approve(*, approval: BulkApproval, actor: User) -> bool:
    """Let it write, for a day; False where somebody was quicker."""
    waiting = BulkApproval.objects.filter(pk=approval.pk, approved_at=None)
    if not waiting.update(approved_at=clock.now(), approved_by=actor):
        return False
    audit(workspace=approval.workspace, actor=actor, action="sending.approved", target=approval, detail={"recipients": approval.recipients})
    return True
