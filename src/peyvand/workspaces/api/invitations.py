"""Invitations for programs: opened, listed while they are open, withdrawn."""

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from ninja import Router, Schema, Status
from pydantic import Field

from peyvand.core import clock
from peyvand.workspaces.api.people import ROLE, RoleIn, role_told
from peyvand.workspaces.bearer import KeyRequest, Refused, check_gives, opens, own, pid, tell_once
from peyvand.workspaces.errors import WorkspaceError
from peyvand.workspaces.filling import filled
from peyvand.workspaces.forms.roles import InviteForm
from peyvand.workspaces.models import Invitation, Workspace
from peyvand.workspaces.services import invitation_address, invite, mail_invitation, revoke_invitation
from peyvand.workspaces.services.authority import granted_by, may_give
from peyvand.workspaces.types import Scope

ROUTER = Router(tags=["people"])


class InvitationIn(RoleIn):
    """Whom to invite, in which role."""

    email: str = Field(max_length=254)


class InvitationTold(Schema):
    """A door that is open for one e-mail address."""

    id: str
    email: str
    role: str = Field(description=ROLE)
    created_at: dt.datetime
    expires_at: dt.datetime


class InvitationMade(InvitationTold):
    """A new invitation, with the link that is told in this answer alone."""

    address: str = Field(description="for the person invited only; it works once")
    mailed: bool = Field(description="whether a letter is on its way; else hand the link over")


class InvitationList(Schema):
    """Every open invitation, the newest first."""

    items: list[InvitationTold]


@opens(ROUTER.get, "/invitations", Scope.MEMBERS_MANAGE, response=InvitationList, summary="Open invitations")
def invitations(request: KeyRequest) -> dict[str, Any]:
    """Without their links."""
    return {"items": [_told(request, one) for one in _open(request.workspace).order_by("-pk")]}


@opens(ROUTER.post, "/invitations", Scope.MEMBERS_MANAGE, response={201: InvitationMade}, summary="Invite somebody")
def new_invitation(request: KeyRequest, said: InvitationIn) -> Status[dict[str, Any]]:
    """For a week; an earlier open one to the same address is closed."""
    given = filled(InviteForm(said.model_dump(), giver=request.member)).cleaned_data
    check_gives(request, granted_by(given["role"]))
    try:
        opened, token = invite(workspace=request.workspace, actor=request.member.user, email=given["email"], role=given["role"])
    except WorkspaceError as error:
        raise Refused(422, "not-possible", str(error)) from None
    tell_once(request)
    mailed = mail_invitation(invitation=opened, token=token)
    return Status(201, _told(request, opened) | {"address": invitation_address(token), "mailed": mailed})


@opens(ROUTER.delete, "/invitations/{invitation}", Scope.MEMBERS_MANAGE, response={204: None}, summary="Withdraw an invitation")
def drop_invitation(request: KeyRequest, invitation: str) -> Status[None]:
    """Its link no longer works."""
    row = own(request, _open(request.workspace), invitation)
    check_gives(request, granted_by(row.held))
    if not may_give(request.member, row.held):
        raise Refused(422, "not-possible", "This invitation opens more than the key's maker may give.")
    revoke_invitation(invitation=row, actor=request.member.user)
    return Status(204, None)


def _open(workspace: Workspace) -> "QuerySet[Invitation]":
    waiting = Invitation.objects.filter(workspace=workspace, accepted_at=None, revoked_at=None, expires_at__gt=clock.now())
    return waiting.select_related("custom_role", "workspace")


def _told(request: KeyRequest, invitation: Invitation) -> dict[str, Any]:
    words = {name: getattr(invitation, name) for name in ("email", "created_at", "expires_at")}
    return words | {"id": pid(request, invitation.pk), "role": role_told(request, invitation.held)}
