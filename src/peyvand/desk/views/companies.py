"""Companies: their list, one company, changing it, joining two, and for whom a customer acts."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from peyvand.core import display
from peyvand.core.fields import from_micros
from peyvand.core.ids import private_id, public_id
from peyvand.customers.models import Company
from peyvand.customers.queries.companies import (
    PAGE,
    CompanySort,
    company_names,
    company_of,
    find_company,
    listed_companies,
)
from peyvand.customers.services.companies import CompanyError, add_company, change_company, merge_companies, separate_company
from peyvand.customers.services.placing import place_customer
from peyvand.desk.companies import page as shown
from peyvand.desk.forms.companies import CompanyForm, OtherCompanyForm, WhichCompanyForm, initial_of
from peyvand.desk.people.contacts import name_shown, sees_contacts
from peyvand.desk.people.finding import person
from peyvand.insights.terms import looked_up_once
from peyvand.workspaces.access import ConsoleRequest, requires
from peyvand.workspaces.types import Permission

EDIT = ["GET", "HEAD", "POST"]


@require_GET
@requires(Permission.CUSTOMERS_READ)
def company_list(request: ConsoleRequest) -> HttpResponse:
    """One page of companies."""
    text, number, order = (request.GET.get(name, "").strip()[:160] for name in ("q", "page", "sort"))
    sort = CompanySort(order) if order in list(CompanySort) else CompanySort.NAME
    page = int(number[:6]) if number.isascii() and number.isdecimal() else 1
    found = listed_companies(request.workspace, text=text, sort=sort, page=page)
    kept = {"q": text, "sort": "" if sort is CompanySort.NAME else sort.value}
    context = {
        "query": text,
        "rows": [_row(request, one) for one in found.companies],
        "finding": _finding(found.total, narrowed=bool(text)),
        "any": found.total > 0 or bool(text),
        "sorts": _sorts(kept, sort),
        "kept": {"sort": kept["sort"]} if kept["sort"] else {},
        "pager": {
            "previous_url": _link(kept | {"page": str(page - 1)}) if page > 1 else "",
            "next_url": _link(kept | {"page": str(page + 1)}) if page * PAGE < found.total else "",
        },
        "may_write": request.member.may(Permission.CUSTOMERS_WRITE),
    }
    return render(request, "desk/companies/list.html", context)


def _link(words: dict[str, str]) -> str:
    return "?" + urlencode({name: value for name, value in words.items() if value})


def _row(request: ConsoleRequest, company: Any) -> dict[str, Any]:
    seen = company.seen
    return {
        "name": str(company),
        "own_id": company.own_id if company.name else "",
        "url": reverse("desk:company", args=[_pid(request, company)]),
        "place": _(", ").join(str(company.attributes[code]) for code in ("industry", "city") if company.attributes.get(code)),
        "people": ngettext("%(n)s person", "%(n)s people", company.people) % {"n": display.num(company.people)},
        "seen": from_micros(seen) if isinstance(seen, int) else seen,
    }


def _sorts(kept: dict[str, str], sort: CompanySort) -> dict[str, dict[str, object]]:
    """Heads of columns that sort, as desk/sort_head.html wants them."""
    words = {CompanySort.NAME: _("Name"), CompanySort.PEOPLE: _("People"), CompanySort.LAST_SEEN: _("Last seen")}
    return {
        one.value: {"label": label, "url": _link(kept | {"sort": one.value}), "on": one is sort, "rising": one is CompanySort.NAME}
        for one, label in words.items()
    }


def _finding(total: int, *, narrowed: bool) -> str:
    n = display.num(total)
    if narrowed:
        return ngettext("%(n)s company matches", "%(n)s companies match", total) % {"n": n} if total else _("No company matches")
    return ngettext("%(n)s company", "%(n)s companies", total) % {"n": n} if total else _("No company is here yet")


def _pid(request: ConsoleRequest, company: Company) -> str:
    return public_id(bytes(request.workspace.id_key), company.pk)


def _company(request: ConsoleRequest, pid: str) -> Company:
    integer = private_id(bytes(request.workspace.id_key), pid)
    found = company_of(request.workspace, integer) if integer is not None else None
    if found is None:
        raise Http404
    return found


@require_GET
@requires(Permission.CUSTOMERS_READ)
@looked_up_once
def company(request: ConsoleRequest, pid: str) -> HttpResponse:
    """Everything about one company."""
    found = _company(request, pid)
    if found.merged_into is not None:
        return redirect("desk:company", _pid(request, found.merged_into))
    sees, member = sees_contacts(request.member), request.member
    figures, during = shown.figures_of(found) if member.may(Permission.PULSE_READ) else ([], "")
    reads_cases = member.may(Permission.CASES_READ)
    context = {
        "company": found,
        "pid": pid,
        "facts": shown.facts_of(found),
        "note": shown.note_of(found, sees=sees),
        "figures": figures,
        "figures_during": during,
        "days": shown.happened(found, sees=sees),
        "cases": shown.cases_open(found, sees=sees) if reads_cases else [],
        "sees_cases": reads_cases,
        "people_url": f"{reverse('desk:customers')}?{urlencode({'company': pid})}",
        "may_write": member.may(Permission.CUSTOMERS_WRITE),
        **shown.people_page(found, sees=sees),
    }
    return render(request, "desk/companies/company.html", context)


@require_http_methods(EDIT)
@requires(Permission.CUSTOMERS_WRITE)
def company_new(request: ConsoleRequest) -> HttpResponse:
    """Make a company by hand."""
    form = CompanyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = add_company(workspace=request.workspace, actor=request.user, **form.given())
        except CompanyError as error:
            form.add_error(error.field, str(error))
        else:
            messages.success(request, _("The company was added."))
            return redirect("desk:company", _pid(request, made))
    context = {"form": form, "back_url": reverse("desk:companies"), "back": _("Companies")}
    return render(request, "desk/companies/new.html", context, status=422 if form.errors else 200)


@require_http_methods(EDIT)
@requires(Permission.CUSTOMERS_WRITE)
def company_edit(request: ConsoleRequest, pid: str) -> HttpResponse:
    """Rename a company and change what is known of it."""
    found = _company(request, pid)
    form = _details(request, found, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            change_company(company=found, actor=request.user, **form.given())
        except CompanyError as error:
            form.add_error(error.field, str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("desk:company", pid)
    return _edit_page(request, found, form, OtherCompanyForm())


def _details(request: ConsoleRequest, found: Company, given: QueryDict | None = None) -> CompanyForm:
    return CompanyForm(given, initial=initial_of(found), sees=sees_contacts(request.member))


def _edit_page(request: ConsoleRequest, found: Company, form: CompanyForm, which: OtherCompanyForm) -> HttpResponse:
    absorbed = Company.objects.filter(merged_into=found).order_by("pk")
    context = {
        "company": found,
        "pid": _pid(request, found),
        "form": form,
        "which": which,
        "names": [name for name in company_names(request.workspace) if name != str(found)],
        "absorbed": [{"name": str(one), "pid": _pid(request, one)} for one in absorbed],
    }
    return render(request, "desk/companies/edit.html", context, status=422 if form.errors or which.errors else 200)


@require_http_methods(EDIT)
@requires(Permission.CUSTOMERS_WRITE)
def company_merge(request: ConsoleRequest, pid: str) -> HttpResponse:
    """Join another company, named in the form, with this one, which stays. The form stands where the company is changed."""
    found, which = _company(request, pid), OtherCompanyForm(request.POST)
    if request.method != "POST":
        return redirect("desk:company_edit", pid)
    if which.is_valid():
        other = find_company(request.workspace, which.cleaned_data["company"])
        if other is None:
            which.add_error("company", _("No company, or more than one, has this name. Write its own id."))
        elif _merged(found, other, request, which):
            messages.success(request, _("“%(name)s” is part of this company now.") % {"name": other})
            return redirect("desk:company", pid)
    return _edit_page(request, found, _details(request, found), which)


def _merged(found: Company, other: Company, request: ConsoleRequest, which: OtherCompanyForm) -> bool:
    try:
        merge_companies(kept=found, other=other, actor=request.user)
    except CompanyError as error:
        which.add_error("company", str(error))
        return False
    return True


@require_POST
@requires(Permission.CUSTOMERS_WRITE)
def company_separate(request: ConsoleRequest, pid: str) -> HttpResponse:
    """Let a company that was merged into another stand for itself again."""
    found = _company(request, pid)
    try:
        separate_company(company=found, actor=request.user)
    except CompanyError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("“%(name)s” stands for itself again.") % {"name": found})
    return redirect("desk:company", pid)


@require_http_methods(EDIT)
@requires(Permission.CUSTOMERS_WRITE)
def customer_company(request: ConsoleRequest, pid: str) -> HttpResponse:
    """For which company a customer acts from now on; a name never met makes the company."""
    found = person(request.workspace, pid)
    if found is None or found.merged_into is not None:
        raise Http404
    form = WhichCompanyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["company"].strip()
        try:
            place_customer(customer=found, company=_named(request, text) if text else None, actor=request.user)
        except CompanyError as error:
            form.add_error("company", str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("desk:customer", pid)
    name = name_shown(found.name, sees=sees_contacts(request.member))
    back = {"back_url": reverse("desk:customer", args=[pid]), "back": name}
    context = {"form": form, "names": company_names(request.workspace), **back}
    return render(request, "desk/companies/place.html", context, status=422 if form.errors else 200)


def _named(request: ConsoleRequest, text: str) -> Company:
    return find_company(request.workspace, text) or add_company(workspace=request.workspace, name=text, actor=request.user)
