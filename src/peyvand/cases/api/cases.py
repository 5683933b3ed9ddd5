"""Cases for programs: read, opened, and worked step by step, by the services that the pages use."""

import datetime as dt
from collections.abc import Callable
from typing import Annotated, Any

from django.http import Http404
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema, Status
from pydantic import Field

from peyvand.cases import queries
from peyvand.cases.models import Case, CaseEvent
from peyvand.cases.services import (
    CaseError,
    add_note,
    adjust,
    assign,
    close,
    open_by_hand,
    policy_of,
    promise,
    reopen,
    send_message,
    settle_promise,
    take,
    work_contact,
)
from peyvand.cases.services.holding import StaleError
from peyvand.cases.types import CaseState, ContactResult, Outcome
from peyvand.catalogue.models import Term
from peyvand.catalogue.types import Dimension
from peyvand.core import clock
from peyvand.core.masking import readable
from peyvand.identities.models import Customer
from peyvand.tasks.models import Task
from peyvand.workspaces.bearer import KeyRequest, Paging, Refused, opens, own, page, pid, sees_contacts
from peyvand.workspaces.models import Member
from peyvand.workspaces.services import note_bulk_view
from peyvand.workspaces.strict import Moment, Said
from peyvand.workspaces.types import Scope

ROUTER = Router(tags=["cases"])
WORDS, LINE = 4000, 200


class CaseTold(Schema):
    """One complaint of one customer."""

    id: str
    number: int
    customer: str
    owner: str | None = Field(description="the id of the member it belongs to")
    state: CaseState
    measure: str
    score_before: float | None
    score_after: float | None = Field(description="what the customer answered after the end")
    words: str
    reason: str
    interaction: str | None = Field(description="the answer it came of")
    opened_at: dt.datetime
    due_at: dt.datetime
    first_contact_at: dt.datetime | None
    closed_at: dt.datetime | None
    outcome: str
    version: int = Field(description="give it back as `seen`, and a step is refused when somebody changed the case since")


class EventTold(Schema):
    """One thing that happened to a case."""

    type: str
    at: dt.datetime
    by: str | None = Field(description="the id of the member")
    result: str
    text: str
    due_at: dt.datetime | None
    value: float | None
    task: str | None = Field(description="of a promise: what settles it")


class CaseWhole(CaseTold):
    """A case with its history, the oldest first."""

    events: list[EventTold]


class CasePage(Schema):
    """Cases in the order that was asked for."""

    items: list[CaseTold]
    next: str


class CasesAsked(Paging):
    """Which cases are asked for."""

    state: list[CaseState] = Field([], description="any of these; may be repeated")
    customer: str = ""
    owner: str = Field("", description="a member's id, or `nobody`")
    reason: str = ""
    late: bool = Field(default=False, description="only open ones whose deadline is past")
    branch: str = Field("", description="the id of a name, as `GET /names` tells it")
    unhappy: bool = Field(default=False, description="only those whose second answer was no better than the first")
    lately: queries.Since | None = Field(None, description="closed within 30 days: all, who answered again, or who are satisfied")
    order: queries.Order = Field(queries.Order.NEWEST, description="nearest deadline, newest, worst score or most bought first")


class CaseIn(Said):
    """A case for something that a customer said outside any survey."""

    customer: str
    words: str = Field(min_length=1, max_length=WORDS)
    reason: str = Field("", max_length=40)


class Seen(Said):
    """The version of the case that the step was decided on; without it, the step is taken whatever happened since."""

    seen: int | None = Field(None, ge=0, le=2**31 - 1)


class ContactIn(Seen):
    """What came of a call, and what was promised in it."""

    result: ContactResult = Field(description="`written` is noted by a message, not here")
    text: str = Field("", max_length=WORDS)
    again_at: Moment | None = Field(None, description="needed for `later`")
    reason: str = Field("", max_length=40)
    promised: str = Field("", max_length=LINE)
    promised_for: Moment | None = None


class MessageIn(Seen):
    """A mail to the customer."""

    subject: str = Field(min_length=1, max_length=LINE)
    text: str = Field(min_length=1, max_length=WORDS)


