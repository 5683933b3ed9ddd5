"""Answers of the command box: customers by what is typed, and things to do."""

from typing import Final, NamedTuple

from django.http import HttpResponse, JsonResponse
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from peyvand.core.persian import found
from peyvand.customers.queries.listing import Wanted, listed
from peyvand.customers.queries.people import main_identities
from peyvand.customers.queries.search import read_search
from peyvand.desk.people.contacts import isolated, name_shown, sees_contacts
from peyvand.desk.people.rows import REACHED_BY, address_of
from peyvand.workspaces.access import ConsoleRequest, requires
from peyvand.workspaces.pages import sections_for
from peyvand.workspaces.types import Permission

SHOWN: Final = 8


class Act(NamedTuple):
    """Something one can do or open, found by its words."""

    label: str | Promise
    url_name: str
    icon: str
    permission: Permission
    words: str = ""  # what else people type for it


ACTS: Final = (
    Act(gettext_lazy("Add a customer"), "desk:customer_new", "plus", Permission.CUSTOMERS_WRITE, "new customer مشتری تازه جدید"),
    Act(gettext_lazy("Two people or one?"), "desk:conflicts", "merge", Permission.CUSTOMERS_WRITE, "merge conflict duplicate ادغام تکراری"),
    Act(gettext_lazy("Open a case"), "cases:new", "flag", Permission.CASES_WORK, "new case پرونده تازه جدید"),
    Act(gettext_lazy("Import a file"), "imports:new", "upload", Permission.IMPORTS_MANAGE, "csv excel ورود فایل اکسل"),
    Act(
        gettext_lazy("Follow-up rules"),
        "cases:settings",
        "flag",
        Permission.SETTINGS_MANAGE,
        "deadline limit settings تنظیمات پیگیری",
    ),
    Act(gettext_lazy("Members"), "workspaces:members", "team", Permission.MEMBERS_MANAGE, "invite people اعضا دعوت همکار"),
    Act(gettext_lazy("Your account"), "workspaces:account", "person", Permission.OWN_ACCOUNT, "password language گذرواژه زبان حساب"),
)


@require_GET
@requires(Permission.OWN_ACCOUNT)
def find(request: ConsoleRequest) -> HttpResponse:
    """JSON [{group, label, detail, url, icon}] for what was typed."""
    query = request.GET.get("q", "").strip()[:200]
    answers = [*_customers(request, query), *_acts(request, query), *_settings(request, query)] if query else []
    response = JsonResponse(answers, safe=False, json_dumps_params={"ensure_ascii": False})
    response["Cache-Control"] = "no-store"
    return response


def _customers(request: ConsoleRequest, query: str) -> list[dict[str, str]]:
    if not request.member.may(Permission.CUSTOMERS_READ):
        return []
    workspace, sees = request.workspace, sees_contacts(request.member)
    search = read_search(workspace.pk, workspace.phone_region, query, contacts=sees)
    profiles = listed(Wanted(workspace, search, size=SHOWN)).profiles
    known = main_identities([profile.pk for profile in profiles], REACHED_BY)
    group = _("Customers")
    return [
        {
            "group": group,
            "label": name_shown(profile.customer.name, sees=sees),
            "detail": next(
                (isolated(kind, known[profile.pk][kind], sees=sees) for kind in REACHED_BY if kind in known.get(profile.pk, {})), ""
            ),
            "url": address_of(workspace, profile.pk),
            "icon": "person",
        }
        for profile in profiles
    ]


def _acts(request: ConsoleRequest, query: str) -> list[dict[str, str]]:
    group = _("Do")
    answers = []
    for act in ACTS:
        if request.member.may(act.permission) and found(query, f"{act.label} {act.words}") and (url := _address(act.url_name)):
            answers.append({"group": group, "label": str(act.label), "detail": "", "url": url, "icon": act.icon})
    return answers


def _settings(request: ConsoleRequest, query: str) -> list[dict[str, str]]:
    """Pages of the settings by their names and what they are for."""
    acts = {_address(act.url_name) for act in ACTS}
    return [
        {"group": _("Settings"), "label": page.label, "detail": page.hint, "url": page.url, "icon": page.icon}
        for _section, pages in sections_for(request.member)
        for page in pages
        if page.url not in acts and found(query, f"{page.label} {page.hint}")
    ]


def _address(name: str) -> str:
    """Where an act is done; empty while no installed app has the page."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
