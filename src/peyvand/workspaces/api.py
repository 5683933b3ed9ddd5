"""The workspace itself for programs: who works here, which keys there are, what the audit trail says."""

import datetime as dt
from typing import Annotated, Any

from ninja import Query, Router, Schema
from pydantic import AwareDatetime, Field

from peyvand.core.masking import readable
from peyvand.workspaces.bearer import KeyRequest, Paging, opens, page, pid, sees_contacts
from peyvand.workspaces.models import AuditEntry, Member
from peyvand.workspaces.types import Scope

ROUTER = Router(tags=["workspace"])


class WorkspaceTold(Schema):
    """A brand and how it reads and counts."""

    slug: str
    names: dict[str, str]
    languages: list[str]
    default_language: str
    calendar: str
    time_zone: str
    currency: str
    key: str = Field(description="the name of the key that asks")
    scopes: list[str] = Field(description="what that key may do")


class MemberTold(Schema):
    """Somebody who works here."""

    id: str
    name: str
    email: str
    role: str
    is_active: bool
    joined_at: dt.datetime


class MemberPage(Schema):
    """Members, those who joined last first."""

    items: list[MemberTold]
    next: str


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

    action: str = Field("", max_length=60)
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None


@opens(ROUTER.get, "/workspace", Scope.READ, response=WorkspaceTold, summary="Which brand a key belongs to")
def workspace(request: KeyRequest) -> dict[str, Any]:
    """Also what the key may do."""
    names = ("slug", "names", "languages", "default_language", "calendar", "time_zone", "currency")
    return {name: getattr(request.workspace, name) for name in names} | {"key": request.api_key.name, "scopes": request.api_key.scopes}


@opens(ROUTER.get, "/members", Scope.MEMBERS_MANAGE, response=MemberPage, summary="Who works here")
def members(request: KeyRequest, asked: Annotated[Paging, Query()]) -> dict[str, Any]:
    """Those whose access was taken too."""
    rows, following = page(request, "members", Member.objects.filter(workspace=request.workspace).select_related("user"), asked)
    return {"items": [_member(request, one) for one in rows], "next": following}


@opens(ROUTER.get, "/audit", Scope.AUDIT_READ, response=EntryPage, summary="The audit trail")
def trail(request: KeyRequest, asked: Annotated[EntriesAsked, Query()]) -> dict[str, Any]:
    """Page by page; what is added meanwhile stands before the first."""
    found = AuditEntry.objects.filter(workspace=request.workspace)
    if asked.action:
        found = found.filter(action=asked.action)
    if asked.since is not None:
        found = found.filter(at__gte=asked.since)
    if asked.until is not None:
        found = found.filter(at__lt=asked.until)
    rows, following = page(request, "audit", found, asked)
    return {"items": [_entry(request, one) for one in rows], "next": following}


def _member(request: KeyRequest, member: Member) -> dict[str, Any]:
    words = {name: getattr(member, name) for name in ("role", "is_active", "joined_at")}
    return words | {"id": pid(request, member.pk), "name": member.user.name, "email": member.user.email}


def _entry(request: KeyRequest, entry: AuditEntry) -> dict[str, Any]:
    sees = sees_contacts(request)
    return {name: getattr(entry, name) for name in ("at", "action", "target_type", "detail")} | {
        "actor": entry.actor_label,
        "target": pid(request, entry.target_id) if entry.target_id is not None else None,
        "target_label": readable(entry.target_label, sees=sees),
    }