class PromiseIn(Seen):
    """A promise and its day."""

    text: str = Field(min_length=1, max_length=LINE)
    due_at: Moment


class SettleIn(Said):
    """Whether a promise was kept; false takes it back."""

    kept: bool


class CaseNoteIn(Said):
    """A note for colleagues."""

    text: str = Field(min_length=1, max_length=WORDS)


class OwnerIn(Seen):
    """Whom a case belongs to; null: nobody."""

    owner: str | None


class ChangeIn(Seen):
    """Another reason or deadline."""

    reason: str = Field("", max_length=40)
    due_at: Moment | None = None


class CloseIn(Seen):
    """How a case ended."""

    outcome: Outcome
    text: str = Field("", max_length=WORDS)
    ask_again: bool = Field(default=True, description="whether the customer is asked once more, as their survey says")


class RecoveryTold(Schema):
    """How many of those followed up are satisfied now; the share is of those who answered again, with its interval of 95 %."""

    closed: int
    answered: int
    satisfied: int
    share: float | None
    low: float | None
    high: float | None


class FirstContactTold(Schema):
    """How long customers waited for the first contact, in working time: the median with its interval of 95 %."""

    median_s: int | None = Field(description="seconds")
    low_s: int | None = Field(description="null where so few cases allow no interval")
    high_s: int | None
    n: int = Field(description="of so many cases")


class FollowUpTold(Schema):
    """How well follow-up works."""

    since: dt.datetime
    recovery: RecoveryTold = Field(description="of cases closed since then")
    first_contact: FirstContactTold = Field(description="of cases opened since then")


@opens(ROUTER.get, "/follow-up/figures", Scope.CASES_READ, response=FollowUpTold, summary="How well follow-up works")
def follow_up_figures(request: KeyRequest, days: Annotated[int, Query(ge=1, le=3660)] = 30) -> dict[str, Any]:
    """In the last days."""
    since = clock.now() - dt.timedelta(days=days)
    recovery, wait = queries.recovery(request.workspace, since), queries.first_contact(request.workspace, since)
    return {"since": since, "recovery": recovery._asdict(), "first_contact": wait._asdict()}


@opens(ROUTER.get, "/cases", Scope.CASES_READ, response=CasePage, summary="Cases, the newest first")
def cases(request: KeyRequest, asked: Annotated[CasesAsked, Query()]) -> dict[str, Any]:
    """Page by page; filters narrow together."""
    found = queries.cases_of(request.workspace)
    if asked.state:
        found = found.filter(state__in=asked.state)
    if asked.reason:
        found = found.filter(reason=asked.reason)
    if asked.customer:
        found = found.filter(customer=_customer(request, asked.customer))
    if asked.owner:
        found = found.filter(queries.UNOWNED) if asked.owner == "nobody" else found.filter(owner=_member(request, asked.owner))
    if asked.late:
        found = found.exclude(state=CaseState.CLOSED).filter(due_at__lt=clock.now())
    found = queries.narrowed(request.workspace, found, unhappy=asked.unhappy, lately=asked.lately)
    if asked.branch:
        found = found.filter(queries.of_branch(_branch(request, asked.branch)))
    rows, following = page(request, "cases", found.annotate(**queries.PLACES), asked, *queries.PAGED[asked.order])
    note_bulk_view(member=request.member, action="cases.listed", detail={"contacts": sees_contacts(request)})
    return {"items": [_told(request, case) for case in rows], "next": following}


@opens(ROUTER.post, "/cases", Scope.CASES_WORK, response={201: CaseWhole}, summary="Open a case")
def open_case(request: KeyRequest, said: CaseIn) -> Status[dict[str, Any]]:
    """For something that a customer said outside any survey; it gets its owner and deadline by the rules of follow-up."""
    customer = _customer(request, said.customer)
    case = _step(
        lambda: open_by_hand(
            workspace=request.workspace, customer=customer, words=said.words, reason=_reason(request, said.reason), actor=request.member
        )
    )
    return Status(201, _whole(request, case.pk))


@opens(ROUTER.get, "/cases/{case}", Scope.CASES_READ, response=CaseWhole, summary="One case with its history")
def one_case(request: KeyRequest, case: str) -> dict[str, Any]:
    """One case by its id."""
    return _whole(request, _case(request, case).pk)


