"""Roles that a workspace makes for itself. Presets are code and cannot be changed."""

from collections.abc import Iterable, Mapping

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from peyvand.core.display import num
from peyvand.workspaces.errors import WorkspaceError
from peyvand.workspaces.models import CustomRole, Invitation, Member, SingleSignOn, User, Workspace
from peyvand.workspaces.permissions import completed
from peyvand.workspaces.services.audit import audit
from peyvand.workspaces.services.authority import check_has, place_in
from peyvand.workspaces.services.inviting import withdraw_beyond
from peyvand.workspaces.types import Permission, Role

MOST_ROLES = 50


@transaction.atomic
def create_role(*, workspace: Workspace, names: Mapping[str, str], permissions: Iterable[Permission], actor: User) -> CustomRole:
    """Make a role with what was chosen, and what that needs; it holds nothing that its maker does not."""
    Workspace.objects.select_for_update().get(pk=workspace.pk)
    wanted = completed(permissions)
    check_has(place_in(workspace, actor), wanted)
    _check_name(workspace, names, besides=None)
    if CustomRole.objects.filter(workspace=workspace).count() >= MOST_ROLES:
        raise WorkspaceError(_("There are %(n)s own roles already. Delete one that nobody has.") % {"n": num(MOST_ROLES)})
    role = CustomRole.objects.create(workspace=workspace, names=dict(names), permissions=_sorted(wanted))
    audit(workspace=workspace, actor=actor, action="role.created", target=role, detail={"permissions": role.permissions})
    return role


@transaction.atomic
def change_role(*, role: CustomRole, names: Mapping[str, str], permissions: Iterable[Permission], actor: User) -> CustomRole:
    """Change a role for all who have it, from their next request on; who may do less than the role may not touch it."""
    workspace = Workspace.objects.select_for_update().get(pk=role.workspace_id)
    role = _present(role)
    wanted = completed(permissions)
    check_has(place_in(workspace, actor), wanted | role.granted)
    _check_name(workspace, names, besides=role)
    before = role.granted
    renamed = role.names != dict(names)
    if wanted == before and not renamed:
        return role
    role.names, role.permissions = dict(names), _sorted(wanted)
    role.save(update_fields=["names", "permissions"])
    changes = {name: what for name, what in (("given", _sorted(wanted - before)), ("taken", _sorted(before - wanted))) if what}
    audit(workspace=workspace, actor=actor, action="role.changed", target=role, detail=changes)
    for member in Member.objects.filter(custom_role=role).select_related("user", "custom_role"):
        withdraw_beyond(member=member, actor=actor)
    return role


@transaction.atomic
def delete_role(*, role: CustomRole, actor: User) -> None:
    """Forget a role that nobody has and nobody is invited in."""
    workspace = Workspace.objects.select_for_update().get(pk=role.workspace_id)
    role = _present(role)
    check_has(place_in(workspace, actor), role.granted)
    if SingleSignOn.objects.filter(custom_role=role).exists():
        raise WorkspaceError(_("“%(role)s” is what single sign-on gives to newcomers. Choose another role there first.") % {"role": role})
    waiting = Invitation.objects.filter(custom_role=role, accepted_at=None, revoked_at=None)
    if Member.objects.filter(custom_role=role, is_active=True).exists() or waiting.exists():
        raise WorkspaceError(_("“%(role)s” is still somebody’s role. Give them another one first.") % {"role": role})
    for rows in (Member.objects.filter(custom_role=role), Invitation.objects.filter(custom_role=role)):
        rows.update(role=Role.VIEWER, custom_role=None)  # who left may come back only by a role given anew
    audit(workspace=workspace, actor=actor, action="role.deleted", target=role, detail={"permissions": role.permissions})
    role.delete()


def _present(role: CustomRole) -> CustomRole:
    found = CustomRole.objects.filter(pk=role.pk).first()
    if found is None:
        raise WorkspaceError(_("The role “%(role)s” was deleted meanwhile. Choose another.") % {"role": role})
    return found


def _check_name(workspace: Workspace, names: Mapping[str, str], besides: CustomRole | None) -> None:
    if not any(names.values()):
        raise WorkspaceError(_("A role needs a name in one language at least."))
    same = Q()
    for language, name in names.items():
        same |= Q(**{f"names__{language}__iexact": name})
    others = CustomRole.objects.filter(same, workspace=workspace)
    if (others if besides is None else others.exclude(pk=besides.pk)).exists():
        raise WorkspaceError(_("There is a role of this name already."))


def _sorted(permissions: Iterable[Permission]) -> list[str]:
    wanted = set(permissions)
    return [permission.value for permission in Permission if permission in wanted]
