"""Promises of a case: made with a day, reminded of, kept or taken back. Called by the pages."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from peyvand.cases.models import Case, CaseEvent
from peyvand.cases.queries import SUBJECT
from peyvand.cases.services.holding import CaseError, hold, hold_open, note_audit, save
from peyvand.core.redaction import redacted
from peyvand.tasks.models import Task
from peyvand.tasks.services import finish_task, open_task
from peyvand.workspaces.models import Member


@transaction.atomic
def promise(*, case: Case, actor: Member, text: str, due_at: dt.datetime, seen: int | None = None) -> Task:
    """Keep a promise with its day, and remind the owner."""
    locked = hold_open(case, seen)
    said = redacted(" ".join(text.split()))
    if not said:
        raise CaseError(_("Write what you promised."))
    task = open_task(
        workspace=locked.workspace,
        kind=Task.Kind.PROMISE,
        title=said,
        due_at=due_at,
        customer=locked.customer,
        owner=locked.owner or actor,
        subject=(SUBJECT, locked.pk),
    )
    CaseEvent.objects.create(case=locked, type=CaseEvent.Type.PROMISE, by=actor, text=said, due_at=due_at, task=task)
    save(locked)
    note_audit(locked, actor, "case.promised", due_at=due_at.isoformat())
    return task


@transaction.atomic
def settle_promise(*, case: Case, task: Task, actor: Member, kept: bool) -> None:
    """Say that a promise was kept, or is taken back. Raises CaseError when somebody settled it before."""
    locked = hold(case)
    mine = task.workspace_id == locked.workspace_id and (task.subject_type, task.subject_id) == (SUBJECT, locked.pk)
    if not mine or not finish_task(task=task, outcome="kept" if kept else "withdrawn"):
        raise CaseError(_("That promise was settled already."))
    kind = CaseEvent.Type.KEPT if kept else CaseEvent.Type.WITHDRAWN
    CaseEvent.objects.create(case=locked, type=kind, by=actor, text=task.title, due_at=task.due_at, task=task)
    save(locked)
    note_audit(locked, actor, "case.promise_kept" if kept else "case.promise_withdrawn")