@opens(ROUTER.patch, "/cases/{case}", Scope.CASES_WORK, response=CaseWhole, summary="Change a case's reason or deadline")
def change_case(request: KeyRequest, case: str, said: ChangeIn) -> dict[str, Any]:
    """What is left out stays."""
    row, reason = _case(request, case), _reason(request, said.reason)
    return _done(request, row, lambda: adjust(case=row, actor=request.member, reason=reason, due_at=said.due_at, seen=said.seen))


@opens(ROUTER.put, "/cases/{case}/owner", Scope.CASES_ASSIGN, response=CaseWhole, summary="Give a case to somebody")
def own_case(request: KeyRequest, case: str, said: OwnerIn) -> dict[str, Any]:
    """Its open tasks go with it."""
    row, owner = _case(request, case), _member(request, said.owner) if said.owner is not None else None
    return _done(request, row, lambda: assign(case=row, owner=owner, actor=request.member, seen=said.seen))


@opens(ROUTER.post, "/cases/{case}/take", Scope.CASES_WORK, response=CaseWhole, summary="Take a case that nobody has")
def take_case(request: KeyRequest, case: str) -> dict[str, Any]:
    """It belongs to the maker of the key then."""
    row = _case(request, case)
    return _done(request, row, lambda: take(case=row, actor=request.member))


@opens(ROUTER.post, "/cases/{case}/contacts", Scope.CASES_WORK, response=CaseWhole, summary="Note a call")
def contact_case(request: KeyRequest, case: str, said: ContactIn) -> dict[str, Any]:
    """What came of it decides the next step and its deadline."""
    row = _case(request, case)
    if said.result is ContactResult.WRITTEN:
        raise Refused(422, "invalid", "result: a message is noted by sending it: POST …/messages.", "result")
    if said.result is ContactResult.LATER and said.again_at is None:
        raise Refused(422, "invalid", "again_at: say when to call again.", "again_at")
    if said.promised.strip() and said.promised_for is None:
        raise Refused(422, "invalid", "promised_for: say by when it is promised.", "promised_for")
    return _done(
        request,
        row,
        lambda: work_contact(
            case=row,
            actor=request.member,
            result=said.result,
            text=said.text,
            again_at=_to_come(said.again_at, "again_at") if said.result is ContactResult.LATER else None,
            reason=_reason(request, said.reason),
            promised=said.promised,
            promised_for=_to_come(said.promised_for, "promised_for"),
            seen=said.seen,
        ),
    )


@opens(ROUTER.post, "/cases/{case}/messages", Scope.CASES_WORK, response=CaseWhole, summary="Write to the customer by e-mail")
def write_case(request: KeyRequest, case: str, said: MessageIn) -> dict[str, Any]:
    """Refused where the customer has no address or does not want mails."""
    row = _case(request, case)
    return _done(request, row, lambda: send_message(case=row, actor=request.member, subject=said.subject, text=said.text, seen=said.seen))


@opens(ROUTER.post, "/cases/{case}/promises", Scope.CASES_WORK, response=CaseWhole, summary="Promise something")
def promise_case(request: KeyRequest, case: str, said: PromiseIn) -> dict[str, Any]:
    """The case cannot be closed before it is kept or taken back."""
    row, due_at = _case(request, case), _to_come(said.due_at, "due_at") or said.due_at
    return _done(request, row, lambda: promise(case=row, actor=request.member, text=said.text, due_at=due_at, seen=said.seen))


@opens(ROUTER.post, "/cases/{case}/promises/{task}", Scope.CASES_WORK, response=CaseWhole, summary="Keep a promise, or take it back")
def settle_case(request: KeyRequest, case: str, task: str, said: SettleIn) -> dict[str, Any]:
    """`task` is that of the promise in the history."""
    row, known = _case(request, case), own(request, Task.objects.all(), task)
    return _done(request, row, lambda: settle_promise(case=row, task=known, actor=request.member, kept=said.kept))


