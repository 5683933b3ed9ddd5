"""Working a case: contact, notes, owner, reason, deadline. Two people at once never undo each other's work.

Every service takes `seen`, the version of the case its page showed; it raises StaleError when the case is newer.
"""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from peyvand.cases.models import Case, CaseEvent
from peyvand.cases.queries import SUBJECT
from peyvand.cases.services.holding import CaseError, hold, hold_open, note_audit, save
from peyvand.cases.services.noting import note_on_timeline
from peyvand.cases.services.policy import deadline, policy_of, working_seconds
from peyvand.cases.services.promising import promise
from peyvand.cases.types import CaseState, ContactResult
from peyvand.channels.models import Outgoing
from peyvand.channels.services import send
from peyvand.channels.types import Message, Purpose
from peyvand.core import clock
from peyvand.core.reader import active_reader
from peyvand.core.redaction import redacted
from peyvand.tasks.models import Task
from peyvand.tasks.services import assign_tasks, finish_task, move_task, open_task
from peyvand.workspaces.models import Member

REACHED = (ContactResult.TALKED, ContactResult.WRITTEN)


@transaction.atomic
def log_contact(
    *,
    case: Case,
    actor: Member,
    result: ContactResult,
    text: str = "",
    again_at: dt.datetime | None = None,
    reason: str = "",
    message: Outgoing | None = None,
    seen: int | None = None,
) -> Case:
    """Note a call or message. Reached: the case is in hand. Not reached or later: a new call is put before the owner."""
    locked = hold_open(case, seen)
    policy, now, said = policy_of(locked.workspace), clock.now(), redacted(text.strip())
    event = CaseEvent.objects.create(case=locked, type=CaseEvent.Type.CONTACT, by=actor, at=now, result=result, text=said, message=message)
    for task in _calls(locked):
        finish_task(task=task, outcome=result)
    if result in REACHED:
        if locked.first_contact_at is None:
            locked.first_contact_at = now
            locked.contact_work_s = working_seconds(locked.workspace, locked.opened_at, now)
        locked.state = CaseState.IN_HAND if result == ContactResult.TALKED else CaseState.WAITING
        locked.due_at = deadline(locked.workspace, now, policy.remedy_hours)
    else:
        locked.due_at = again_at or deadline(locked.workspace, now, policy.contact_hours)
        _call_again(locked)
    if reason:
        locked.reason = _known(locked, reason)
    if locked.owner is None:
        locked.owner = actor
        assign_tasks(workspace=locked.workspace, subject=(SUBJECT, locked.pk), owner=actor)
    save(locked, "first_contact_at", "contact_work_s", "state", "due_at", "reason", "owner")
    note_audit(locked, actor, "case.contacted", result=str(result.value))
    note_on_timeline(
        locked, "contact.made", {"result": result.value, "by": str(actor), "note": said[:500]}, at=now, key=f"contact:{event.pk}"
    )
    return locked


@transaction.atomic
def work_contact(
    *, case: Case, actor: Member, result: ContactResult, promised: str = "", promised_for: dt.datetime | None = None, **contact: Any
) -> Case:
    """Log a contact and, in the same step, what was promised in it; `contact` as `log_contact` takes it."""
    worked = log_contact(case=case, actor=actor, result=result, **contact)
    if promised.strip() and promised_for is not None:
        promise(case=worked, actor=actor, text=promised, due_at=promised_for)
    return worked


@transaction.atomic
def send_message(*, case: Case, actor: Member, subject: str, text: str, seen: int | None = None) -> Outgoing:
    """Write to the customer by e-mail and note it as a contact. Raises CaseError with the reason when it may not or cannot be sent."""
    locked = hold_open(case, seen)
    key = f"case:{locked.pk}:{locked.version}"
    message = Message(text=text.strip(), subject=" ".join(subject.split()), html=_as_html(text))
    outgoing = send(workspace=locked.workspace, customer=locked.customer, purpose=Purpose.SERVICE, message=message, key=key)
    if outgoing.state == Outgoing.State.HELD:
        raise CaseError(_("The message was not sent. %(why)s") % {"why": _(outgoing.error)})
    log_contact(case=locked, actor=actor, result=ContactResult.WRITTEN, text=text, message=outgoing)
    return outgoing


