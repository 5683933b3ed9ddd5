"""Members and invitations."""

import base64
import hashlib
from datetime import timedelta

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from peyvand.core import clock
from peyvand.workspaces.errors import WorkspaceError
from peyvand.workspaces.models import CustomRole, Invitation, Member, User, Workspace
from peyvand.workspaces.services.audit import audit
from peyvand.workspaces.services.authority import check_may_give, columns, role_of, told
from peyvand.workspaces.services.inviting import withdraw_beyond
from peyvand.workspaces.types import Role

INVITATION_LASTS = timedelta(days=7)


def token_hash(token: str) -> str:
    """SHA-256 of an invitation token (160 random bits)."""
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def invite(*, workspace: Workspace, email: str, role: str | CustomRole, actor: User) -> tuple[Invitation, str]:
    """Open an invitation and return it with its token; an earlier open one to the same address is closed."""
    email = email.strip().lower()
    Workspace.objects.select_for_update().get(pk=workspace.pk)
    wanted = role_of(workspace, role)
    check_may_give(workspace, actor, wanted)
    if Member.objects.filter(workspace=workspace, user__email=email, is_active=True).exists():
        raise WorkspaceError(_("%(email)s is a member already.") % {"email": email})
    now = clock.now()
    Invitation.objects.filter(workspace=workspace, email=email, accepted_at=None, revoked_at=None).update(revoked_at=now)
    token = base64.b32encode(clock.secret_bytes(20)).decode().lower()
    invitation = Invitation.objects.create(
        workspace=workspace,
        email=email,
        token_hash=token_hash(token),
        invited_by=actor,
        expires_at=now + INVITATION_LASTS,
        **columns(wanted),
    )
    audit(workspace=workspace, actor=actor, action="member.invited", target=invitation, detail={"role": told(wanted)})
    return invitation, token


def open_invitation(token: str) -> Invitation | None:
    """The invitation this token opens, or None when it is unknown, used, withdrawn or too old."""
    return (
        Invitation.objects.select_related("workspace", "custom_role")
        .filter(token_hash=token_hash(token), accepted_at=None, revoked_at=None, expires_at__gt=clock.now())
        .first()
    )


@transaction.atomic
def accept_invitation(*, token: str, user: User) -> Member:
    """Make the signed-in person a member; the invitation works once and only for its own e-mail address."""
    invitation = open_invitation(token)
    if invitation is None:
        raise WorkspaceError(_("This invitation is no longer valid. Ask for a new one."))
    if user.email.lower() != invitation.email:
        raise WorkspaceError(_("This invitation is for another e-mail address."))
    claimed = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None).update(accepted_at=clock.now())
    if not claimed:
        raise WorkspaceError(_("This invitation is no longer valid. Ask for a new one."))
    workspace = Workspace.objects.select_for_update().get(pk=invitation.workspace_id)
    member = Member.objects.filter(workspace=workspace, user=user, is_active=True).first()
    if member is None:  # who became a member meanwhile keeps their role: an older letter may not unseat the last owner
        member, _created = Member.objects.update_or_create(
            workspace=workspace, user=user, defaults={**columns(invitation.held), "is_active": True}
        )
    User.objects.filter(pk=user.pk).update(current_workspace=invitation.workspace)
    audit(workspace=invitation.workspace, actor=user, action="member.joined", target=member, detail={"role": told(member.held)})
    return member


@transaction.atomic
def join_as_new(*, token: str, name: str, password: str) -> User:
    """Make the account of somebody who was invited and let them join, both or neither."""
    invitation = open_invitation(token)
    if invitation is None:
        raise WorkspaceError(_("This invitation is no longer valid. Ask for a new one."))
    if User.objects.filter(email=invitation.email).exists():
        raise WorkspaceError(_("There is an account with this address already. Sign in and open the invitation again."))
    user = User.objects.create_user(invitation.email, password, name=name.strip(), language=get_language() or "")
    accept_invitation(token=token, user=user)
    return user


@transaction.atomic
def change_member(*, member: Member, actor: User, role: str | CustomRole | None = None, is_active: bool | None = None) -> Member:
    """Change a role or take access away; the last active owner cannot be lost, and nobody touches whoever may do more."""
    workspace = Workspace.objects.select_for_update().get(pk=member.workspace_id)
    member = Member.objects.select_related("user", "custom_role").get(pk=member.pk)
    old_role = member.held
    new_role = role_of(workspace, role) if role is not None else old_role
    active = member.is_active if is_active is None else is_active
    check_may_give(workspace, actor, old_role, new_role)
    loses_owner = old_role is Role.OWNER and member.is_active and (new_role is not Role.OWNER or not active)
    if loses_owner and not _other_owners(member):
        raise WorkspaceError(_("A workspace needs at least one owner. Make someone else an owner first."))
    before = {"role": told(old_role), "active": member.is_active}
    for name, value in {**columns(new_role), "is_active": active}.items():
        setattr(member, name, value)
    member.save(update_fields=["role", "custom_role", "is_active"])
    withdraw_beyond(member=member, actor=actor)
    audit(
        workspace=workspace,
        actor=actor,
        action="member.changed" if active else "member.removed",
        target=member,
        detail={"before": before, "after": {"role": told(new_role), "active": active}},
    )
    return member


@transaction.atomic
def put_member(*, workspace: Workspace, email: str, name: str, role: str | CustomRole, actor: User | None = None) -> Member:
    """Make somebody a member without an invitation: they set a password by "forgot my password". Owners are made by `create_owner`."""
    held = role_of(workspace, role)
    if held is Role.OWNER:
        raise WorkspaceError(_("Only an owner can make or change an owner."))
    email = email.strip().lower()
    user = User.objects.filter(email=email).first() or User.objects.create_user(email, None, name=name)
    member, _created = Member.objects.update_or_create(workspace=workspace, user=user, defaults={**columns(held), "is_active": True})
    audit(workspace=workspace, actor=actor, action="member.joined", target=member, detail={"role": told(held)})
    return member


def _other_owners(member: Member) -> bool:
    owners = Member.objects.filter(workspace_id=member.workspace_id, role=Role.OWNER, is_active=True)
    return owners.exclude(pk=member.pk).exists()
