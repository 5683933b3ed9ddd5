"""What the console's shell shows around every page: places, counts, the brand's colours. A context processor."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from peyvand.cases.queries import waiting_for
from peyvand.channels.queries import stop_of
from peyvand.core import walls
from peyvand.workspaces.models import Member
from peyvand.workspaces.sign_on_session import only_place
from peyvand.workspaces.types import Permission


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the rail; shown to those whose role may open it."""

    key: str
    label: str | Promise
    icon: str
    url_name: str
    permission: Permission
    count: Callable[[Member], int] | None = None


PLACES = (
    Place("pulse", _("Pulse"), "pulse", "desk:pulse", Permission.PULSE_READ),
    Place("insights", _("Insights"), "insight", "desk:chain", Permission.PULSE_READ),
    Place("customers", _("Customers"), "people", "desk:customers", Permission.CUSTOMERS_READ),
    Place("answers", _("Feedback"), "feedback", "surveys:answers", Permission.FEEDBACK_READ),
    Place("follow-up", _("Follow-up"), "flag", "cases:desk", Permission.CASES_READ, waiting_for),
    Place("surveys", _("Surveys"), "plane", "surveys:list", Permission.SURVEYS_MANAGE),
    Place("imports", _("Imports"), "upload", "imports:list", Permission.IMPORTS_MANAGE),
    Place("settings", _("Settings"), "settings", "workspaces:settings", Permission.OWN_ACCOUNT),
)
BAR = ("pulse", "customers", "answers", "follow-up", "settings")


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of base.html inside a workspace; nothing outside of one."""
    member: Member | None = getattr(request, "member", None)
    if member is None:
        return {}
    workspace = member.workspace
    navigation = [entry for place in PLACES if (entry := _entry(place, member, request))]
    bar = [entry for key in BAR for entry in navigation if entry["key"] == key]
    return {
        "workspace": workspace,
        "member": member,
        "navigation": navigation,
        "navigation_bar": bar,
        "sending_stop": stop_of(workspace),
        "sending_url": _known("privacy:sending") if member.may(Permission.PRIVACY) else "",
        "home_url": reverse("desk:pulse"),
        "find_url": _known("desk:find"),
        "account_url": _known("workspaces:account"),
        "sign_out_url": _known("account_logout"),
        "brand_css_url": brand_css_url(workspace.slug, workspace.colour),
        "workspaces": _others(member) if only_place(request) is None else [],
    }


def brand_css_url(slug: str, colour: str) -> str:
    """Address of a brand's colours; the colour in it makes a change seen at once. Empty for the usual colour."""
    return f"/brand/{slug}/{colour.lstrip('#')}.css" if colour else ""


def _entry(place: Place, member: Member, request: HttpRequest) -> dict[str, Any] | None:
    url = _known(place.url_name)
    if not url or not member.may(place.permission):
        return None
    here = request.get_full_path().split("?")[0]
    home = reverse("desk:pulse")
    current = here == url or (url != home and here.startswith(url))
    count = place.count(member) if place.count else 0
    return {"key": place.key, "label": place.label, "url": url, "icon": place.icon, "count": count, "current": current}


def _known(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _others(member: Member) -> list[dict[str, str]]:
    places = member.user.memberships.filter(is_active=True).exclude(pk=member.pk).select_related("workspace")
    with walls.across():  # a person's own places
        return [{"name": place.workspace.name, "url": f"/w/{place.workspace.slug}/"} for place in places]