def _as_html(text: str) -> str:
    parts = [part.strip() for part in text.split("\n\n") if part.strip()]
    reader = active_reader()
    inside = format_html_join("", "<p>{}</p>", ((part,) for part in parts))
    return format_html('<div lang="{}" dir="{}">{}</div>', reader.language, reader.direction, inside)


@transaction.atomic
def add_note(*, case: Case, actor: Member, text: str) -> None:
    """Keep a note with the case, closed or not."""
    if text.strip():
        CaseEvent.objects.create(case=case, type=CaseEvent.Type.NOTE, by=actor, text=redacted(text.strip()))
        note_audit(case, actor, "case.noted")


@transaction.atomic
def assign(*, case: Case, owner: Member | None, actor: Member, seen: int | None = None) -> Case:
    """Give a case and its open tasks to somebody, or to nobody."""
    locked = hold_open(case, seen)
    if owner is not None and (owner.workspace_id != locked.workspace_id or not owner.is_active):
        raise CaseError(_("That person is not a member here."))
    if locked.owner_id == (owner.pk if owner else None):
        return locked
    locked.owner = owner
    save(locked, "owner")
    assign_tasks(workspace=locked.workspace, subject=(SUBJECT, locked.pk), owner=owner)
    CaseEvent.objects.create(case=locked, type=CaseEvent.Type.ASSIGNED, by=actor, text=str(owner) if owner else "")
    note_audit(locked, actor, "case.assigned", owner=str(owner) if owner else "")
    return locked


@transaction.atomic
def take(*, case: Case, actor: Member) -> Case:
    """Take a case that nobody has. Raises CaseError naming the person who was quicker."""
    locked = hold_open(case)
    if locked.owner is not None and locked.owner.is_active and locked.owner_id != actor.pk:
        raise CaseError(_("%(who)s has taken this case already.") % {"who": locked.owner})
    return assign(case=locked, owner=actor, actor=actor)


@transaction.atomic
def set_reason(*, case: Case, actor: Member, reason: str, seen: int | None = None) -> Case:
    """Say why it happened, as one of the workspace's reasons."""
    locked = hold(case, seen)
    locked.reason = _known(locked, reason)
    save(locked, "reason")
    CaseEvent.objects.create(case=locked, type=CaseEvent.Type.REASON, by=actor, text=reason)
    note_audit(locked, actor, "case.reason_set", reason=reason)
    return locked


@transaction.atomic
def move_deadline(*, case: Case, actor: Member, due_at: dt.datetime, seen: int | None = None) -> Case:
    """Put the next step of a case off, or forward."""
    locked = hold_open(case, seen)
    if due_at <= clock.now():
        raise CaseError(_("Choose a time that is still to come."))
    locked.due_at = due_at
    save(locked, "due_at")
    for task in _calls(locked):
        move_task(task=task, due_at=due_at)
    CaseEvent.objects.create(case=locked, type=CaseEvent.Type.MOVED, by=actor, due_at=due_at)
    note_audit(locked, actor, "case.deadline_moved", due_at=due_at.isoformat())
    return locked


@transaction.atomic
def adjust(*, case: Case, actor: Member, reason: str = "", due_at: dt.datetime | None = None, seen: int | None = None) -> Case:
    """Change reason and deadline in one step; what is empty stays as it is."""
    locked = hold_open(case, seen)
    if reason and reason != locked.reason:
        locked = set_reason(case=locked, actor=actor, reason=reason)
    return move_deadline(case=locked, actor=actor, due_at=due_at) if due_at is not None else locked


def _known(case: Case, reason: str) -> str:
    if reason not in {known["code"] for known in policy_of(case.workspace).reasons}:
        raise CaseError(_("Choose one of the reasons."))
    return reason


def _call_again(case: Case) -> None:
    subject = (SUBJECT, case.pk)
    open_task(workspace=case.workspace, kind=Task.Kind.CALL, due_at=case.due_at, customer=case.customer, owner=case.owner, subject=subject)


def _calls(case: Case) -> list[Task]:
    open_calls = Task.objects.filter(workspace=case.workspace, subject_type=SUBJECT, subject_id=case.pk, state=Task.State.OPEN)
    return list(open_calls.filter(kind__in=(Task.Kind.CALL, Task.Kind.MESSAGE)))
