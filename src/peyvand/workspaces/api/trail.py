"""The audit trail for programs: who did what to which thing, when."""

import datetime as dt
from typing import Annotated, Any

from django.http import Http404
from ninja import Query, Router, Schema
from pydantic import AwareDatetime, Field

from peyvand.core.masking import readable, without_contacts_within
from peyvand.workspaces.bearer import KeyRequest, Paging, Refused, opens, own, page, pid, sees_contacts
from peyvand.workspaces.models import AuditEntry, Member
from peyvand.workspaces.types import Scope

ROUTER = Router(tags=["workspace"])


class EntryTold(Schema):
    """Who did what to which thing, when."""

    at: dt.datetime
    actor: str = Field(description="in words; beside a person stands the key they acted by")
    action: str
    target_type: str
    target: str | None = Field(description="the id of the thing")
    target_label: str
    detail: dict[str, Any]


class EntryPage(Schema):
    """The audit trail, the newest first."""

    items: list[EntryTold]
    next: str


class EntriesAsked(Paging):
    """Which entries are asked for."""

    action: str = Field("", max_length=60, description="exactly this one, such as `case.closed`")
    group: str = Field("", max_length=40, pattern=r"^[a-z_]*$", description="everything done to one kind of thing, such as `case`")
    member: str = Field("", description="what this member did, by their id")
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None


@opens(ROUTER.get, "/audit", Scope.AUDIT_READ, response=EntryPage, summary="The audit trail")
def trail(request: KeyRequest, asked: Annotated[EntriesAsked, Query()]) -> dict[str, Any]:
    """Page by page; what is added meanwhile stands before the first."""
    found = AuditEntry.objects.filter(workspace=request.workspace)
    if asked.action:
        found = found.filter(action=asked.action)
    if asked.group:
        found = found.filter(action__startswith=f"{asked.group}.")
    if asked.member:
        found = found.filter(actor=_member(request, asked.member).user_id)
    if asked.since is not None:
        found = found.filter(at__gte=asked.since)
    if asked.until is not None:
        found = found.filter(at__lt=asked.until)
    rows, following = page(request, "audit", found, asked)
    return {"items": [_entry(request, one) for one in rows], "next": following}


def _member(request: KeyRequest, text: str) -> Member:
    try:
        return own(request, Member.objects.all(), text)
    except Http404:
        raise Refused(422, "unknown-member", "member: there is no member with this id.", "member") from None


def _entry(request: KeyRequest, entry: AuditEntry) -> dict[str, Any]:
    sees = sees_contacts(request)
    return {name: getattr(entry, name) for name in ("at", "action", "target_type")} | {
        "detail": entry.detail if sees else without_contacts_within(entry.detail),
        "actor": entry.actor_label,
        "target": pid(request, entry.target_id) if entry.target_id is not None else None,
        "target_label": readable(entry.target_label, sees=sees),
    }
