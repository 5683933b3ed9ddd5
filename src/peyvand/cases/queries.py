"""Reads of cases: lists, counts, one customer's, and how well follow-up works. Called by the pages, Pulse and the shell."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, Count, F, Q, QuerySet
from django.db.models.functions import Cast, Coalesce

from peyvand.cases.models import Case, CaseEvent
from peyvand.cases.types import CaseState, is_satisfied
from peyvand.catalogue.models import Term
from peyvand.core import clock
from peyvand.identities.models import Customer
from peyvand.identities.queries import one_person
from peyvand.measures.intervals import wilson
from peyvand.measures.medians import median
from peyvand.tasks.models import Task
from peyvand.workspaces.models import Member, Workspace

SUBJECT = "case"  # the subject type of tasks and interactions that belong to a case
UNOWNED = Q(owner=None) | Q(owner__is_active=False)
LOOKING_BACK = dt.timedelta(days=30)


class View(StrEnum):
    """Which cases a list shows."""

    MINE = "mine"
    ALL = "all"
    UNOWNED = "unowned"
    CLOSED = "closed"


class Order(StrEnum):
    """What comes first in a list."""

    DUE = "due"
    NEWEST = "newest"
    SCORE = "score"
    VALUE = "value"


ORDERED: dict[Order, tuple[str, ...]] = {
    Order.DUE: ("due_at", "id"),
    Order.NEWEST: ("-opened_at", "-id"),
    Order.SCORE: ("score_before", "due_at", "id"),
    Order.VALUE: ("-customer__profile__purchase_total", "due_at", "id"),
}


# The same for lists read on from where they ended: by columns that are never null and that a cursor can name.
PLACES: dict[str, Any] = {
    "worth": Coalesce("customer__profile__purchase_total", 0, output_field=BigIntegerField()),
    "badness": Coalesce(Cast(F("score_before") * 1000, BigIntegerField()), 2**53, output_field=BigIntegerField()),
}
PAGED: dict[Order, tuple[str, ...]] = {
    Order.DUE: ("due_at",),
    Order.NEWEST: (),
    Order.SCORE: ("badness", "due_at"),
    Order.VALUE: ("-worth", "due_at"),
}


class Since(StrEnum):
    """Which cases closed in the last 30 days a figure of follow-up is about."""

    CLOSED = "closed"
    ANSWERED = "answered"
    SATISFIED = "satisfied"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of cases is narrowed to; None narrows nothing. `branch` is a Term integer, `owner` a member's."""

    view: View = View.MINE
    order: Order = Order.DUE
    reason: str | None = None
    branch: int | None = None
    owner: int | None = None
    unhappy: bool = False  # those whose second answer was no better
    lately: Since | None = None


class Counts(NamedTuple):
    """How many open cases there are, and how many of them are late."""

    mine: int
    all: int
    unowned: int
    late: int


class Recovery(NamedTuple):
    """What follow-up achieved: cases closed, how many of those customers answered again, how many are satisfied now."""

    closed: int
    answered: int
    satisfied: int
    share: float | None
    low: float | None
    high: float | None


class FirstContact(NamedTuple):
    """The median of working seconds from opening to the first contact with its interval of 95 %, and of how many cases.

    The ends are None where so few cases allow no interval.
    """

    median_s: int | None
    low_s: int | None
    high_s: int | None
    n: int


def cases_of(workspace: Workspace) -> QuerySet[Case]:
    """Every case of a workspace with what a list shows of it."""
    return Case.objects.filter(workspace=workspace).select_related("customer", "owner__user")


def of_branch(branch: int) -> Q:
    """Cases of a branch, under whichever of its names they were opened."""
    return Q(branch=branch) | Q(branch__in=Term.objects.filter(merged_into=branch).values("pk"))


def listed(member: Member, wanted: Wanted) -> QuerySet[Case]:
    """The cases of a list in their order."""
    found = cases_of(member.workspace)
    if wanted.view is View.CLOSED:
        found = found.filter(state=CaseState.CLOSED)
        ordered = ("-closed_at", "-id") if wanted.order is Order.DUE else ORDERED[wanted.order]
    else:
        found = found.exclude(state=CaseState.CLOSED)
        ordered = ORDERED[wanted.order]
    if wanted.view is View.MINE:
        found = found.filter(owner=member)
    elif wanted.view is View.UNOWNED:
        found = found.filter(UNOWNED)
    for column, value in (("reason", wanted.reason), ("owner", wanted.owner)):
        if value is not None:
            found = found.filter(**{column: value})
    if wanted.branch is not None:
        found = found.filter(of_branch(wanted.branch))
    return narrowed(member.workspace, found, unhappy=wanted.unhappy, lately=wanted.lately).order_by(*ordered)


