"""The list of customers: search, filters, sorting, pages, export, and a new customer."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from peyvand.core import clock, display
from peyvand.core.ids import public_id
from peyvand.core.reader import active_reader
from peyvand.customers.queries.filters import Filters
from peyvand.customers.queries.listing import PAGE, Count, Listed, Wanted, count, listed, seen
from peyvand.customers.queries.people import open_conflict_count
from peyvand.customers.services.people import add_customer
from peyvand.desk.forms.people import NewCustomerForm
from peyvand.desk.people import choosing
from peyvand.desk.people.contacts import sees_contacts
from peyvand.desk.people.exporting import csv_lines
from peyvand.desk.people.rows import rows_of
from peyvand.identities.services.resolving import IdentityError
from peyvand.workspaces.access import ConsoleRequest, requires
from peyvand.workspaces.services import audit, note_bulk_view
from peyvand.workspaces.types import Permission

WEEK = timedelta(days=7)


@require_GET
@requires(Permission.CUSTOMERS_READ)
def customers(request: ConsoleRequest) -> HttpResponse:
    """One page of customers."""
    sees = sees_contacts(request.member)
    ask = choosing.asked(request.workspace, request.GET)
    wanted = choosing.wanted(ask, contacts=sees, size=PAGE)
    page = listed(wanted)
    found = seen(page, count(wanted))
    note_bulk_view(member=request.member, action="customers.listed", detail={"contacts": sees})
    member = request.member
    context: dict[str, Any] = {
        "ask": ask,
        "finding": _finding(ask, found, wanted),
        "lately_url": "" if ask.narrowed or not found.n else f"?seen={WEEK.days}",
        "rows": rows_of(request.workspace, page.profiles, sees=sees),
        "chips": choosing.chips(ask),
        "sorts": choosing.sorts(ask),
        "pager": choosing.pager(ask, page),
        "may_write": member.may(Permission.CUSTOMERS_WRITE),
        "export_url": reverse("desk:customers_export") + ask.link() if found.n and member.may(Permission.EXPORT) else "",
        "conflicts": open_conflict_count(request.workspace) if member.may(Permission.CUSTOMERS_WRITE) else 0,
        "nobody": _nobody(ask, page, found),
        "import_url": reverse("imports:new") if member.may(Permission.IMPORTS_MANAGE) else "",
    }
    return render(request, "desk/people/list.html", context)


def _finding(ask: choosing.Asked, found: Count, wanted: Wanted) -> str:
    """How many there are, and of all of them how many were here this week."""
    n = display.num(found.n)
    if ask.narrowed:
        if not found.n:
            return _("Nobody matches")
        if found.more:
            return _("More than %(n)s customers match") % {"n": n}
        return ngettext("%(n)s customer matches", "%(n)s customers match", found.n) % {"n": n}
    if not found.n:
        return _("Nobody is here yet")
    lately = count(Wanted(wanted.workspace, filters=Filters(seen_since=clock.now() - WEEK)))
    every = ngettext("%(n)s customer", "%(n)s customers", found.n) % {"n": n}
    if found.more:
        every = _("More than %(n)s customers") % {"n": n}
    return _("%(every)s; %(n)s of them were here this week") % {"every": every, "n": display.num(lately.n)} if lately.n else every


def _nobody(ask: choosing.Asked, page: Listed, found: Count) -> str:
    """Why a list is empty: nobody yet, nobody matches, or the page ran out."""
    if page.profiles:
        return ""
    if found.n:
        return "page"
    return "match" if ask.narrowed else "yet"


@require_GET
@requires(Permission.EXPORT, Permission.CUSTOMERS_READ)
def export(request: ConsoleRequest) -> HttpResponseBase:
    """The same list as CSV."""
    sees = sees_contacts(request.member)
    ask = choosing.asked(request.workspace, request.GET)
    wanted = choosing.wanted(ask, contacts=sees, size=PAGE)
    narrowed = {name: value for name, value in {**ask.words, **ask.attributes}.items() if value}
    audit(
        workspace=request.workspace,
        actor=request.user,
        action="customers.exported",
        detail={"contacts": sees, "narrowed": sorted(narrowed)},
    )
    response = StreamingHttpResponse(csv_lines(wanted, sees=sees, reader=active_reader()), content_type="text/csv; charset=utf-8")
    day = clock.today(active_reader().zone).isoformat()
    response["Content-Disposition"] = f'attachment; filename="customers-{request.workspace.slug}-{day}.csv"'
    response["Cache-Control"] = "no-store"
    return response


@require_http_methods(["GET", "POST"])
@requires(Permission.CUSTOMERS_WRITE)
def new(request: ConsoleRequest) -> HttpResponse:
    """Add a customer by hand."""
    form = NewCustomerForm(request.POST or None, region=request.workspace.phone_region)
    if request.method == "POST" and form.is_valid():
        try:
            customer = add_customer(workspace=request.workspace, name=form.cleaned_data["name"], given=form.given(), actor=request.user)
        except IdentityError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("The customer was added."))
            return redirect("desk:customer", public_id(bytes(request.workspace.id_key), customer.pk))
    context = {"form": form, "back_url": reverse("desk:customers"), "back": _("Customers")}
    return render(request, "desk/people/new.html", context, status=422 if form.errors else 200)
