"""Invitations that are open: their letter, whose token waits sealed since only the person invited may read it, and their end."""

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from peyvand.core import clock, jobs, vault
from peyvand.workspaces.links import absolute_public
from peyvand.workspaces.models import Invitation, Member, User, Workspace
from peyvand.workspaces.services.audit import audit
from peyvand.workspaces.services.authority import may_give
from peyvand.workspaces.team_post import post_of

INVITATION_JOB = "workspaces.invitation_mail"


@transaction.atomic
def revoke_invitation(*, invitation: Invitation, actor: User) -> None:
    """Withdraw an open invitation."""
    if Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None).update(revoked_at=clock.now()):
        audit(workspace=invitation.workspace, actor=actor, action="invitation.revoked", target=invitation)


def withdraw_beyond(*, member: Member, actor: User) -> None:
    """Close the doors a member left open and could not open any more: one of them could be their own way back."""
    opened = Invitation.objects.filter(workspace_id=member.workspace_id, invited_by=member.user, accepted_at=None, revoked_at=None)
    for invitation in opened.select_related("custom_role"):
        if not may_give(member, invitation.held):
            revoke_invitation(invitation=invitation, actor=actor)


def invitation_address(token: str) -> str:
    """The address to hand to the person invited."""
    return absolute_public("workspaces:invitation", token)


def mail_invitation(*, invitation: Invitation, token: str) -> bool:
    """Let the worker send the invitation; False where neither brand nor installation has a mail server: the link must be handed over."""
    if post_of(invitation.workspace) is None and not settings.PEYVAND_MAIL_READY:
        return False
    payload = {"invitation": invitation.pk, "sealed": vault.seal({"token": token})}
    jobs.enqueue(name=INVITATION_JOB, payload=payload, key=str(invitation.pk), workspace_id=invitation.workspace_id)
    return True


def send_invitation(*, invitation_id: int, sealed: str) -> bool:
    """Send the letter of an invitation that is still open."""
    open_ones = Invitation.objects.filter(accepted_at=None, revoked_at=None, expires_at__gt=clock.now())
    invitation = open_ones.select_related("workspace", "invited_by").filter(pk=invitation_id).first()
    if invitation is None:
        return False
    workspace = invitation.workspace
    with translation.override(workspace.default_language):
        context = {"invitation": invitation, "brand": workspace.name, "address": invitation_address(vault.unseal(sealed)["token"])}
        text = render_to_string("workspaces/mail/invitation.txt", context)
        subject = _("You are invited to %(brand)s") % {"brand": workspace.name}
    _post(workspace, invitation, subject, text)
    return True


def _post(workspace: Workspace, invitation: Invitation, subject: str, text: str) -> None:
    own = post_of(workspace)
    if own is None:
        send_mail(subject, text, None, [invitation.email])
    else:
        own.send(workspace, to=invitation.email, subject=subject, text=text, key=f"{workspace.slug}.invitation.{invitation.pk}")
