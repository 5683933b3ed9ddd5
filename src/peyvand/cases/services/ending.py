"""The end of a case, and taking it up again. Called by the pages and the demo."""

from django.db import transaction
from django.utils.translation import gettext as _

from peyvand.cases.models import Case, CaseEvent
from peyvand.cases.queries import SUBJECT, open_promises
from peyvand.cases.services.holding import CaseError, hold, hold_open, note_audit, save
from peyvand.cases.services.noting import note_on_timeline
from peyvand.cases.services.policy import deadline, policy_of
from peyvand.cases.types import CaseState, Outcome
from peyvand.core import clock
from peyvand.core.display import num
from peyvand.core.redaction import redacted
from peyvand.tasks.models import Task
from peyvand.tasks.services import drop_tasks, open_task
from peyvand.workspaces.models import Member


@transaction.atomic
def close(*, case: Case, actor: Member, outcome: Outcome, text: str = "", ask_again: bool = True, seen: int | None = None) -> Case:
    """End a case; the customer is asked once more unless `ask_again` is false.

    Raises CaseError when it was closed already, or while a promise is neither kept nor taken back.
    """
    locked = hold_open(case, seen)
    if waiting := open_promises(locked):
        raise CaseError(_("A promise is still open: “%(promise)s”. Mark it kept or take it back first.") % {"promise": waiting[0].title})
    now = clock.now()
    locked.state, locked.outcome, locked.closed_at, locked.ask_again = CaseState.CLOSED, outcome, now, ask_again
    if locked.owner is None:
        locked.owner = actor
    save(locked, "state", "outcome", "closed_at", "ask_again", "owner")
    drop_tasks(workspace=locked.workspace, subject=(SUBJECT, locked.pk))
    event = CaseEvent.objects.create(case=locked, type=CaseEvent.Type.CLOSED, by=actor, at=now, text=redacted(text.strip()))
    note_audit(locked, actor, "case.closed", outcome=str(outcome.value))
    told: dict[str, object] = {
        "outcome": outcome.value,
        "ask_again": ask_again,
        "score_before": locked.score_before,
        "answer": locked.interaction,
    }
    note_on_timeline(locked, "case.closed", told, at=now, key=f"closed:{event.pk}")
    return locked


@transaction.atomic
def reopen(*, case: Case, actor: Member) -> Case:
    """Take a closed case up again with a new deadline."""
    locked = hold(case)
    if locked.state != CaseState.CLOSED:
        raise CaseError(_("This case is open already."))
    same = Case.objects.filter(
        workspace=locked.workspace, customer=locked.customer, subject_type=locked.subject_type, subject_id=locked.subject_id
    )
    if newer := same.exclude(state=CaseState.CLOSED).first():
        raise CaseError(_("Case %(number)s about the same matter is open; go on there.") % {"number": num(newer.number)})
    locked.state, locked.outcome, locked.closed_at = CaseState.OPEN, "", None
    locked.due_at = deadline(locked.workspace, clock.now(), policy_of(locked.workspace).contact_hours)
    if locked.owner is None or not locked.owner.is_active:
        locked.owner = actor
    save(locked, "state", "outcome", "closed_at", "due_at", "owner")
    event = CaseEvent.objects.create(case=locked, type=CaseEvent.Type.REOPENED, by=actor)
    open_task(
        workspace=locked.workspace,
        kind=Task.Kind.CALL,
        due_at=locked.due_at,
        customer=locked.customer,
        owner=locked.owner,
        subject=(SUBJECT, locked.pk),
    )
    note_audit(locked, actor, "case.reopened")
    note_on_timeline(locked, "case.reopened", {}, at=clock.now(), key=f"reopened:{event.pk}")
    return locked
