"""The page an invitation leads to: joining as oneself, or making an account first."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from peyvand.core import walls
from peyvand.workspaces.access import public
from peyvand.workspaces.errors import WorkspaceError
from peyvand.workspaces.forms.founding import PersonForm
from peyvand.workspaces.models import Invitation, User
from peyvand.workspaces.services import accept_invitation
from peyvand.workspaces.services.members import join_as_new, open_invitation
from peyvand.workspaces.signin import enter
from peyvand.workspaces.wording import held_means, held_word


@public("Whoever was invited has no account yet; the address holds 160 random bits and works once, for one e-mail address.")
@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Look at an invitation (nothing is recorded) or accept it."""
    found = open_invitation(token)
    if found is None:
        return render(request, "workspaces/invitation_closed.html", status=410)
    with walls.inside(found.workspace_id):
        return _opened(request, found, token)


def _opened(request: HttpRequest, found: Invitation, token: str) -> HttpResponse:
    if isinstance(request.user, User):
        return _as_member(request, found, token, request.user)
    known = User.objects.filter(email=found.email).exists()
    form = None if known else PersonForm(request.POST or None, email=found.email)
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            person = join_as_new(token=token, name=form.cleaned_data["name"], password=form.cleaned_data["password"])
        except WorkspaceError as error:
            messages.error(request, str(error))
            return redirect(request.path)
        enter(request, person)
        return redirect(f"/w/{found.workspace.slug}/")
    return _shown(request, found, form=form, known=known)


def _as_member(request: HttpRequest, found: Invitation, token: str, person: User) -> HttpResponse:
    if person.email.lower() != found.email:
        return _shown(request, found, other=person.email)
    if request.method == "POST":
        try:
            accept_invitation(token=token, user=person)
        except WorkspaceError as error:
            messages.error(request, str(error))
            return redirect(request.path)
        return redirect(f"/w/{found.workspace.slug}/")
    return _shown(request, found, mine=True)


def _shown(request: HttpRequest, found: Invitation, **extra: object) -> HttpResponse:
    context = {
        "invitation": found,
        "brand": found.workspace.name,
        "role": held_word(found.held),
        "role_means": held_means(found.held),
        "title": _("Join %(brand)s") % {"brand": found.workspace.name},
        **extra,
    }
    return render(request, "workspaces/invitation.html", context)
