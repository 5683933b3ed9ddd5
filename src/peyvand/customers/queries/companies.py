"""Companies as lists and pages show them: who they are, their people, what happened. Called by the desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, NamedTuple

from django.db import connection
from django.db.models import Count, F, Max, Q, QuerySet

from peyvand.catalogue.models import Term
from peyvand.core.fields import to_micros
from peyvand.customers.models import Company, Membership
from peyvand.customers.queries.moments import Moment, Part
from peyvand.identities.models import Customer
from peyvand.timeline.companies import name_key
from peyvand.timeline.reading import SELECT, events, undone_batches
from peyvand.workspaces.models import Workspace

PAGE: Final = 50
LATELY: Final = 30


class CompanySort(StrEnum):
    """What a list of companies is ordered by."""

    NAME = "name"
    PEOPLE = "people"
    LAST_SEEN = "seen"
    NEWEST = "new"


ORDER: Final = {
    CompanySort.NAME: ("sort_name", "pk"),
    CompanySort.PEOPLE: ("-people", "sort_name", "pk"),
    CompanySort.LAST_SEEN: (F("seen").desc(nulls_last=True), "pk"),
    CompanySort.NEWEST: ("-created_at", "-pk"),
}


class CompaniesPage(NamedTuple):
    """Some companies, each with `people` (who act for it now) and `seen` (when the last of them was; None: nobody), and how many match."""

    companies: Sequence[Company]
    total: int


@dataclass(frozen=True, slots=True)
class Person:
    """One who acts for a company, or did (`until`)."""

    membership: Membership
    customer: Customer


def companies(workspace: Workspace) -> QuerySet[Company]:
    """The companies that stand for themselves."""
    return Company.objects.filter(workspace=workspace, merged_into=None)


def company_of(workspace: Workspace, company_id: int) -> Company | None:
    """A company of this workspace; None for anybody else's."""
    return Company.objects.select_related("workspace", "merged_into", "term").filter(workspace=workspace, pk=company_id).first()


def listed_companies(workspace: Workspace, *, text: str = "", sort: CompanySort = CompanySort.NAME, page: int = 1) -> CompaniesPage:
    """One page of companies, searched by name, own id or domain."""
    found = matching_companies(workspace, text)
    total = found.count()
    start = (max(page, 1) - 1) * PAGE
    return CompaniesPage(list(with_people(found).order_by(*ORDER[sort])[start : start + PAGE]), total)


def matching_companies(workspace: Workspace, text: str) -> QuerySet[Company]:
    """The companies that a text finds by name, own id or domain; all of them for an empty one."""
    found = companies(workspace)
    if not text:
        return found
    bare = text.strip().lower()
    return found.filter(Q(name_key__contains=name_key(text) or "\n") | Q(own_id__istartswith=text.strip()) | Q(domain__contains=bare))


def with_people(found: QuerySet[Company]) -> QuerySet[Company]:
    """Companies, each with `people` (who act for it now) and `seen` (when the last of them was; None: nobody)."""
    own = Q(memberships__until=None, memberships__pk__isnull=False)
    of_merged = Q(absorbed__memberships__until=None, absorbed__memberships__pk__isnull=False)
    return found.annotate(
        own_people=Count("memberships__customer", filter=own, distinct=True),
        more_people=Count("absorbed__memberships__customer", filter=of_merged, distinct=True),
        seen=Max("memberships__customer__profile__last_seen_at", filter=own),
    ).annotate(people=F("own_people") + F("more_people"))


def family(company: Company) -> list[int]:
    """A company and those merged into it."""
    return [company.pk, *Company.objects.filter(merged_into=company).values_list("pk", flat=True)]


def terms_of_company(company: Company) -> list[int]:
    """Every integer that interactions may carry for a company: its own, of its other names, of those merged into it."""
    return [company.term_id, *Term.objects.filter(merged_into=company.term_id).order_by("pk").values_list("pk", flat=True)]


def codes_of_company(company: Company) -> list[str]:
    """Own ids and names by which programs reach a company, its own first."""
    rows = Term.objects.filter(pk__in=terms_of_company(company)).values_list("pk", "code")
    return [code for _pk, code in sorted(rows, key=lambda row: (row[0] != company.term_id, row[1]))]


def people_of(company: Company, *, former: bool = False, most: int = LATELY) -> list[Person]:
    """Who acts for a company, who was seen last first; `former`: who did, who left last first. Merged customers are left out."""
    order = ("-until", "pk") if former else (F("customer__profile__last_seen_at").desc(nulls_last=True), "pk")
    return [Person(one, one.customer) for one in places_in(company, former=former).order_by(*order)[:most]]


def places_in(company: Company, *, former: bool) -> QuerySet[Membership]:
    """Every membership of a company and those merged into it, of now or `former`; merged customers are left out."""
    rows = Membership.objects.filter(company_id__in=family(company), customer__merged_into=None, until__isnull=not former)
    return rows.select_related("customer__profile")


def count_people(company: Company) -> int:
    """How many act for a company now."""
    return Membership.objects.filter(company_id__in=family(company), customer__merged_into=None, until=None).count()


def company_for(customer: Customer) -> Membership | None:
    """For whom a customer acts now: the membership, its company the one that stands after merges."""
    found = Membership.objects.filter(customer=customer, until=None).select_related("company__merged_into").first()
    if found is not None and found.company.merged_into is not None:
        found.company = found.company.merged_into
    return found


def find_company(workspace: Workspace, text: str) -> Company | None:
    """The one company of this own id, else of this name by Persian rules; None where there is none, or more than one."""
    own_id = " ".join(text.split())
    found = companies(workspace).filter(own_id=own_id).first() if own_id else None
    if found is not None:
        return found
    alike = list(companies(workspace).filter(name_key=name_key(text)).order_by("pk")[:2]) if name_key(text) else []
    return alike[0] if len(alike) == 1 else None


def company_names(workspace: Workspace, most: int = 500) -> list[str]:
    """Names to choose from while typing."""
    return [str(one) for one in companies(workspace).order_by("sort_name", "pk")[:most]]


def company_moments(company: Company, before: Moment | None = None, limit: int = LATELY) -> Part:
    """What happened with a company, newest first: a part, and the place where the next goes on."""
    terms, undone = terms_of_company(company), undone_batches(company.workspace_id)
    where, values = [f"i.company IN ({_marks(terms)})"], list[Any](terms)
    if before is not None:
        where.append("(i.occurred_at, i.id) < (%s, %s)")
        values += before
    if undone:
        where.append(f"(i.batch IS NULL OR i.batch NOT IN ({_marks(undone)}))")
        values += undone
    sql = f"{SELECT} FROM timeline_interaction i WHERE {' AND '.join(where)} ORDER BY i.occurred_at DESC, i.id DESC LIMIT %s"
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, limit + 1])
        rows = cursor.fetchall()
    page = events(rows[:limit])
    last = page[-1] if len(rows) > limit else None
    return Part(page, Moment(to_micros(last.occurred_at), last.id) if last else None)


def _marks(values: Sequence[object]) -> str:
    return ", ".join(["%s"] * len(values))
