"""Members for programs: who works here, in which role, and taking access away."""

import datetime as dt
from typing import Annotated, Any

from ninja import Query, Router, Schema
from pydantic import Field

from peyvand.workspaces.bearer import KeyRequest, Paging, Refused, check_gives, opens, own, page, pid
from peyvand.workspaces.errors import WorkspaceError
from peyvand.workspaces.filling import filled
from peyvand.workspaces.forms.roles import GivenRoleForm
from peyvand.workspaces.models import CustomRole, Member
from peyvand.workspaces.services import change_member
from peyvand.workspaces.services.authority import Held, granted_by
from peyvand.workspaces.strict import Said
from peyvand.workspaces.types import Scope

ROUTER = Router(tags=["people"])
ROLE = "a preset's code, or the id of one of the brand's own roles"


class MemberTold(Schema):
    """Somebody who works here."""

    id: str
    name: str
    email: str
    role: str = Field(description=ROLE)
    is_active: bool
    joined_at: dt.datetime


class MemberPage(Schema):
    """Members, those who joined last first."""

    items: list[MemberTold]
    next: str


class RoleIn(Said):
    """Another role for somebody."""

    role: str = Field(max_length=40, description=ROLE)


@opens(ROUTER.get, "/members", Scope.MEMBERS_MANAGE, response=MemberPage, summary="Who works here")
def members(request: KeyRequest, asked: Annotated[Paging, Query()]) -> dict[str, Any]:
    """Those whose access was taken too."""
    rows, following = page(
        request, "members", Member.objects.select_related("user", "custom_role").filter(workspace=request.workspace), asked
    )
    return {"items": [_told(request, one) for one in rows], "next": following}


@opens(ROUTER.get, "/members/{member}", Scope.MEMBERS_MANAGE, response=MemberTold, summary="One member")
def one_member(request: KeyRequest, member: str) -> dict[str, Any]:
    """Somebody whose access was taken, too."""
    return _told(request, own(request, Member.objects.select_related("user", "custom_role"), member))


@opens(ROUTER.patch, "/members/{member}", Scope.MEMBERS_MANAGE, response=MemberTold, summary="Give a member another role")
def change_role_of(request: KeyRequest, member: str, said: RoleIn) -> dict[str, Any]:
    """Neither the role now nor the new one may open more than the key and its maker may; a brand keeps an owner."""
    row = _active(request, member)
    held: Held = filled(GivenRoleForm({"role": said.role}, giver=request.member)).cleaned_data["role"]
    check_gives(request, granted_by(row.held) | granted_by(held))
    return _told(request, _changed(request, row, role=held))


@opens(ROUTER.delete, "/members/{member}", Scope.MEMBERS_MANAGE, response=MemberTold, summary="Take a member's access away")
def remove_member(request: KeyRequest, member: str) -> dict[str, Any]:
    """At once; what they did stays theirs. They can be invited again."""
    row = _active(request, member)
    check_gives(request, granted_by(row.held))
    return _told(request, _changed(request, row, is_active=False))


def _active(request: KeyRequest, member: str) -> Member:
    return own(request, Member.objects.select_related("user", "custom_role").filter(is_active=True), member)


def _changed(request: KeyRequest, member: Member, **changes: Any) -> Member:
    try:
        return change_member(member=member, actor=request.member.user, **changes)
    except WorkspaceError as error:
        raise Refused(422, "not-possible", str(error)) from None


def role_told(request: KeyRequest, held: Held) -> str:
    """A role as programs name it."""
    return pid(request, held.pk) if isinstance(held, CustomRole) else held.value


def _told(request: KeyRequest, member: Member) -> dict[str, Any]:
    words = {name: getattr(member, name) for name in ("is_active", "joined_at")}
    who = {"name": member.user.name, "email": member.user.email}
    return words | who | {"id": pid(request, member.pk), "role": role_told(request, member.held)}