@opens(ROUTER.post, "/cases/{case}/notes", Scope.CASES_WORK, response=CaseWhole, summary="Keep a note with a case")
def note_case(request: KeyRequest, case: str, said: CaseNoteIn) -> dict[str, Any]:
    """For colleagues; also on closed cases."""
    row = _case(request, case)
    return _done(request, row, lambda: add_note(case=row, actor=request.member, text=said.text))


@opens(ROUTER.post, "/cases/{case}/close", Scope.CASES_WORK, response=CaseWhole, summary="Close a case")
def close_case(request: KeyRequest, case: str, said: CloseIn) -> dict[str, Any]:
    """Refused while a promise is open."""
    row = _case(request, case)
    return _done(
        request,
        row,
        lambda: close(case=row, actor=request.member, outcome=said.outcome, text=said.text, ask_again=said.ask_again, seen=said.seen),
    )


@opens(ROUTER.post, "/cases/{case}/reopen", Scope.CASES_WORK, response=CaseWhole, summary="Open a closed case again")
def reopen_case(request: KeyRequest, case: str) -> dict[str, Any]:
    """It gets a deadline anew."""
    row = _case(request, case)
    return _done(request, row, lambda: reopen(case=row, actor=request.member))


def _step(do: Callable[[], Any]) -> Any:
    try:
        return do()
    except StaleError as error:
        raise Refused(409, "changed-meanwhile", str(error)) from None
    except CaseError as error:
        raise Refused(422, "not-possible", str(error)) from None


def _done(request: KeyRequest, case: Case, do: Callable[[], object]) -> dict[str, Any]:
    _step(do)
    return _whole(request, case.pk)


def _case(request: KeyRequest, text: str) -> Case:
    policy_of(request.workspace)
    return own(request, queries.cases_of(request.workspace), text)


def _customer(request: KeyRequest, text: str) -> Customer:
    try:
        return own(request, Customer.objects.filter(merged_into=None), text)
    except Http404:
        raise Refused(422, "unknown-customer", "customer: there is none with this id.", "customer") from None


def _branch(request: KeyRequest, text: str) -> int:
    try:
        return own(request, Term.objects.filter(dimension=Dimension.BRANCH), text).pk
    except Http404:
        raise Refused(422, "unknown-name", "branch: there is no branch with this id.", "branch") from None


def _member(request: KeyRequest, text: str) -> Member:
    try:
        return own(request, Member.objects.filter(is_active=True), text)
    except Http404:
        raise Refused(422, "unknown-member", "owner: there is no member with this id.", "owner") from None


def _reason(request: KeyRequest, code: str) -> str:
    known = [reason["code"] for reason in policy_of(request.workspace).reasons if not reason.get("off")]
    if code and code not in known:
        raise Refused(422, "invalid", f"reason: one of {', '.join(known)}.", "reason")
    return code


def _to_come(moment: dt.datetime | None, field: str) -> dt.datetime | None:
    if moment is not None and moment <= clock.now():
        raise Refused(422, "invalid", f"{field}: " + _("Choose a time that is still to come."), field)
    return moment


def _told(request: KeyRequest, case: Case) -> dict[str, Any]:
    plain = ("number", "state", "measure", "score_before", "score_after", "reason", "opened_at", "due_at", "first_contact_at")
    words: dict[str, Any] = {name: getattr(case, name) for name in (*plain, "closed_at", "outcome", "version")}
    return words | {
        "id": pid(request, case.pk),
        "customer": pid(request, case.customer_id),
        "owner": pid(request, case.owner_id) if case.owner_id is not None else None,
        "words": readable(case.words, sees=sees_contacts(request)),
        "interaction": pid(request, case.interaction) if case.interaction is not None else None,
    }


def _whole(request: KeyRequest, case_id: int) -> dict[str, Any]:
    case = queries.cases_of(request.workspace).get(pk=case_id)
    return _told(request, case) | {"events": [_event(request, event) for event in case.events.order_by("at", "id")]}


def _event(request: KeyRequest, event: CaseEvent) -> dict[str, Any]:
    return {name: getattr(event, name) for name in ("type", "at", "result", "due_at", "value")} | {
        "by": pid(request, event.by_id) if event.by_id is not None else None,
        "text": readable(event.text, sees=sees_contacts(request)),
        "task": pid(request, event.task_id) if event.task_id is not None else None,
    }
