"""Companies for programs: found, made, changed, merged, and for which of them a customer acts."""

import datetime as dt
from collections.abc import Callable
from typing import Annotated, Any

from django.db.models import Value
from django.db.models.functions import Coalesce
from django.http import Http404
from ninja import Query, Router, Schema, Status
from pydantic import Field

from peyvand.core.fields import InstantField, from_micros
from peyvand.core.ids import private_id
from peyvand.core.masking import readable
from peyvand.customers.models import Company, Membership
from peyvand.customers.queries.companies import CompanySort, codes_of_company, company_of, matching_companies, places_in, with_people
from peyvand.customers.services.companies import CompanyError, add_company, change_company, merge_companies, separate_company
from peyvand.customers.services.placing import place_customer
from peyvand.customers.types import NEVER
from peyvand.desk.api.customers import CustomerWhole, customer_of, whole
from peyvand.desk.forms.companies import CompanyForm, initial_of
from peyvand.workspaces.bearer import KeyRequest, Paging, Refused, opens, page, pid, sees_contacts
from peyvand.workspaces.filling import filled
from peyvand.workspaces.strict import Said
from peyvand.workspaces.types import Scope

ROUTER = Router(tags=["companies"])
ORDER: dict[CompanySort, tuple[str, ...]] = {
    CompanySort.NAME: ("sort_name",),
    CompanySort.PEOPLE: ("-people", "sort_name"),
    CompanySort.LAST_SEEN: ("-last",),
    CompanySort.NEWEST: (),
}


class NewCompany(Said):
    """A company: a name, an own id, or both."""

    name: str = Field("", max_length=160)
    own_id: str = Field("", max_length=100, description="as your own systems number it")
    domain: str = Field("", max_length=200)
    city: str = Field("", max_length=120)
    industry: str = Field("", max_length=120)
    employees: int | None = Field(None, ge=0, le=10**9)
    note: str = Field("", max_length=1000)


class CompanyChange(Said):
    """What changes; what is left out stays."""

    name: str | None = Field(None, max_length=160)
    own_id: str | None = Field(None, max_length=100)
    domain: str | None = Field(None, max_length=200)
    city: str | None = Field(None, max_length=120)
    industry: str | None = Field(None, max_length=120)
    employees: int | None = Field(None, ge=0, le=10**9)
    note: str | None = Field(None, max_length=1000)


class CompanyTold(Schema):
    """A company as lists show one."""

    id: str
    name: str
    own_id: str
    domain: str
    city: str
    industry: str
    employees: float | None
    people: int = Field(description="who act for it now")
    seen_at: dt.datetime | None = Field(description="when one of them was seen last")
    created_at: dt.datetime


class CompanyWhole(CompanyTold):
    """A company with everything but its people and the timeline."""

    note: str
    also: list[str] = Field(description="other own ids and names by which it is found")
    merged: list[str] = Field(description="companies that were merged into it")
    merged_into: str | None


class CompanyPage(Schema):
    """Companies in the order that was asked for."""

    items: list[CompanyTold]
    next: str


class CompaniesAsked(Paging):
    """Which companies are asked for."""

    q: str = Field("", max_length=160, description="in the name, in the domain, or at the beginning of the own id")
    sort: CompanySort = Field(CompanySort.NEWEST, description="by name, most people, seen last, or added last")


class PersonTold(Schema):
    """Somebody who acts for a company, or did."""

    customer: str
    name: str
    since: dt.datetime
    until: dt.datetime | None


class PeoplePage(Schema):
    """Those who came last first."""

    items: list[PersonTold]
    next: str


class PeopleAsked(Paging):
    """Which of its people are asked for."""

    former: bool = Field(default=False, description="those who left, instead of those of now")


class OtherCompany(Said):
    """Another company."""

    other: str = Field(max_length=40)


class EmployerIn(Said):
    """For which company somebody acts from now on; null: for none."""

    company: str | None = Field(max_length=40)


@opens(ROUTER.get, "/companies", Scope.CUSTOMERS_READ, response=CompanyPage, summary="Companies: searched, page by page")
def companies(request: KeyRequest, asked: Annotated[CompaniesAsked, Query()]) -> dict[str, Any]:
    """Those that stand for themselves."""
    found = with_people(matching_companies(request.workspace, asked.q)).annotate(last=Coalesce("seen", Value(NEVER, InstantField())))
    rows, following = page(request, "companies", found, asked, *ORDER[asked.sort])
    return {"items": [_told(request, one) for one in rows], "next": following}


@opens(ROUTER.post, "/companies", Scope.CUSTOMERS_WRITE, response={201: CompanyWhole}, summary="Add a company")
def new_company(request: KeyRequest, said: NewCompany) -> Status[dict[str, Any]]:
    """Refused where one of this own id, or without own ids of this name, is here already."""
    given = _given({}, said.model_dump())
    made = _checked(lambda: add_company(workspace=request.workspace, actor=request.member.user, **given))
    return Status(201, _whole(request, made))


