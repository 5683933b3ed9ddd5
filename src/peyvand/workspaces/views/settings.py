"""The settings index, and how a brand looks, reads and works."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from peyvand.core import colours
from peyvand.workspaces.access import ConsoleRequest, requires
from peyvand.workspaces.errors import WorkspaceError
from peyvand.workspaces.forms.settings import HoursForm, LookForm, RegionForm
from peyvand.workspaces.pages import sections_for
from peyvand.workspaces.services import update_workspace
from peyvand.workspaces.services.logos import remove_logo, save_logo
from peyvand.workspaces.types import Permission

EDIT = ["GET", "HEAD", "POST"]


@requires(Permission.OWN_ACCOUNT)
@require_safe
def index(request: ConsoleRequest) -> HttpResponse:
    """Every settings page the reader's role may open."""
    return render(request, "workspaces/settings.html", {"sections": sections_for(request.member)})


@requires(Permission.SETTINGS_MANAGE)
@require_http_methods(EDIT)
def brand(request: ConsoleRequest) -> HttpResponse:
    """Names, logo, colour."""
    workspace = request.workspace
    initial = {
        "name_fa": workspace.names.get("fa", ""),
        "name_en": workspace.names.get("en", ""),
        "colour": workspace.colour or colours.DEFAULT,
    }
    form = LookForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            if form.cleaned_data["logo"]:  # first: where the picture is refused, nothing else is kept either
                save_logo(workspace=workspace, picture=form.cleaned_data["logo"], actor=request.user)
            elif form.cleaned_data["without_logo"]:
                remove_logo(workspace=workspace, actor=request.user)
            update_workspace(workspace=workspace, changes=form.changes(), actor=request.user)
        except WorkspaceError as error:
            form.add_error("logo", str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("workspaces:brand")
    context = {"form": form, "logo": workspace.logo, "preview": colour_preview(workspace.colour or colours.DEFAULT)}
    return render(request, "workspaces/brand.html", context)


@requires(Permission.SETTINGS_MANAGE)
@require_safe
def brand_preview(request: ConsoleRequest) -> HttpResponse:
    """What a colour becomes, drawn while it is being chosen."""
    try:
        preview = colour_preview(str(request.GET.get("colour", "")))
    except colours.ColourError as error:
        preview = {"error": str(error)}
    return render(request, "workspaces/brand_preview.html", {"preview": preview})


def colour_preview(colour: str) -> dict[str, object]:
    """The corrected variables of a colour in both themes, and in words whether it had to be moved to stay readable."""
    made = colours.palette(colour)
    shown = made.light["accent-fill"]
    ratio = colours.contrast(shown, "#ffffff")
    return {
        "light": ";".join(f"--pv-{name}:{value}" for name, value in made.light.items()),
        "dark": ";".join(f"--pv-{name}:{value}" for name, value in made.dark.items()),
        "moved": shown.lower() != colours.parse_hex(colour).lower(),
        "ratio": round(ratio, 1),
    }


@requires(Permission.SETTINGS_MANAGE)
@require_http_methods(EDIT)
def region(request: ConsoleRequest) -> HttpResponse:
    """Languages, calendar, time zone, currency."""
    workspace = request.workspace
    names = ("languages", "default_language", "calendar", "time_zone", "currency", "rial_shown_as", "phone_region")
    form = RegionForm(request.POST or None, initial={name: getattr(workspace, name) for name in names})
    if request.method == "POST" and form.is_valid():
        update_workspace(workspace=workspace, changes={name: form.cleaned_data[name] for name in names}, actor=request.user)
        messages.success(request, _("Saved."))
        return redirect("workspaces:region")
    return render(request, "workspaces/region.html", {"form": form})


@requires(Permission.SETTINGS_MANAGE)
@require_http_methods(EDIT)
def hours(request: ConsoleRequest) -> HttpResponse:
    """When somebody is there, by weekday."""
    form = HoursForm(request.POST or None, hours=request.workspace.business_hours)
    if request.method == "POST" and form.is_valid():
        update_workspace(workspace=request.workspace, changes={"business_hours": form.hours()}, actor=request.user)
        messages.success(request, _("Saved. Deadlines from now on count these hours."))
        return redirect("workspaces:hours")
    return render(request, "workspaces/hours.html", {"form": form})
