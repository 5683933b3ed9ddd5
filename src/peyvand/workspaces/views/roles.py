"""Roles: the presets, those the workspace made, what each may do and who has it."""

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from peyvand.core import clock
from peyvand.workspaces.access import ConsoleRequest, own_or_404, pid_of, requires
from peyvand.workspaces.errors import WorkspaceError
from peyvand.workspaces.forms.roles import OwnRoleForm, start_of
from peyvand.workspaces.models import CustomRole, Invitation, Member
from peyvand.workspaces.permission_words import GROUPS, permission_list
from peyvand.workspaces.permissions import EVERYBODYS, permissions_of
from peyvand.workspaces.services import change_role, create_role, delete_role
from peyvand.workspaces.services.authority import may_give
from peyvand.workspaces.types import Permission, Role
from peyvand.workspaces.wording import ROLES

EDIT = ["GET", "HEAD", "POST"]


@requires(Permission.MEMBERS_MANAGE)
@require_safe
def roles(request: ConsoleRequest) -> HttpResponse:
    """The workspace's own roles, then the presets."""
    workspace = request.workspace
    here = Count("members", filter=Q(members__is_active=True))
    own = [
        {"name": str(role), "pid": pid_of(workspace, role), "n": role.n, "may": permission_list(role.granted - EVERYBODYS)}
        for role in CustomRole.objects.filter(workspace=workspace).annotate(n=here).order_by("pk")
    ]
    active = Member.objects.filter(workspace=workspace, is_active=True)
    held = dict(active.values_list("role").annotate(n=Count("pk")).order_by())
    presets = [{"code": role.value, "name": words[0], "means": words[1], "n": held.get(role.value, 0)} for role, words in ROLES.items()]
    return render(request, "workspaces/roles.html", {"own": own, "presets": presets})


@requires(Permission.MEMBERS_MANAGE)
@require_http_methods(EDIT)
def new_role(request: ConsoleRequest) -> HttpResponse:
    """Make a role, begun from a preset (`?like=`) where one is named."""
    like = request.GET.get("like", "")
    start = {"permissions": sorted(permissions_of(like) & request.member.permissions)}
    form = OwnRoleForm(request.POST or None, maker=request.member, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            create_role(workspace=request.workspace, names=form.names(), permissions=form.permissions_given(), actor=request.user)
        except WorkspaceError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The role is ready; give it to somebody on the members page."))
            return redirect("workspaces:roles")
    begun = ROLES[Role(like)][0] if like in set(Role) else ""
    context = {"form": form, "groups": _groups(form, request.member, fixed=False), "like": begun, "editable": True}
    return render(request, "workspaces/role.html", context)


@requires(Permission.MEMBERS_MANAGE)
@require_http_methods(EDIT)
def role(request: ConsoleRequest, pid: str) -> HttpResponse:
    """What one of the workspace's own roles may do, and who has it."""
    found = own_or_404(request, CustomRole.objects.all(), pid)
    editable = may_give(request.member, found)
    form = OwnRoleForm(request.POST or None, maker=request.member, initial=start_of(found))
    if request.method == "POST" and form.is_valid():
        try:
            change_role(role=found, names=form.names(), permissions=form.permissions_given(), actor=request.user)
        except WorkspaceError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("workspaces:roles")
    context = {
        "form": form,
        "groups": _groups(form, request.member, fixed=not editable),
        "role": str(found),
        "pid": pid,
        "editable": editable,
        "people": Member.objects.filter(custom_role=found, is_active=True).select_related("user").order_by("pk"),
        "invited": Invitation.objects.filter(custom_role=found, accepted_at=None, revoked_at=None, expires_at__gt=clock.now()),
    }
    return render(request, "workspaces/role.html", context)


@requires(Permission.MEMBERS_MANAGE)
@require_POST
def delete(request: ConsoleRequest, pid: str) -> HttpResponse:
    """Forget a role that nobody has."""
    found = own_or_404(request, CustomRole.objects.all(), pid)
    name = str(found)
    try:
        delete_role(role=found, actor=request.user)
    except WorkspaceError as error:
        messages.error(request, str(error))
        return redirect("workspaces:role", pid)
    messages.success(request, _("The role “%(role)s” is deleted.") % {"role": name})
    return redirect("workspaces:roles")


def _groups(form: OwnRoleForm, maker: Member, *, fixed: bool) -> list[dict[str, object]]:
    """The permissions in their groups, ticked as the form has them; what everybody may, and what the reader may not give, stands fixed."""
    ticked = set(form["permissions"].value() or ())
    return [
        {
            "title": title,
            "rows": [
                {
                    "value": worded.permission.value,
                    "name": worded.name,
                    "means": worded.means,
                    "ticked": worded.permission in ticked or worded.permission in EVERYBODYS,
                    "fixed": fixed or worded.permission in EVERYBODYS or worded.permission not in maker.permissions,
                }
                for worded in group
            ],
        }
        for title, group in GROUPS
    ]