@opens(ROUTER.get, "/companies/{company}", Scope.CUSTOMERS_READ, response=CompanyWhole, summary="One company")
def one_company(request: KeyRequest, company: str) -> dict[str, Any]:
    """One that was merged says into which."""
    return _whole(request, company_of_id(request, company))


@opens(ROUTER.patch, "/companies/{company}", Scope.CUSTOMERS_WRITE, response=CompanyWhole, summary="Change a company")
def patch_company(request: KeyRequest, company: str, said: CompanyChange) -> dict[str, Any]:
    """What it was called before finds it still."""
    found = company_of_id(request, company)
    given = _given(initial_of(found), said.model_dump(exclude_unset=True))
    _checked(lambda: change_company(company=found, actor=request.member.user, **given))
    return _whole(request, company_of_id(request, company))


@opens(ROUTER.get, "/companies/{company}/people", Scope.CUSTOMERS_READ, response=PeoplePage, summary="Who acts for a company")
def people_of_company(request: KeyRequest, company: str, asked: Annotated[PeopleAsked, Query()]) -> dict[str, Any]:
    """Its people of now, or those who left."""
    rows, following = page(request, "people", places_in(company_of_id(request, company), former=asked.former), asked)
    return {"items": [_person(request, one) for one in rows], "next": following}


@opens(ROUTER.post, "/companies/{company}/merge", Scope.CUSTOMERS_WRITE, response=CompanyWhole, summary="Join another company to this one")
def join_companies(request: KeyRequest, company: str, said: OtherCompany) -> dict[str, Any]:
    """This one stays and stands for both."""
    kept, other = company_of_id(request, company), _named(request, said.other, "other")
    _checked(lambda: merge_companies(kept=kept, other=other, actor=request.member.user))
    return _whole(request, company_of_id(request, company))


@opens(ROUTER.post, "/companies/{company}/separate", Scope.CUSTOMERS_WRITE, response=CompanyWhole, summary="Undo the merge of a company")
def part_company(request: KeyRequest, company: str) -> dict[str, Any]:
    """It stands for itself again, with the people and the history it came with."""
    found = company_of_id(request, company)
    _checked(lambda: separate_company(company=found, actor=request.member.user))
    return _whole(request, company_of_id(request, company))


@opens(ROUTER.put, "/customers/{customer}/company", Scope.CUSTOMERS_WRITE, response=CustomerWhole, summary="For which company they act")
def put_employer(request: KeyRequest, customer: str, said: EmployerIn) -> dict[str, Any]:
    """From now on; what they did before stays where it was."""
    found = customer_of(request, customer)
    company = _named(request, said.company, "company") if said.company is not None else None
    _checked(lambda: place_customer(customer=found, company=company, actor=request.member.user))
    return whole(request, customer)


def company_of_id(request: KeyRequest, text: str) -> Company:
    """The company of a public id, merged or not. Raises Http404."""
    number = private_id(bytes(request.workspace.id_key), text)
    found = company_of(request.workspace, number) if number is not None else None
    if found is None:
        raise Http404
    return found


def _checked(do: Callable[[], Any]) -> Any:
    try:
        return do()
    except CompanyError as error:
        raise Refused(422, "not-possible", f"{error.field}: {error}", error.field) from None


def _given(known: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    texts = {name: "" if value is None else value for name, value in (known | said).items()}
    return filled(CompanyForm(texts)).given()


def _named(request: KeyRequest, text: str, field: str) -> Company:
    try:
        return company_of_id(request, text)
    except Http404:
        raise Refused(422, "unknown-company", f"{field}: there is no company with this id.", field) from None


def _person(request: KeyRequest, place: Membership) -> dict[str, Any]:
    name = readable(place.customer.name, sees=sees_contacts(request))
    return {"customer": pid(request, place.customer_id), "name": name, "since": place.since, "until": place.until}


def _told(request: KeyRequest, company: Any) -> dict[str, Any]:
    known = {code: company.attributes.get(code, "") for code in ("city", "industry")}
    words = {name: getattr(company, name) for name in ("name", "domain", "people", "created_at")}
    seen = from_micros(company.seen) if isinstance(company.seen, int) else company.seen
    more = {"own_id": company.own_id or "", "employees": company.attributes.get("employees"), "seen_at": seen}
    return words | known | more | {"id": pid(request, company.pk)}


def _whole(request: KeyRequest, company: Company) -> dict[str, Any]:
    row = with_people(Company.objects.filter(pk=company.pk)).get()
    return _told(request, row) | {
        "note": readable(row.note, sees=sees_contacts(request)),
        "also": [code.removeprefix("name:") for code in codes_of_company(row) if code != row.own_id],
        "merged": [pid(request, pk) for pk in Company.objects.filter(merged_into=row).order_by("pk").values_list("pk", flat=True)],
        "merged_into": pid(request, row.merged_into_id) if row.merged_into_id is not None else None,
    }
