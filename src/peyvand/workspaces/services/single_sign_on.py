"""Single sign-on: its settings, and who somebody is whom a provider vouches for."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from peyvand.core import clock, vault
from peyvand.workspaces.errors import WorkspaceError
from peyvand.workspaces.models import CustomRole, Invitation, Member, SignOnIdentity, SingleSignOn, User, Workspace
from peyvand.workspaces.oidc import Subject
from peyvand.workspaces.services.audit import audit
from peyvand.workspaces.services.authority import Held, check_has, columns, place_in, role_of, told
from peyvand.workspaces.types import Permission, Role

TOLD = ("name", "issuer", "client_id", "domains", "vouches", "makes_members", "passwords_allowed")


@transaction.atomic
def set_sign_on(
    *,
    workspace: Workspace,
    actor: User,
    name: str,
    issuer: str,
    client_id: str,
    secret: str,
    domains: Sequence[str],
    role: str | CustomRole,
    makes_members: bool,
    passwords_allowed: bool,
    vouches: bool = False,
) -> SingleSignOn:
    """Set a workspace's provider up or change it; an empty secret keeps the one that is there. Nobody is let in as an owner."""
    Workspace.objects.select_for_update().get(pk=workspace.pk)
    held = role_of(workspace, role)
    if held is Role.OWNER:
        raise WorkspaceError(_("Newcomers cannot be owners. Choose another role; an owner can raise them later."))
    check_has(place_in(workspace, actor), {Permission.SIGN_IN_MANAGE, *(held.granted if isinstance(held, CustomRole) else ())})
    before = SingleSignOn.objects.filter(workspace=workspace).select_related("custom_role").first()
    if before is None and not secret:
        raise WorkspaceError(_("The client’s secret is missing; the provider shows it where you registered Peyvand."))
    sealed = vault.seal({"secret": secret}) if secret else before.sealed if before is not None else ""
    fields = {
        "name": name,
        "issuer": issuer,
        "client_id": client_id,
        "domains": sorted({domain.lower() for domain in domains}),
        "vouches": vouches,
        "makes_members": makes_members,
        "passwords_allowed": passwords_allowed,
    }
    config, _created = SingleSignOn.objects.update_or_create(workspace=workspace, defaults={**fields, "sealed": sealed, **columns(held)})
    was = {field: getattr(before, field) for field in TOLD} | {"role": told(before.held)} if before is not None else {}
    detail = {"before": was, "after": {**fields, "role": told(held), "secret": bool(secret)}}
    audit(workspace=workspace, actor=actor, action="sign_on.set", target=config, detail=detail)
    return config


@transaction.atomic
def remove_sign_on(*, config: SingleSignOn, actor: User) -> None:
    """Forget a provider; people sign in by password again, and the next provider links them anew."""
    audit(workspace=config.workspace, actor=actor, action="sign_on.removed", target=config)
    SignOnIdentity.objects.filter(workspace=config.workspace).delete()
    config.delete()


@transaction.atomic
def member_for(*, config: SingleSignOn, subject: Subject, signed_in: User | None = None) -> Member:
    """The member a provider vouches for; linked by a verified address at the first sign-in, by the subject ever after.

    An account of elsewhere with a password joins only where whoever knows the password asks, `signed_in` by it: anybody who was sent an
    invitation for an address made it, and the password would open this workspace too. Raises WorkspaceError where the person is not to
    be let in; the message says what to do.
    """
    workspace = Workspace.objects.select_for_update().get(pk=config.workspace_id)
    linked = (
        SignOnIdentity.objects.filter(workspace=workspace, issuer=config.issuer, subject=subject.subject).select_related("user").first()
    )
    user = linked.user if linked is not None else _known_by_address(config, subject)
    member = Member.objects.filter(workspace=workspace, user=user).select_related("user", "custom_role").first() if user else None
    if member is not None and (not member.is_active or not member.user.is_active):
        raise WorkspaceError(_("You have no access to %(brand)s any more. Ask an owner.") % {"brand": workspace.name})
    if member is None:
        if linked is None and user is not None and user.has_usable_password() and user != signed_in:
            raise WorkspaceError(
                _(
                    "There is an account with your address already. Sign in with its password once, or set a new one by “Forgot the "
                    "password?”; then sign in here again."
                )
            )
        member = _newcomer(config, workspace, subject, user)
    if linked is None:
        SignOnIdentity.objects.create(workspace=workspace, user=member.user, issuer=config.issuer, subject=subject.subject)
        audit(workspace=workspace, actor=member.user, action="sign_on.linked", target=member)
    return member


def _known_by_address(config: SingleSignOn, subject: Subject) -> User | None:
    if not subject.email:
        raise WorkspaceError(
            _("The provider has not verified your e-mail address, so nobody can tell whose account it is. Verify it there.")
        )
    if subject.email.count("@") != 1 or subject.email.rpartition("@")[2] not in config.domains:
        raise WorkspaceError(_("Addresses such as %(email)s are not let in here. Use your work address.") % {"email": subject.email})
    return User.objects.filter(email=subject.email).first()


def _newcomer(config: SingleSignOn, workspace: Workspace, subject: Subject, user: User | None) -> Member:
    """Make a member of somebody who was invited, or whom the workspace lets in by itself."""
    address = user.email if user is not None else subject.email
    invited = Invitation.objects.filter(workspace=workspace, email=address, accepted_at=None, revoked_at=None, expires_at__gt=clock.now())
    invitation = invited.select_related("custom_role").first()
    if invitation is None and not config.makes_members:
        raise WorkspaceError(_("You are no member of %(brand)s yet. Ask an owner for an invitation.") % {"brand": workspace.name})
    if invitation is not None:
        invited.update(accepted_at=clock.now())
    held: Held = invitation.held if invitation is not None else config.held
    person = user or User.objects.create_user(subject.email, None, name=subject.name)
    member = Member.objects.create(workspace=workspace, user=person, **columns(held))
    if person.current_workspace_id is None:
        User.objects.filter(pk=person.pk).update(current_workspace=workspace)
    audit(workspace=workspace, actor=person, action="member.joined", target=member, detail={"role": told(held)})
    return member
