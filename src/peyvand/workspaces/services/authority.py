"""Who may give which role: nobody gives, changes or takes what they do not have themselves. Called by the services of this app."""

from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext as _

from peyvand.core.ids import public_id
from peyvand.workspaces.errors import WorkspaceError
from peyvand.workspaces.models import CustomRole, Member, User, Workspace
from peyvand.workspaces.permission_words import permission_list
from peyvand.workspaces.permissions import permissions_of
from peyvand.workspaces.types import CUSTOM, Permission, Role

Held = Role | CustomRole


def role_of(workspace: Workspace, role: str | CustomRole) -> Held:
    """The role meant, an own one as it stands now in this workspace. Raises WorkspaceError where it is gone, ValueError for no preset."""
    if not isinstance(role, CustomRole):
        return Role(role)
    found = CustomRole.objects.filter(workspace=workspace, pk=role.pk).first()
    if found is None:
        raise WorkspaceError(_("The role “%(role)s” was deleted meanwhile. Choose another.") % {"role": role})
    return found


def columns(held: Held) -> dict[str, Any]:
    """A role as the rows of members and invitations keep it."""
    own = isinstance(held, CustomRole)
    return {"role": CUSTOM if own else held, "custom_role": held if own else None}


def told(held: Held) -> object:
    """A role as the audit trail keeps it: a preset by its code, an own one by its names."""
    return held.names if isinstance(held, CustomRole) else held.value


def granted_by(held: Held) -> frozenset[Permission]:
    """Everything a role may do."""
    return held.granted if isinstance(held, CustomRole) else permissions_of(held)


def may_give(member: Member | None, held: Held) -> bool:
    """Whether a member may give a role to somebody, or take it."""
    if member is None or not member.is_active or not member.may(Permission.MEMBERS_MANAGE):
        return False
    return (held is not Role.OWNER or member.role == Role.OWNER) and granted_by(held) <= member.permissions


def check_may_give(workspace: Workspace, actor: User, *roles: Held) -> None:
    """Raise WorkspaceError unless this person may give, and take, each of these roles."""
    member = place_in(workspace, actor)
    for held in roles:
        if held is Role.OWNER and (member is None or member.role != Role.OWNER):
            raise WorkspaceError(_("Only an owner can make or change an owner."))
        check_has(member, granted_by(held))
        if not may_give(member, held):
            raise WorkspaceError(_("Your role may not manage members. Ask an owner."))


def check_has(member: Member | None, permissions: Collection[Permission]) -> None:
    """Raise WorkspaceError naming what a member would give without having it."""
    missing = set(permissions) - (member.permissions if member is not None else frozenset())
    if missing:
        raise WorkspaceError(_("Nobody can give or take what they may not do themselves: %(what)s.") % {"what": permission_list(missing)})


def place_in(workspace: Workspace, user: User) -> Member | None:
    """A person's place in a workspace, with the role as it stands now."""
    return Member.objects.select_related("custom_role").filter(workspace=workspace, user=user, is_active=True).first()


def roles_to_give(member: Member) -> dict[str, Held]:
    """Every role this member may give, own ones last; keyed as forms name them: a preset by its code, an own one by its public id."""
    presets: dict[str, Held] = {role.value: role for role in Role if may_give(member, role)}
    key = bytes(member.workspace.id_key)
    own = CustomRole.objects.filter(workspace_id=member.workspace_id).order_by("pk")
    return presets | {public_id(key, role.pk): role for role in own if may_give(member, role)}
