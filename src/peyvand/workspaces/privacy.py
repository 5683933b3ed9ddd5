"""What the audit trail says of a person. Found by name by the privacy app."""

from datetime import timedelta

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from peyvand.core.privacy import Person, Sections
from peyvand.core.retention import WHOLE, Goes, Kept
from peyvand.workspaces.models import AuditEntry
from peyvand.workspaces.services.audit import CUSTOMER, hide_person, let_go_of_entries, old_entries
from peyvand.workspaces.services.people import ATTEMPTS_KEPT, INVITED_KEPT

COVERS = ("workspaces.AuditEntry",)
KEEPS = (
    Kept(
        code="audit",
        label=_("Audit trail"),
        losses={WHOLE: _("The entry goes: who did what can no longer be told.")},
        usual=36,
        old=old_entries,
        forget=let_go_of_entries,
        least=12,
    ),
)
GOES = (
    Goes(_("Failed attempts to sign in, with their addresses"), ATTEMPTS_KEPT),
    Goes(_("Sign-ins of your team, once they are no longer used"), timedelta(seconds=settings.SESSION_COOKIE_AGE)),
    Goes(_("Invitations of colleagues that were taken, withdrawn or ran out"), INVITED_KEPT),
)


def export(person: Person) -> Sections:
    """Every entry about them: when, what was done, in which role of the brand or by which program."""
    mine = AuditEntry.objects.filter(workspace=person.workspace_id, target_type=CUSTOMER, target_id__in=person.customers)
    return {"audit": list(mine.order_by("pk").values("at", "action", "actor_label", "detail"))}


def erase(person: Person) -> None:
    """Hide their name and their words; that something was done, when and by whom, stays."""
    hide_person(person)
