"""One company: who it is, how its people feel, what happened, what is open."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peyvand.cases.models import Case
from peyvand.cases.queries import cases_of
from peyvand.cases.rows import pid_of
from peyvand.cases.types import CaseState
from peyvand.cases.wording import stage_label, state_label, state_tone
from peyvand.core import clock, display
from peyvand.core.ids import public_id
from peyvand.core.masking import readable
from peyvand.core.pictures import Figure
from peyvand.customers.lifecycle import stage_of
from peyvand.customers.models import Company
from peyvand.customers.queries.companies import Person, codes_of_company, company_moments, count_people, family, people_of
from peyvand.customers.queries.people import profile_of
from peyvand.desk.people.contacts import name_shown
from peyvand.desk.people.facts import Fact
from peyvand.desk.people.timeline import Line, Who, days_of, lines_of
from peyvand.desk.people.words import stage_tone
from peyvand.desk.pulse.pictures import key_figure
from peyvand.desk.pulse.words import during
from peyvand.identities.models import Customer
from peyvand.insights.board import board
from peyvand.insights.windows import Length, window
from peyvand.timeline.types import Event
from peyvand.workspaces.models import Workspace

FIGURES = 3
LENGTHS: tuple[Length, ...] = ("year", "all")
CASES = 5
PEOPLE = 12
MOVED = "lifecycle.moved"


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One of a company's people as a row."""

    name: str
    url: str
    stage: str
    tone: str
    seen: str
    since: str


def facts_of(company: Company) -> list[Fact]:
    """What is known of a company beside its name."""
    labels = {"city": _("City"), "industry": _("Industry"), "employees": _("Employees")}
    known = company.attributes
    found = [Fact(_("Own id"), display.ltr(company.own_id))] if company.own_id else []
    found += [Fact(_("Domain"), display.ltr(company.domain))] if company.domain else []
    for code, label in labels.items():
        value = known.get(code)
        if value is not None:
            found.append(Fact(label, display.num(value) if isinstance(value, int | float) else value))
    n = count_people(company)
    found.append(Fact(_("People"), ngettext("%(n)s person", "%(n)s people", n) % {"n": display.num(n)}))
    others = [code for code in codes_of_company(company) if code != company.own_id]
    if others:
        found.append(Fact(_("Also found as"), _(", ").join(code.removeprefix("name:") for code in others[:5])))
    return found


def people_rows(company: Company, people: Iterable[Person], *, sees: bool) -> list[PersonRow]:
    """The people of a company as rows."""
    return [_person_row(company.workspace, one, sees=sees) for one in people]


def _person_row(workspace: Workspace, one: Person, *, sees: bool) -> PersonRow:
    profile, until = profile_of(one.customer), one.membership.until
    stage = stage_of(profile.standing, clock.now())
    began = _("since %(day)s") % {"day": display.shortday(one.membership.since)}
    return PersonRow(
        name=name_shown(one.customer.name, sees=sees),
        url=reverse("desk:customer", args=[public_id(bytes(workspace.id_key), one.customer.pk)]),
        stage=stage_label(stage),
        tone=stage_tone(stage),
        seen=display.ago(profile.last_seen_at),
        since=began if until is None else _("until %(day)s") % {"day": display.shortday(until)},
    )


def figures_of(company: Company) -> tuple[list[Figure], str]:
    """How its people feel: the first figures with their interval and n, and during which time; empty where nobody has answered.

    The few people of one company answer seldom: a year of theirs, where Pulse shows everybody's month.
    """
    workspace, code = company.workspace, company.term.code
    for length in LENGTHS:
        found = board(workspace, window(workspace, length, "lastyear"), (("company", code),))
        if found.answered:
            break
    query = urlencode({"time": length, "against": "lastyear", "company": code})
    shown = [key_figure(found, measure, f"{reverse('desk:measure', args=[measure])}?{query}") for measure in found.answered[:FIGURES]]
    return shown, during(found.window)


def happened(company: Company, *, sees: bool) -> list[Any]:
    """The last things that happened with a company, by days, each with who it was."""
    found = [event for event in company_moments(company).events if event.kind != MOVED]  # its people's stages stand beside their names
    lines: list[Line] = lines_of(company.workspace, found, sees=sees, who=_who(company.workspace, found, sees=sees))
    return days_of(lines)


def _who(workspace: Workspace, found: Iterable[Event], *, sees: bool) -> dict[int, Who]:
    ids = {event.customer_id for event in found if event.customer_id is not None}
    names = dict(Customer.objects.filter(workspace=workspace, pk__in=ids).values_list("pk", "name"))
    key = bytes(workspace.id_key)
    return {pk: Who(name_shown(name, sees=sees), reverse("desk:customer", args=[public_id(key, pk)])) for pk, name in names.items()}


def cases_open(company: Company, *, sees: bool) -> list[dict[str, str]]:
    """The open cases of its people, the most urgent first."""
    people = Customer.objects.filter(memberships__company_id__in=family(company), memberships__until=None)
    waiting = cases_of(company.workspace).filter(customer__in=people).exclude(state=CaseState.CLOSED).order_by("due_at", "id")
    return [_case(case, sees=sees) for case in waiting[:CASES]]


def _case(case: Case, *, sees: bool) -> dict[str, str]:
    return {
        "title": _("Case %(number)s") % {"number": display.num(case.number)},
        "url": reverse("cases:case", args=[pid_of(case.workspace, case)]),
        "state": state_label(case),
        "tone": state_tone(case),
        "who": name_shown(case.customer.name, sees=sees),
    }


def note_of(company: Company, *, sees: bool) -> str:
    """The note, contacts in it only for those who may see them."""
    return readable(company.note, sees=sees)


def people_page(company: Company, *, sees: bool) -> dict[str, Any]:
    """The people of a company as the page shows them: those of now, and those who left."""
    return {
        "people": people_rows(company, people_of(company, most=PEOPLE), sees=sees),
        "former": people_rows(company, people_of(company, former=True, most=10), sees=sees),
    }
