"""First-run set-up and new brands: the first account, the brand, and the page of whoever has none."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from peyvand.core import colours, walls
from peyvand.workspaces.access import public, signed_in
from peyvand.workspaces.errors import WorkspaceError
from peyvand.workspaces.forms.founding import BrandForm, FirstPersonForm
from peyvand.workspaces.models import User, Workspace
from peyvand.workspaces.queries.places import may_found, nobody_yet, place_of
from peyvand.workspaces.services import begin_workspace, create_first_person, create_owner, create_workspace, update_workspace
from peyvand.workspaces.services.logos import save_logo
from peyvand.workspaces.setup_code import forget_code, setup_code
from peyvand.workspaces.signin import enter


def _steps(here: int) -> list[dict[str, object]]:
    labels = (_("Your account"), _("Your brand"), _("First data"))
    return [{"label": label, "state": "done" if n < here else "here" if n == here else ""} for n, label in enumerate(labels)]


@public("The first account is made before anybody can sign in; the set-up code is asked for.")
@sensitive_post_parameters("password", "code")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def setup(request: HttpRequest) -> HttpResponse:
    """The first account of an installation; afterwards this address only leads to the sign-in page."""
    if not nobody_yet():
        return redirect("account_login")
    setup_code()  # there is one as soon as somebody looks for it
    form = FirstPersonForm(request.POST or None, initial={"code": request.GET.get("code", "")})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            person = create_first_person(
                email=given["email"], password=given["password"], name=given["name"], language=get_language() or "fa"
            )
        except WorkspaceError as error:
            messages.error(request, str(error))
            return redirect("account_login")
        forget_code()
        enter(request, person)
        return redirect("workspaces:found")
    return render(request, "workspaces/setup.html", {"form": form, "steps": _steps(0)})


@signed_in
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@walls.across()  # the address is opened from within a brand, and makes another
def found(request: HttpRequest) -> HttpResponse:
    """A new brand: the first one, or another beside those there are."""
    person = _person(request)
    if not may_found(person):
        return redirect("workspaces:nowhere")
    language = get_language() or "fa"
    initial = {
        "language": language,
        "calendar": "jalali" if language == "fa" else "gregorian",
        "time_zone": "Asia/Tehran" if language == "fa" else "UTC",
        "currency": "IRR" if language == "fa" else "USD",
        "rial_shown_as": "toman",
        "colour": colours.DEFAULT,
    }
    form = BrandForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        workspace = _founded(form, person)
        try:
            if form.cleaned_data["logo"]:
                save_logo(workspace=workspace, picture=form.cleaned_data["logo"], actor=person)
        except WorkspaceError as error:
            messages.warning(request, _("The brand is ready, but its logo is not: %(why)s") % {"why": error})
        return redirect(f"/w/{workspace.slug}/start/")
    first = not Workspace.objects.exists()
    return render(request, "workspaces/found.html", {"form": form, "steps": _steps(1) if first else None, "wide": True, "first": first})


def _founded(form: BrandForm, person: User) -> Workspace:
    given, names = form.cleaned_data, form.names()
    colour = given["colour"]
    workspace = create_workspace(
        name=names.get(given["language"]) or next(iter(names.values())),
        slug=names.get("en", ""),
        names=names,
        language=given["language"],
        time_zone=given["time_zone"],
        currency=given["currency"],
        colour="" if colour == colours.DEFAULT else colour,
        actor=person,
    )
    changes = {"calendar": given["calendar"], "rial_shown_as": given["rial_shown_as"] or "toman"}
    update_workspace(workspace=workspace, changes=changes, actor=person)
    create_owner(workspace=workspace, email=person.email, password=None)
    begin_workspace(workspace=workspace)
    return workspace


@signed_in
@require_safe
def nowhere(request: HttpRequest) -> HttpResponse:
    """For a person who belongs to no workspace (any more)."""
    place = place_of(_person(request).pk)
    if place is not None:
        return redirect(f"/w/{place.workspace.slug}/")
    return render(request, "workspaces/nowhere.html", {"person": request.user})


def _person(request: HttpRequest) -> User:
    person = request.user
    if not isinstance(person, User):
        raise TypeError("only for somebody who is signed in")
    return person
