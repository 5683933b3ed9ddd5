"""Taking a case in hand without undoing what somebody else did a moment ago. Called by the services that work cases."""

from django.utils.translation import gettext as _

from peyvand.cases.models import Case, CaseEvent
from peyvand.cases.types import CaseState
from peyvand.cases.wording import event_label
from peyvand.core.display import ago
from peyvand.workspaces.models import Member
from peyvand.workspaces.services import audit


class CaseError(Exception):
    """A step that cannot be taken; the message says what happened and what to do."""


class StaleError(CaseError):
    """Somebody changed the case since the page was shown; the message says who did what."""


def hold(case: Case, seen: int | None = None) -> Case:
    """The case as it is now, locked until the transaction ends. Raises StaleError when it is newer than version `seen`."""
    # No joins here: PostgreSQL reads the locked row anew after waiting, but keeps the joined rows of before, an owner who left.
    locked = Case.objects.select_for_update().get(pk=case.pk)
    locked.workspace = case.workspace  # a case never moves to another, and most callers have read it already
    if seen is not None and locked.version != seen:
        raise StaleError(_what_happened(locked))
    return locked


def hold_open(case: Case, seen: int | None = None) -> Case:
    """The same for a case that must be open. Raises CaseError when it is closed."""
    locked = hold(case, seen)
    if locked.state == CaseState.CLOSED:
        raise CaseError(_("This case was closed meanwhile. Open it again to go on."))
    return locked


def save(case: Case, *fields: str) -> None:
    """Save these fields and count the change."""
    case.version += 1
    case.save(update_fields=[*fields, "version"])


def note_audit(case: Case, actor: Member, action: str, **detail: object) -> None:
    """Keep in the audit trail who did what to a case."""
    audit(workspace=case.workspace, actor=actor.user, action=action, target=case, detail=detail)


def _what_happened(case: Case) -> str:
    last = CaseEvent.objects.filter(case=case).select_related("by__user").order_by("-id").first()
    if last is None or last.by is None:
        return _("This case changed meanwhile. Look at it and send again; what you wrote is kept.")
    told = {"who": str(last.by), "what": event_label(last), "when": ago(last.at)}
    return _("%(who)s was here %(when)s: %(what)s. Look at it and send again; what you wrote is kept.") % told
