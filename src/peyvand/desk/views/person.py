"""Customer 360: who they are, how they feel, what happened, what to do."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from peyvand.cases.wording import stage_label
from peyvand.channels.queries import refusals_of
from peyvand.core import clock
from peyvand.core.ids import public_id
from peyvand.core.masking import readable
from peyvand.customers.lifecycle import stage_of
from peyvand.customers.queries.companies import company_for
from peyvand.customers.queries.consent import standing_consents
from peyvand.customers.queries.moments import count_before
from peyvand.customers.queries.people import attribute_definitions, identities_of, profile_of
from peyvand.desk.forms.people import CallForm, NoteForm
from peyvand.desk.people import facts
from peyvand.desk.people.advice import advice_for
from peyvand.desk.people.cases import panels_of
from peyvand.desk.people.contacts import name_shown, phone_of, sees_contacts, ways
from peyvand.desk.people.feelings import feelings
from peyvand.desk.people.finding import erased, person, standing
from peyvand.desk.people.merges import merge_lines
from peyvand.desk.people.stages import move_lines
from peyvand.desk.people.timeline import asked_for, read_place, tab_links, timeline
from peyvand.desk.people.words import stage_tone
from peyvand.identities.models import Customer
from peyvand.workspaces.access import ConsoleRequest, requires
from peyvand.workspaces.types import Permission


@require_GET
@requires(Permission.CUSTOMERS_READ)
def customer(request: ConsoleRequest, pid: str) -> HttpResponse:
    """Everything about one person."""
    found = person(request.workspace, pid)
    if found is None and (erasure := erased(request.workspace, pid)) is not None:
        return render(request, "desk/people/erased.html", {"erasure": erasure}, status=410)
    if found is None:
        raise Http404
    if found.merged_into is not None:
        return redirect("desk:customer", public_id(bytes(request.workspace.id_key), standing(found).pk))
    return render(request, "desk/people/person.html", person_context(request, found))


def person_context(request: ConsoleRequest, found: Customer) -> dict[str, Any]:
    """What the page needs."""
    member, sees = request.member, sees_contacts(request.member)
    profile, identities = profile_of(found), identities_of(found)
    panels = panels_of(found) if member.may(Permission.CASES_READ) else None
    phone = phone_of(identities)
    stage = stage_of(profile.standing, clock.now())
    return {
        "customer": found,
        "profile": profile,
        "pid": public_id(bytes(request.workspace.id_key), found.pk),
        "name": name_shown(found.name, sees=sees),
        "stage": {"text": stage_label(stage), "tone": stage_tone(stage)},
        "ways": ways(identities, sees=sees, refused=refusals_of(found)),
        "phone": phone if sees else "",
        "preference": facts.preference(profile),
        "wish": readable(profile.preferences.get("note", ""), sees=sees),
        "feelings": feelings(found),
        "acts_for": _acts_for(request, found),
        "moves": move_lines(found.pk),
        "relation": facts.relation(profile),
        "attributes": facts.attributes(profile, attribute_definitions(request.workspace), sees=sees),
        "agreements": facts.agreements(standing_consents(found.pk), profile),
        "panels": panels or [],
        "advice": advice_for(found, panels, phone=bool(phone and sees), name=readable(found.name, sees=sees)),
        "merges": merge_lines(found, sees=sees),
        "call_form": CallForm(),
        "note_form": NoteForm(),
        "may_write": member.may(Permission.CUSTOMERS_WRITE),
        "may_record": member.may(Permission.FEEDBACK_WRITE),
        "may_open_case": member.may(Permission.CASES_WORK),
        "levels": levels(),
        **timeline_context(request, found),
    }


def levels() -> list[tuple[int, str]]:
    """The five levels of a spoken opinion, worst first."""
    return [(1, _("Very unhappy")), (2, _("Unhappy")), (3, _("In between")), (4, _("Happy")), (5, _("Very happy"))]


def _acts_for(request: ConsoleRequest, found: Customer) -> dict[str, Any] | None:
    """The company a customer acts for, its page, and since when."""
    membership = company_for(found)
    if membership is None:
        return None
    pid = public_id(bytes(request.workspace.id_key), membership.company.pk)
    return {"name": str(membership.company), "url": reverse("desk:company", args=[pid]), "since": membership.since}


def timeline_context(request: ConsoleRequest, found: Customer) -> dict[str, Any]:
    """The part of the timeline that the address asks for."""
    tab = request.GET.get("tab", "")
    asked = asked_for(found, tab, read_place(found, request.GET.get("before", "")))
    shown = timeline(found, asked, sees=sees_contacts(request.member))
    pid = public_id(bytes(request.workspace.id_key), found.pk)
    place = read_place(found, shown.following) if shown.following else None
    return {
        "tab": tab,
        "tabs": tab_links(reverse("desk:customer", args=[pid]), tab),
        "timeline": shown,
        "earlier": count_before(asked_for(found, tab, place)) if place else 0,
        "history_url": reverse("desk:customer_history", args=[pid]),
        "part_of": request.GET.get("day", ""),
    }


@require_GET
@requires(Permission.CUSTOMERS_READ)
def history(request: ConsoleRequest, pid: str) -> HttpResponse:
    """A further part of the timeline, put in place by htmx; without it the whole page shows that part."""
    found = person(request.workspace, pid)
    if found is None or found.merged_into is not None:
        raise Http404
    template = "desk/people/timeline_part.html" if request.headers.get("HX-Request") else "desk/people/person.html"
    context = timeline_context(request, found) if request.headers.get("HX-Request") else person_context(request, found)
    return render(request, template, context)