def narrowed(workspace: Workspace, found: QuerySet[Case], *, unhappy: bool, lately: Since | None) -> QuerySet[Case]:
    """Those of these cases whose second answer was no better, or that a figure of follow-up is about."""
    if unhappy:
        found = found.filter(score_after__lte=F("score_before"))
    return found if lately is None else found.filter(pk__in=_lately(workspace, lately))


def _lately(workspace: Workspace, which: Since) -> list[int]:
    """The cases that `recovery` counts, now."""
    closed = Case.objects.filter(workspace=workspace, state=CaseState.CLOSED, closed_at__gte=clock.now() - LOOKING_BACK)
    if which is Since.CLOSED:
        return list(closed.values_list("pk", flat=True))
    answers = closed.filter(score_after__isnull=False).only("measure", "score_after", "low", "high")
    return [case.pk for case in answers if which is Since.ANSWERED or _satisfied(case)]


def counts(member: Member) -> Counts:
    """How many cases wait for a member, for anybody and for nobody."""
    running = Case.objects.filter(workspace_id=member.workspace_id).exclude(state=CaseState.CLOSED)
    found = running.aggregate(
        mine=Count("id", filter=Q(owner=member)),
        all=Count("id"),
        unowned=Count("id", filter=UNOWNED),
        late=Count("id", filter=Q(due_at__lt=clock.now())),
    )
    return Counts(**found)


def waiting_for(member: Member) -> int:
    """How many open cases a member owns: the number beside the place in the rail."""
    return Case.objects.filter(owner=member).exclude(state=CaseState.CLOSED).count()


def first_in_line(member: Member) -> Case | None:
    """The case a member should begin with."""
    return listed(member, Wanted()).first()


def history(case: Case) -> list[CaseEvent]:
    """Everything that happened to a case, the latest first."""
    return list(case.events.select_related("by__user", "task", "message").order_by("-at", "-id"))


def open_promises(case: Case) -> list[Task]:
    """What was promised and is still to be done, the next first."""
    tasks = Task.objects.filter(workspace_id=case.workspace_id, subject_type=SUBJECT, subject_id=case.pk, state=Task.State.OPEN)
    return list(tasks.filter(kind=Task.Kind.PROMISE).order_by("due_at", "id"))


def open_cases(customer: Customer) -> QuerySet[Case]:
    """Open cases of a customer, the most urgent first."""
    mine = cases_of(customer.workspace).filter(customer_id__in=one_person(customer.pk))
    return mine.exclude(state=CaseState.CLOSED).order_by("due_at", "id")


def all_cases(customer: Customer) -> QuerySet[Case]:
    """All cases of a customer, the latest first."""
    return cases_of(customer.workspace).filter(customer_id__in=one_person(customer.pk)).order_by("-opened_at", "-id")


def recovered(workspace: Workspace, since: dt.datetime, limit: int = 10) -> list[Case]:
    """Cases whose customer is satisfied again since a moment, the latest first."""
    better = cases_of(workspace).filter(answered_again_at__gte=since, score_after__gt=F("score_before"))
    found = better.order_by("-answered_again_at")[: 10 * limit]
    return [case for case in found if _satisfied(case)][:limit]


def recovered_count(workspace: Workspace, since: dt.datetime) -> int:
    """How many customers are satisfied again since a moment."""
    better = Case.objects.filter(workspace=workspace, answered_again_at__gte=since, score_after__gt=F("score_before"))
    return sum(_satisfied(case) for case in better.only("measure", "score_after", "low", "high"))


def recovery(workspace: Workspace, since: dt.datetime) -> Recovery:
    """How many of those who were followed up are satisfied now; the share is of those who answered again (Wilson interval)."""
    closed = Case.objects.filter(workspace=workspace, state=CaseState.CLOSED, closed_at__gte=since)
    answers = closed.filter(score_after__isnull=False).only("measure", "score_after", "low", "high")
    satisfied = [_satisfied(case) for case in answers]
    n, hits = len(satisfied), sum(satisfied)
    low, high = wilson(hits, n) if n else (None, None)
    return Recovery(closed.count(), n, hits, hits / n if n else None, low, high)


def first_contact(workspace: Workspace, since: dt.datetime) -> FirstContact:
    """How long customers wait for the first contact, in working time, for cases opened since a moment."""
    waits = Case.objects.filter(workspace=workspace, opened_at__gte=since, contact_work_s__isnull=False).order_by()
    found = median((seconds or 0, n) for seconds, n in waits.values_list("contact_work_s").annotate(n=Count("pk")))
    middle, low, high = (None if one is None else round(one) for one in (found.value, found.low, found.high))
    return FirstContact(middle, low, high, found.n)


def _satisfied(case: Case) -> bool:
    return case.score_after is not None and is_satisfied(case.measure, case.score_after, case.low, case.high)
