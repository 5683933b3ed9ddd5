"""A new case by hand: find the customer, then write what they said."""

from typing import Any, NamedTuple

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from peyvand.cases.forms import NewCaseForm
from peyvand.cases.rows import pid_of
from peyvand.cases.services import open_by_hand, policy_of
from peyvand.cases.views.panel import Reach, about, reach_of
from peyvand.core.ids import private_id, public_id
from peyvand.core.masking import readable
from peyvand.customers.queries.listing import Wanted, listed
from peyvand.customers.queries.search import read_search
from peyvand.identities.models import Customer
from peyvand.workspaces.access import ConsoleRequest, requires
from peyvand.workspaces.types import Permission

SHOWN = 10


class Somebody(NamedTuple):
    """A customer one may mean, as this member may see them; `url` chooses them."""

    name: str
    url: str
    reached: Reach


@requires(Permission.CASES_WORK)
def new(request: ConsoleRequest) -> HttpResponse:
    """Open a case for something a customer said outside any survey; `?customer=` names them."""
    policy, nameless = policy_of(request.workspace), _("A customer without a name")
    customer = _customer(request, request.GET.get("customer", ""))
    if customer is None:
        query = request.GET.get("q", "").replace("\x00", "").strip()[:200]
        found: dict[str, Any] = {"query": query, "people": _people(request, query) if query else [], "nameless": nameless}
        return render(request, "cases/new_customer.html", found)
    form = NewCaseForm(policy, request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        case = open_by_hand(
            workspace=request.workspace, customer=customer, words=said["words"], reason=said["reason"], actor=request.member
        )
        messages.success(request, _("The case is open."))
        return redirect("cases:case", pid_of(request.workspace, case))
    context: dict[str, Any] = {
        "form": form,
        "name": _name(request, customer),
        "about": about(customer),
        "reached": reach_of(customer, request.member),
        "nameless": nameless,
    }
    return render(request, "cases/new.html", context, status=422 if form.errors else 200)


def _customer(request: ConsoleRequest, pid: str) -> Customer | None:
    integer = private_id(bytes(request.workspace.id_key), pid) or 0
    return Customer.objects.filter(workspace=request.workspace, pk=integer, merged_into=None).first()


def _name(request: ConsoleRequest, customer: Customer) -> str:
    return readable(customer.name, sees=request.member.may(Permission.CONTACTS_SEE))


def _people(request: ConsoleRequest, query: str) -> list[Somebody]:
    workspace = request.workspace
    search = read_search(workspace.pk, workspace.phone_region, query, contacts=request.member.may(Permission.CONTACTS_SEE))
    found = listed(Wanted(workspace, search, size=SHOWN)).profiles
    key = bytes(workspace.id_key)
    return [
        Somebody(_name(request, one.customer), f"?customer={public_id(key, one.pk)}", reach_of(one.customer, request.member))
        for one in found
    ]
