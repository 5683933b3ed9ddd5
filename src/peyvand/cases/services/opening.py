"""From an unhappy answer to a case with an owner and a deadline. Called by the subscriber, the demo and by hand."""

from django.db import transaction
from django.db.models import Max

from peyvand.cases.models import Case, CaseEvent, CasePolicy
from peyvand.cases.queries import SUBJECT
from peyvand.cases.services.noting import note_on_timeline
from peyvand.cases.services.policy import deadline, next_owner, policy_of
from peyvand.cases.types import Assignment, CaseState
from peyvand.core import clock
from peyvand.core.redaction import redacted
from peyvand.identities.models import Customer
from peyvand.identities.queries import one_person
from peyvand.tasks.models import Task
from peyvand.tasks.services import open_task
from peyvand.timeline.types import Event, Felt, Subject
from peyvand.workspaces.models import Member, Workspace
from peyvand.workspaces.services import audit


@transaction.atomic
def open_for(workspace: Workspace, policy: CasePolicy, event: Event, felt: Felt) -> Case:
    """Open a case for an unhappy answer, or add the answer to the one that is open about the same matter.

    The answer is a known customer's. Whoever opens cases of a workspace waits here for the others, so two workers never
    open two for one complaint.
    """
    customer_id = event.customer_id or 0
    locked = _in_turn(policy)
    seen = CaseEvent.objects.filter(interaction=event.id, case__workspace=workspace).select_related("case").first()
    if seen is not None:
        return seen.case
    subject = event.subject or Subject("", "")
    running = _running(workspace, customer_id, subject.type, subject.id)
    if running is not None:
        return _add_answer(running, event, felt)
    case = Case(
        customer_id=customer_id,
        subject_type=subject.type,
        subject_id=subject.id,
        interaction=event.id,
        measure=felt.measure,
        score_before=felt.value,
        low=felt.low,
        high=felt.high,
        words=felt.text,
        touchpoint=event.term_ids.get("touchpoint"),
        branch=event.term_ids.get("branch"),
        reason=first_reason(event, locked),
        opened_at=event.occurred_at,
    )
    return _begin(workspace, locked, case)


@transaction.atomic
def open_by_hand(*, workspace: Workspace, customer: Customer, words: str, reason: str, actor: Member) -> Case:
    """Open a case for something a customer said outside any survey; what is open about it already gets a note instead."""
    locked, said = _in_turn(policy_of(workspace)), redacted(words.strip())
    found = _running(workspace, customer.pk, "", "")
    if found is not None:
        if said:
            CaseEvent.objects.create(case=found, type=CaseEvent.Type.NOTE, by=actor, text=said)
        return found
    owner = None if locked.assignment == Assignment.NOBODY else actor
    case = Case(customer=customer, words=said, reason=reason, opened_at=clock.now(), owner=owner)
    _begin(workspace, locked, case, by=actor)
    audit(workspace=workspace, actor=actor.user, action="case.opened", target=case)
    return case


def _in_turn(policy: CasePolicy) -> CasePolicy:
    return CasePolicy.objects.select_for_update().get(pk=policy.pk)


def _running(workspace: Workspace, customer_id: int, subject_type: str, subject_id: str) -> Case | None:
    about = Case.objects.filter(
        workspace=workspace, customer_id__in=one_person(customer_id), subject_type=subject_type, subject_id=subject_id
    )
    return about.exclude(state=CaseState.CLOSED).first()


def _add_answer(case: Case, event: Event, felt: Felt) -> Case:
    CaseEvent.objects.create(
        case=case, type=CaseEvent.Type.AGAIN, at=event.occurred_at, text=felt.text, value=felt.value, interaction=event.id
    )
    return case


def first_reason(event: Event, policy: CasePolicy) -> str:
    """The first reason of an answer that is on the brand's list."""
    known = {reason["code"] for reason in policy.reasons if not reason.get("off")}
    given = event.properties.get("reasons")
    return next((code for code in given if isinstance(code, str) and code in known), "") if isinstance(given, list) else ""


def _begin(workspace: Workspace, policy: CasePolicy, case: Case, by: Member | None = None) -> Case:
    """Number a new case, give it an owner and a deadline, put the call before them and note it on the timeline."""
    case.workspace = workspace
    case.number = (Case.objects.filter(workspace=workspace).aggregate(last=Max("number"))["last"] or 0) + 1
    case.due_at = deadline(workspace, case.opened_at, policy.contact_hours)
    case.owner = case.owner or next_owner(policy, case.branch)
    case.save(force_insert=True)
    CaseEvent.objects.create(
        case=case,
        type=CaseEvent.Type.OPENED,
        at=case.opened_at,
        by=by,
        text=case.words,
        value=case.score_before,
        interaction=case.interaction,
    )
    open_task(
        workspace=workspace, kind=Task.Kind.CALL, due_at=case.due_at, customer=case.customer, owner=case.owner, subject=(SUBJECT, case.pk)
    )
    note_on_timeline(case, "case.opened", {"score": case.score_before}, at=case.opened_at, key="opened")
    return case
