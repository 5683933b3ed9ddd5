"""Holidays: Iran's are offered with tick boxes, own ones are added, any can be taken away."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from peyvand.core import clock
from peyvand.core.calendars import date_parts
from peyvand.core.display import digits
from peyvand.core.reader import active_reader
from peyvand.workspaces.access import ConsoleRequest, own_or_404, pid_of, requires
from peyvand.workspaces.forms.settings import HolidayForm
from peyvand.workspaces.models import Holiday, Workspace
from peyvand.workspaces.queries.days import offered
from peyvand.workspaces.services import delete_holiday, put_holiday
from peyvand.workspaces.types import Permission


@requires(Permission.SETTINGS_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def holidays(request: ConsoleRequest) -> HttpResponse:
    """What is kept, and a form for one's own day, or for the kept one that is changed (`?day=`)."""
    changed = own_or_404(request, Holiday.objects.all(), request.GET["day"]) if request.GET.get("day") else None
    form = HolidayForm(request.POST or None, initial=_said(changed))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        name = {_language(request) if changed else request.workspace.default_language: given["name"].strip()}
        put_holiday(
            workspace=request.workspace,
            date=given["date"],
            names={**(changed.names if changed else {}), **name},
            off=given["off"] == "1",
            actor=request.user,
            moved=changed,
        )
        messages.success(request, _("Saved."))
        return redirect("workspaces:holidays")
    today = clock.today(request.workspace.time_zone)
    kept = {holiday.date: holiday for holiday in Holiday.objects.filter(workspace=request.workspace)}
    rows = [_row(request.workspace, holiday) for day, holiday in kept.items() if day >= today]
    offers = [
        {"value": offer.day.isoformat(), "day": offer.day, "name": offer.names.get(_language(request), ""), "estimated": offer.estimated}
        for offer in offered(request.workspace)
        if offer.day not in kept
    ]
    past = [_row(request.workspace, holiday) for day, holiday in sorted(kept.items(), reverse=True) if day < today]
    context = {"form": form, "rows": rows, "offers": offers, "past": past, "changed": changed}
    return render(request, "workspaces/holidays.html", context)


def _row(workspace: Workspace, holiday: Holiday) -> dict[str, object]:
    return {"holiday": holiday, "pid": pid_of(workspace, holiday), "name": holiday.name}


def _said(holiday: Holiday | None) -> dict[str, str]:
    """A kept day as the form writes it."""
    if holiday is None:
        return {}
    parts = date_parts(holiday.date, active_reader().calendar)
    date = digits(f"{parts.year:04d}/{parts.month:02d}/{parts.day:02d}")
    return {"date": date, "name": holiday.name, "off": "1" if holiday.off else "0"}


@requires(Permission.SETTINGS_MANAGE)
@require_POST
def take(request: ConsoleRequest) -> HttpResponse:
    """Take over the offered days that were ticked."""
    wanted = set(request.POST.getlist("day"))
    chosen = [offer for offer in offered(request.workspace) if offer.day.isoformat() in wanted]
    for offer in chosen:
        put_holiday(workspace=request.workspace, date=offer.day, names=offer.names, off=True, actor=request.user)
    if chosen:
        messages.success(request, _("Saved."))
    return redirect("workspaces:holidays")


@requires(Permission.SETTINGS_MANAGE)
@require_POST
def remove(request: ConsoleRequest, pid: str) -> HttpResponse:
    """Forget a holiday."""
    delete_holiday(holiday=own_or_404(request, Holiday.objects.all(), pid), actor=request.user)
    messages.success(request, _("Removed."))
    return redirect("workspaces:holidays")


def _language(request: ConsoleRequest) -> str:
    return "fa" if str(getattr(request, "LANGUAGE_CODE", "fa")).startswith("fa") else "en"
