"""The outbox for programs: what was sent to whom, what waits, what failed and why; failed ones can be sent again."""

import datetime as dt
from typing import Annotated, Any

from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field, WithJsonSchema

from peyvand.channels.models import Outgoing
from peyvand.channels.queries import mail_way, outbox_counts
from peyvand.channels.services import resend
from peyvand.core import emails
from peyvand.core.masking import readable
from peyvand.workspaces.bearer import KeyRequest, Paging, opens, own, page, pid, sees_contacts
from peyvand.workspaces.services import note_bulk_view
from peyvand.workspaces.types import Scope

ROUTER = Router(tags=["messages"])
StateWord = Annotated[Outgoing.State, WithJsonSchema({"type": "string", "enum": Outgoing.State.values})]  # other apps have a State too


class MessageTold(Schema):
    """One message to one person."""

    id: str
    channel: str
    purpose: str
    customer: str | None
    to: str
    subject: str
    text: str = Field(description="only where mail is kept in the data folder, so that no mailbox has it, and with `contacts.see`")
    language: str
    state: StateWord = Field(description="`held`: not allowed or not possible; `unsure`: it may have arrived")
    error: str
    attempts: int
    created_at: dt.datetime
    sent_at: dt.datetime | None


class MessagePage(Schema):
    """Messages, the newest first."""

    items: list[MessageTold]
    next: str
    counts: dict[str, int] = Field(description="how many messages of each state there are in all")


class MessagesAsked(Paging):
    """Which messages are asked for."""

    state: StateWord | None = None


@opens(ROUTER.get, "/messages", Scope.OPERATIONS, response=MessagePage, summary="The outbox, the newest first")
def messages(request: KeyRequest, asked: Annotated[MessagesAsked, Query()]) -> dict[str, Any]:
    """Page by page, of one state or of all."""
    found = _outbox(request)
    if asked.state is not None:
        found = found.filter(state=asked.state)
    rows, following = page(request, "messages", found, asked)
    note_bulk_view(member=request.member, action="messages.listed", detail={"contacts": sees_contacts(request)})
    return {"items": [_told(request, one) for one in rows], "next": following, "counts": outbox_counts(request.workspace)}


@opens(ROUTER.get, "/messages/{message}", Scope.OPERATIONS, response=MessageTold, summary="One message")
def one_message(request: KeyRequest, message: str) -> dict[str, Any]:
    """By its id."""
    return _told(request, own(request, _outbox(request), message))


@opens(ROUTER.post, "/messages/{message}/resend", Scope.OPERATIONS, response=MessageTold, summary="Send a message again")
def resend_message(request: KeyRequest, message: str) -> dict[str, Any]:
    """One that failed, was held or may not have arrived; one that waits or was sent stays as it is."""
    resend(outgoing=own(request, _outbox(request), message), actor=request.member.user)
    return _told(request, own(request, _outbox(request), message))


def _outbox(request: KeyRequest) -> Any:
    return Outgoing.objects.filter(workspace=request.workspace).select_related("workspace", "customer")


def _told(request: KeyRequest, one: Outgoing) -> dict[str, Any]:
    sees = sees_contacts(request)
    kept = sees and one.state == Outgoing.State.SENT and mail_way(request.workspace) == "kept"
    plain = {name: getattr(one, name) for name in ("purpose", "language", "state", "attempts", "created_at", "sent_at")}
    return plain | {
        "id": pid(request, one.pk),
        "channel": one.channel_kind,
        "customer": pid(request, one.customer_id) if one.customer_id is not None else None,
        "to": one.address if sees else emails.mask(one.address),
        "subject": readable(one.subject, sees=sees),
        "text": one.text if kept else "",
        "error": readable(_(one.error), sees=sees) if one.error else "",
    }
