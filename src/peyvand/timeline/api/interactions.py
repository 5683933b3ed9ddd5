"""`GET /api/v1/interactions`: the timeline for programs that hold a key with scope read. Recording is the edge's (edge.ingest)."""

import datetime as dt
from typing import Annotated, Any

from django.core.cache import cache
from django.http import Http404
from ninja import Query, Router, Schema
from pydantic import AwareDatetime, Field

from peyvand.core import clock
from peyvand.core.ids import private_id, read_token, sign_token
from peyvand.timeline.listing import Wanted, list_after
from peyvand.timeline.models import Interaction
from peyvand.timeline.reading import CODED, Position, events, read_ids, undone_batches
from peyvand.timeline.telling import told, without_numbers
from peyvand.timeline.types import Event
from peyvand.workspaces.bearer import KeyRequest, Refused, opens, sees_contacts
from peyvand.workspaces.models import Workspace
from peyvand.workspaces.services import audit
from peyvand.workspaces.types import Scope

ROUTER = Router(tags=["interactions"])
CURSOR = "api.interactions"
DAY_SECONDS = 24 * 3600


class InteractionsAsked(Schema):
    """Which interactions are asked for."""

    after: str = Field("", description="`next` of an earlier answer; empty: from the beginning")
    limit: int = Field(100, ge=1, le=500)
    kind: list[str] = Field([], description="any of these kinds; may be repeated, as the codes below")
    channel: list[str] = []
    touchpoint: list[str] = []
    stage: list[str] = []
    product: list[str] = []
    branch: list[str] = []
    department: list[str] = []
    employee: list[str] = []
    company: list[str] = []
    device: list[str] = []
    language: list[str] = []
    source: list[str] = []
    subject_type: list[str] = Field([], description="what it is about, such as `order`")
    imported: list[str] = Field([], description="the import it came with, by the import's id")
    since: AwareDatetime | None = Field(None, description="happened at or after this moment, which has an offset")
    until: AwareDatetime | None = Field(None, description="happened before this moment")
    customer: str = Field("", description="a customer's id")
    subject: str = Field("", description="type and id with a colon between, such as `order:1042`")


class FeltTold(Schema):
    """How it felt."""

    measure: str
    value: float | None
    scale: tuple[float, float] | None
    item: str
    text: str
    sentiment: float | None


class SubjectTold(Schema):
    """What ties interactions together."""

    type: str
    id: str


class Told(Schema):
    """One interaction, in the words in which it is recorded."""

    id: str
    kind: str
    occurred_at: dt.datetime
    recorded_at: dt.datetime
    customer: str | None = Field(description="the customer's id; null where nobody was named")
    channel: str
    touchpoint: str
    stage: str
    product: str
    branch: str
    department: str
    employee: str
    company: str
    device: str
    language: str
    subject: SubjectTold | None
    amount: int | None = Field(description="in the currency's minor unit")
    currency: str
    duration_s: float | None
    response_s: float | None
    properties: dict[str, Any]
    perceptions: list[FeltTold]
    source: str
    external_id: str | None


class Page(Schema):
    """Interactions in the order in which they were committed."""

    items: list[Told]
    next: str = Field(description="give this as `after`, now or later: what is recorded meanwhile comes behind it")
    more: bool = Field(description="true: go on at once, even where `items` is short; false: this was all there is now")


@opens(ROUTER.get, "/interactions", Scope.READ, response=Page, summary="Interactions in the order of their recording")
def interactions(request: KeyRequest, asked: Annotated[InteractionsAsked, Query()]) -> dict[str, Any]:
    """Page by page from the beginning or from `after`. A program that keeps `next` and asks again misses nothing and gets nothing twice.

    Without the scope `contacts.see`, phone numbers and e-mail addresses in texts and properties are hidden.
    """
    workspace = request.workspace
    _note_reading(request)
    found = list_after(workspace.pk, _place(workspace, asked.after), _wanted(workspace, asked), asked.limit)
    return {
        "items": [shown(request, event) for event in events(found.rows)],
        "next": sign_token(CURSOR, [workspace.pk, *found.place]),
        "more": found.more,
    }


@opens(ROUTER.get, "/interactions/{pid}", Scope.READ, response=Told, summary="One interaction")
def interaction(request: KeyRequest, pid: str) -> dict[str, Any]:
    """One interaction by the id it was given when it was recorded."""
    workspace = request.workspace
    number = private_id(bytes(workspace.id_key), pid)
    known = Interaction.objects.filter(pk=number, workspace=workspace).exclude(batch__in=undone_batches(workspace.pk)) if number else None
    if known is None or not known.exists():
        raise Http404
    return shown(request, events(read_ids([number or 0]))[0])


def shown(request: KeyRequest, event: Event) -> dict[str, Any]:
    """One interaction with numbers and addresses in texts only for those who see contacts, as on the page of a person."""
    words = told(request.workspace, event)
    return words if sees_contacts(request) else without_numbers(words)


def _note_reading(request: KeyRequest) -> None:
    """An owner may ask which key took people's data in bulk: one entry a day for each that does."""
    key = request.api_key
    if cache.add(f"interactions.read:{key.pk}:{clock.today('UTC')}", 1, DAY_SECONDS):
        audit(workspace=request.workspace, actor=None, action="interactions.read", actor_label=str(key))


def _place(workspace: Workspace, after: str) -> Position:
    if not after:
        return Position()
    payload = read_token(CURSOR, after)
    if payload is None or payload[0] != workspace.pk:
        raise Refused(400, "bad-cursor", "after: give `next` of an earlier answer of this list as it was.", "after")
    return Position(*(int(part) for part in payload[1:]))


def _wanted(workspace: Workspace, asked: InteractionsAsked) -> Wanted:
    customer = private_id(bytes(workspace.id_key), asked.customer) if asked.customer else None
    if asked.customer and customer is None:
        raise Refused(400, "invalid", "customer: this is no customer's id.", "customer")
    kind, _, number = asked.subject.partition(":")
    if asked.subject and not (kind and number):
        raise Refused(400, "invalid", "subject: write type and id with a colon between, such as order:1042.", "subject")
    codes = {name: getattr(asked, name) for name in ("kind", *CODED, "source")} | {"subject": asked.subject_type}
    return Wanted(codes, asked.imported, asked.since, asked.until, customer, (kind, number) if asked.subject else None)
