"""Members and invitations."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from peyvand.core import clock
from peyvand.core.display import num
from peyvand.workspaces.access import ConsoleRequest, own_or_404, pid_of, requires
from peyvand.workspaces.errors import WorkspaceError
from peyvand.workspaces.forms.roles import GivenRoleForm, InviteForm
from peyvand.workspaces.models import Invitation, Member
from peyvand.workspaces.queries.keys import keys_left_by
from peyvand.workspaces.services import change_member, invitation_address, invite, mail_invitation, revoke_invitation
from peyvand.workspaces.services.authority import may_give, roles_to_give
from peyvand.workspaces.types import Permission, Role
from peyvand.workspaces.wording import held_means, held_word


@requires(Permission.MEMBERS_MANAGE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def members(request: ConsoleRequest) -> HttpResponse:
    """Who is here, who is invited; inviting shows the link once."""
    form = InviteForm(request.POST or None, giver=request.member)
    made: dict[str, object] | None = None
    if request.method == "POST" and form.is_valid():
        try:
            opened, token = invite(workspace=request.workspace, actor=request.user, **form.cleaned_data)
        except WorkspaceError as error:
            form.add_error(None, str(error))
        else:
            mailed = mail_invitation(invitation=opened, token=token)
            made = {"email": opened.email, "address": invitation_address(token), "mailed": mailed, "until": opened.expires_at}
            form = InviteForm(giver=request.member)
    return render(request, "workspaces/members.html", {**_lists(request), "form": form, "made": made})


def _lists(request: ConsoleRequest) -> dict[str, object]:
    workspace = request.workspace
    people = Member.objects.filter(workspace=workspace, is_active=True).select_related("user", "custom_role").order_by("pk")
    waiting = Invitation.objects.filter(workspace=workspace, accepted_at=None, revoked_at=None, expires_at__gt=clock.now())
    order = [role.value for role in Role]
    rows = [
        {
            "person": m.user,
            "role": pid_of(workspace, m.custom_role) if m.custom_role else m.role,
            "role_word": held_word(m.held),
            "may": may_give(request.member, m.held),
            "pid": pid_of(workspace, m),
            "me": m.user_id == request.user.pk,
            "joined": m.joined_at,
        }
        for m in sorted(people, key=lambda m: order.index(m.role) if m.role in order else len(order))
    ]
    invited = [
        {"invitation": i, "pid": pid_of(workspace, i), "role_word": held_word(i.held)}
        for i in waiting.select_related("custom_role").order_by("-pk")
    ]
    roles = [{"value": value, "word": held_word(held), "means": held_means(held)} for value, held in roles_to_give(request.member).items()]
    return {"members": rows, "invitations": invited, "roles": roles}


@requires(Permission.MEMBERS_MANAGE)
@require_POST
def member(request: ConsoleRequest, pid: str) -> HttpResponse:
    """Give a member another role, or take access away (`remove`)."""
    row = own_or_404(request, Member.objects.filter(is_active=True), pid)
    form = GivenRoleForm(request.POST, giver=request.member)
    try:
        if "remove" in request.POST:
            change_member(member=row, actor=request.user, is_active=False)
            messages.success(request, _("%(person)s has no access any more.") % {"person": row.user})
            _tell_of_keys(request, row)
        elif form.is_valid():
            changed = change_member(member=row, actor=request.user, role=form.cleaned_data["role"])
            messages.success(request, _("%(person)s is now: %(role)s") % {"person": row.user, "role": held_word(changed.held)})
        else:
            messages.error(request, _("There is no such role."))
    except WorkspaceError as error:
        messages.error(request, str(error))
    return redirect("workspaces:members")


def _tell_of_keys(request: ConsoleRequest, gone: Member) -> None:
    """A key in nobody's name is a way back in for whoever wrote it down."""
    if left := keys_left_by(gone):
        words = ngettext(
            "%(n)s API key that %(person)s made works on in nobody’s name. Revoke it under API keys unless a program needs it.",
            "%(n)s API keys that %(person)s made work on in nobody’s name. Revoke those that no program needs under API keys.",
            left,
        )
        messages.warning(request, words % {"person": gone.user, "n": num(left)})


@requires(Permission.MEMBERS_MANAGE)
@require_POST
def revoke(request: ConsoleRequest, pid: str) -> HttpResponse:
    """Withdraw an invitation."""
    row = own_or_404(request, Invitation.objects.select_related("custom_role"), pid)
    if may_give(request.member, row.held):
        revoke_invitation(invitation=row, actor=request.user)
        messages.success(request, _("The invitation of %(email)s no longer works.") % {"email": row.email})
    else:
        messages.error(request, _("This invitation opens more than you may give, so only somebody who may can withdraw it."))
    return redirect("workspaces:members")
