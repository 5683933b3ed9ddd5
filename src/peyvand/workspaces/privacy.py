"""What the audit trail says of a person. Found by name by the privacy app."""

from peyvand.core.privacy import Person, Sections
from peyvand.workspaces.models import AuditEntry
from peyvand.workspaces.services.audit import CUSTOMER, hide_person

COVERS = ("workspaces.AuditEntry",)


def export(person: Person) -> Sections:
    """Every entry about them: when, what was done, in which role of the brand or by which program."""
    mine = AuditEntry.objects.filter(workspace=person.workspace_id, target_type=CUSTOMER, target_id__in=person.customers)
    return {"audit": list(mine.order_by("pk").values("at", "action", "actor_label", "detail"))}


def erase(person: Person) -> None:
    """Hide their name and their words; that something was done, when and by whom, stays."""
    hide_person(person)
