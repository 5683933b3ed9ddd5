"""Roles for programs: the presets, and those that a brand makes for itself."""

from typing import Annotated, Any, Literal

from ninja import Router, Schema, Status
from pydantic import Field

from peyvand.workspaces.bearer import KeyRequest, Refused, check_gives, opens, own, pid
from peyvand.workspaces.errors import WorkspaceError
from peyvand.workspaces.filling import filled
from peyvand.workspaces.forms.roles import OwnRoleForm
from peyvand.workspaces.models import CustomRole
from peyvand.workspaces.permissions import completed, permissions_of
from peyvand.workspaces.services import change_role, create_role, delete_role
from peyvand.workspaces.strict import Said
from peyvand.workspaces.types import Permission, Role, Scope

ROUTER = Router(tags=["people"])
PLACES = {"name_fa": "names.fa", "name_en": "names.en"}


class OwnRoleIn(Said):
    """A role: how it is called, and what it may do. What a permission makes no sense without comes along."""

    names: dict[Literal["fa", "en"], Annotated[str, Field(max_length=40)]]
    permissions: list[Permission] = Field(max_length=40)


class OwnRoleTold(Schema):
    """A role that the brand made."""

    id: str
    names: dict[str, str]
    permissions: list[str]


class Preset(Schema):
    """A role that every brand has."""

    code: Role
    permissions: list[str]


class RoleList(Schema):
    """The brand's own roles, and the presets."""

    items: list[OwnRoleTold]
    presets: list[Preset]


@opens(ROUTER.get, "/roles", Scope.MEMBERS_MANAGE, response=RoleList, summary="Roles and what they may do")
def roles(request: KeyRequest) -> dict[str, Any]:
    """Own ones and presets."""
    presets = [{"code": role, "permissions": _sorted(permissions_of(role))} for role in Role]
    mine = CustomRole.objects.filter(workspace=request.workspace).order_by("pk")
    return {"items": [_told(request, role) for role in mine], "presets": presets}


@opens(ROUTER.post, "/roles", Scope.MEMBERS_MANAGE, response={201: OwnRoleTold}, summary="Make a role")
def new_role(request: KeyRequest, said: OwnRoleIn) -> Status[dict[str, Any]]:
    """It holds nothing that the key and its maker may not do."""
    names, permissions = _given(request, said)
    check_gives(request, completed(permissions))
    try:
        made = create_role(workspace=request.workspace, names=names, permissions=permissions, actor=request.member.user)
    except WorkspaceError as error:
        raise Refused(422, "not-possible", str(error)) from None
    return Status(201, _told(request, made))


@opens(ROUTER.get, "/roles/{role}", Scope.MEMBERS_MANAGE, response=OwnRoleTold, summary="One of the brand's own roles")
def one_role(request: KeyRequest, role: str) -> dict[str, Any]:
    """By its id."""
    return _told(request, own(request, CustomRole.objects.all(), role))


@opens(ROUTER.put, "/roles/{role}", Scope.MEMBERS_MANAGE, response=OwnRoleTold, summary="Change a role")
def put_role(request: KeyRequest, role: str, said: OwnRoleIn) -> dict[str, Any]:
    """For all who have it, from their next request on."""
    row = own(request, CustomRole.objects.all(), role)
    names, permissions = _given(request, said)
    check_gives(request, completed(permissions) | row.granted)
    try:
        return _told(request, change_role(role=row, names=names, permissions=permissions, actor=request.member.user))
    except WorkspaceError as error:
        raise Refused(422, "not-possible", str(error)) from None


@opens(ROUTER.delete, "/roles/{role}", Scope.MEMBERS_MANAGE, response={204: None}, summary="Delete a role")
def drop_role(request: KeyRequest, role: str) -> Status[None]:
    """Refused while somebody has it or is invited in it."""
    row = own(request, CustomRole.objects.all(), role)
    check_gives(request, row.granted)
    try:
        delete_role(role=row, actor=request.member.user)
    except WorkspaceError as error:
        raise Refused(422, "not-possible", str(error)) from None
    return Status(204, None)


def _given(request: KeyRequest, said: OwnRoleIn) -> tuple[dict[str, str], set[Permission]]:
    words: dict[str, Any] = {f"name_{language}": name for language, name in said.names.items()}
    form = filled(OwnRoleForm({**words, "permissions": [one.value for one in said.permissions]}, maker=request.member), PLACES)
    return form.names(), form.permissions_given()


def _sorted(permissions: frozenset[Permission]) -> list[str]:
    return [one.value for one in Permission if one in permissions]


def _told(request: KeyRequest, role: CustomRole) -> dict[str, Any]:
    return {"id": pid(request, role.pk), "names": role.names, "permissions": _sorted(role.granted)}
