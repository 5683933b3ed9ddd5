"""Two customers made one by hand: from the page of one the other is looked for, both are seen side by side, then it is confirmed."""

from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from peyvand.core.ids import private_id, public_id
from peyvand.customers.queries.listing import Wanted, listed
from peyvand.customers.queries.people import customer_of
from peyvand.customers.queries.search import read_search
from peyvand.customers.services.merging import merge_by_hand, unmerge
from peyvand.desk.people.belongings import belongings, told_of
from peyvand.desk.people.contacts import name_shown, sees_contacts
from peyvand.desk.people.finding import person
from peyvand.desk.people.rows import Row, rows_of
from peyvand.desk.people.sides import side
from peyvand.identities.models import Customer
from peyvand.identities.queries import merges_of
from peyvand.identities.services.resolving import IdentityError
from peyvand.workspaces.access import ConsoleRequest, requires
from peyvand.workspaces.types import Permission

SHOWN: Final = 10


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.CUSTOMERS_WRITE)
def merge(request: ConsoleRequest, pid: str) -> HttpResponse:
    """Look for the other (`?q=`), see both (`?with=`), make them one (POST; `stays` names who stays)."""
    kept = _standing(request, pid)
    if kept is None:
        raise Http404
    said = request.POST if request.method == "POST" else request.GET
    other = _standing(request, said.get("with", "")) if said.get("with") else None
    if other is not None and other.pk == kept.pk:
        other = None
    if request.method == "POST" and other is not None:
        return _merged(request, kept, other)
    query = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    sees = sees_contacts(request.member)
    context: dict[str, Any] = {
        "pid": pid,
        "name": name_shown(kept.name, sees=sees),
        "query": query,
        "found": _others(request, kept, query, sees=sees) if query and other is None else [],
        "sides": [],
    }
    if other is not None:
        key, two = bytes(request.workspace.id_key), (kept, other)
        context["sides"] = [(side(one, sees=sees), public_id(key, one.pk)) for one in two]
        context |= {"other_pid": public_id(key, other.pk), "has": belongings(two), "told": told_of(two, sees=sees)}
    return render(request, "desk/people/merge.html", context, status=422 if request.method == "POST" else 200)


def _standing(request: ConsoleRequest, pid: str) -> Customer | None:
    """A customer of this brand who was not merged into another."""
    found = person(request.workspace, pid)
    return found if found is not None and found.merged_into is None else None


def _merged(request: ConsoleRequest, kept: Customer, other: Customer) -> HttpResponse:
    key = bytes(request.workspace.id_key)
    if request.POST.get("stays") == public_id(key, other.pk):
        kept, other = other, kept
    try:
        merge_by_hand(kept=kept, other=other, actor=request.user)
    except IdentityError as refused:
        messages.error(request, str(refused))
        return redirect("desk:customer_merge", public_id(key, kept.pk))
    now = customer_of(request.workspace, kept.pk) or kept
    words = {"kept": name_shown(now.name, sees=sees_contacts(request.member))}
    messages.success(request, _("One person now: %(kept)s. It can be undone on this page.") % words)
    return redirect("desk:customer", public_id(key, kept.pk))


@require_POST
@requires(Permission.CUSTOMERS_WRITE)
def undo(request: ConsoleRequest, pid: str, merge: str) -> HttpResponse:
    """Two people again, from the page of who stands for both."""
    found = person(request.workspace, pid)
    mine = {one.pk: one for one in merges_of(found)} if found is not None else {}
    done = mine.get(private_id(bytes(request.workspace.id_key), merge) or 0)
    if found is None or done is None:
        raise Http404
    try:
        unmerge(merge=done, actor=request.user)
    except IdentityError as refused:
        messages.error(request, str(refused))
    else:
        sees = sees_contacts(request.member)
        other = Customer.objects.get(pk=done.other_id)
        messages.success(request, _("Two people again: %(other)s stands by themselves.") % {"other": name_shown(other.name, sees=sees)})
    return redirect("desk:customer", pid)


def _others(request: ConsoleRequest, kept: Customer, query: str, *, sees: bool) -> list[tuple[Row, str]]:
    """Whom the words find, without the one whose page it is, each with their public id."""
    workspace = request.workspace
    search = read_search(workspace.pk, workspace.phone_region, query, contacts=sees)
    profiles = [one for one in listed(Wanted(workspace, search, size=SHOWN + 1)).profiles if one.pk != kept.pk][:SHOWN]
    key = bytes(workspace.id_key)
    return [(row, public_id(key, row.profile.pk)) for row in rows_of(workspace, profiles, sees=sees)]
