"""Tasks for programs: what waits for whom. They are made and settled by what they serve (a case)."""

import datetime as dt
from typing import Annotated, Any

from django.http import Http404
from ninja import Query, Router, Schema
from pydantic import Field

from peyvand.core import clock
from peyvand.core.masking import readable
from peyvand.identities.models import Customer
from peyvand.identities.queries import one_person
from peyvand.tasks.models import Task, TaskState
from peyvand.workspaces.bearer import KeyRequest, Paging, Refused, opens, own, page, pid, sees_contacts
from peyvand.workspaces.models import Member
from peyvand.workspaces.types import Scope

ROUTER = Router(tags=["tasks"])


class TaskTold(Schema):
    """One thing to do for one customer."""

    id: str
    kind: Task.Kind
    title: str
    state: TaskState
    customer: str | None
    owner: str | None = Field(description="a member's id; null: nobody's")
    subject: str | None = Field(description="what it serves, as type and id: `case:…`")
    due_at: dt.datetime
    created_at: dt.datetime
    done_at: dt.datetime | None
    outcome: str


class TaskPage(Schema):
    """Tasks, the newest first."""

    items: list[TaskTold]
    next: str


class TasksAsked(Paging):
    """Which tasks are asked for."""

    state: TaskState = Field(TaskState.OPEN)
    owner: str = Field("", description="a member's id, or `nobody`")
    customer: str = Field("", description="a customer's id; what belongs to those merged into them counts as theirs")
    late: bool = False


@opens(ROUTER.get, "/tasks", Scope.CASES_READ, response=TaskPage, summary="Tasks, the newest first")
def tasks(request: KeyRequest, asked: Annotated[TasksAsked, Query()]) -> dict[str, Any]:
    """Page by page, open ones unless another state is asked for."""
    found = Task.objects.filter(workspace=request.workspace, state=asked.state)
    if asked.owner == "nobody":
        found = found.filter(owner=None)
    elif asked.owner:
        found = found.filter(owner=_member(request, asked.owner))
    if asked.customer:
        found = found.filter(customer__in=one_person(_customer(request, asked.customer).pk))
    if asked.late:
        found = found.filter(due_at__lt=clock.now())
    rows, following = page(request, "tasks", found, asked)
    return {"items": [_told(request, task) for task in rows], "next": following}


@opens(ROUTER.get, "/tasks/{task}", Scope.CASES_READ, response=TaskTold, summary="One task")
def one_task(request: KeyRequest, task: str) -> dict[str, Any]:
    """One task by its id."""
    return _told(request, own(request, Task.objects.all(), task))


def _customer(request: KeyRequest, text: str) -> Customer:
    try:
        return own(request, Customer.objects.all(), text)
    except Http404:
        raise Refused(422, "unknown-customer", "customer: there is no customer with this id.", "customer") from None


def _member(request: KeyRequest, text: str) -> Member:
    try:
        return own(request, Member.objects.all(), text)
    except Http404:
        raise Refused(422, "unknown-member", "owner: there is no member with this id.", "owner") from None


def _told(request: KeyRequest, task: Task) -> dict[str, Any]:
    words = {name: getattr(task, name) for name in ("kind", "state", "due_at", "created_at", "done_at", "outcome")}
    return words | {
        "id": pid(request, task.pk),
        "title": readable(task.title, sees=sees_contacts(request)),
        "customer": pid(request, task.customer_id) if task.customer_id is not None else None,
        "owner": pid(request, task.owner_id) if task.owner_id is not None else None,
        "subject": f"{task.subject_type}:{pid(request, task.subject_id)}" if task.subject_id is not None else None,
    }
