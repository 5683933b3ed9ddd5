"""The demo brand's workspace: its people, terms, holidays and surveys, made through the services anybody uses."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.dateparse import parse_datetime

from peyvand.cases.services import set_policy
from peyvand.catalogue.models import Term
from peyvand.catalogue.services import lay_defaults, save_term
from peyvand.core import clock
from peyvand.core.business_time import iranian_holidays
from peyvand.customers.services.companies import add_company
from peyvand.demo.course import LOW_CSAT, LOW_NPS
from peyvand.demo.firms import FIRMS
from peyvand.demo.questionnaires import lay_surveys
from peyvand.demo.staff import MEMBERS
from peyvand.demo.terms import catalogue_terms
from peyvand.demo.world import CITIES, OWN_KINDS, REASONS
from peyvand.timeline.services import declare_kind
from peyvand.workspaces.models import Member, User, Workspace
from peyvand.workspaces.services import create_owner, create_workspace, put_holiday, put_member, put_password, set_preference

SLUG = "sofalineh"
NAMES = {"fa": "سفالینه", "en": "Sofalineh"}
COLOUR = "#0f6764"
PROGRESS = "demo"


@transaction.atomic
def found_brand(password: str) -> Workspace:
    """Give the demo workspace, made when it is not there; its owner can sign in with `password` either way."""
    workspace = Workspace.objects.filter(slug=SLUG).first() or _found(password)
    owner = User.objects.get(email=MEMBERS[0].email)
    put_password(user=owner, password=password)
    return workspace


def _found(password: str) -> Workspace:
    workspace = create_workspace(name=NAMES["fa"], names=NAMES, slug=SLUG, language="fa", colour=COLOUR)
    for person in MEMBERS:
        if person.role == "owner":
            create_owner(workspace=workspace, email=person.email, password=password, name=person.name)
        else:
            put_member(workspace=workspace, email=person.email, name=person.name, role=person.role)
    lay_defaults(workspace=workspace)
    lay_terms(workspace)
    lay_firms(workspace)
    for code, names in OWN_KINDS.items():
        declare_kind(workspace=workspace, code=code, names=names, fields={}, actor=None)
    lay_surveys(workspace)
    owner = User.objects.get(email=MEMBERS[0].email)
    reasons = [{"code": code, **names} for code, names in REASONS.items()]
    # While the past is loaded, cases are opened as they were then; `asking_live` lets low answers open them by themselves.
    following = {"is_active": False, "limits": {"nps": LOW_NPS, "csat": LOW_CSAT}, "reasons": reasons}
    set_policy(workspace=workspace, changes=following, actor=owner)
    until = clock.now()
    for holiday in iranian_holidays(until.date() - dt.timedelta(days=600), until.date() + dt.timedelta(days=400)):
        put_holiday(workspace=workspace, date=holiday.day, names=holiday.names, off=True, actor=None)
    note_progress(workspace, {"until": until.isoformat(), "day": "", "done": False})
    return workspace


def lay_terms(workspace: Workspace) -> None:
    """Give every branch, product, department and person of the demo its names."""
    laid: dict[tuple[str, str], Term] = {(t.dimension, t.code): t for t in Term.objects.filter(workspace=workspace)}
    for position, spec in enumerate(catalogue_terms()):
        changes: dict[str, object] = {"names": {"fa": spec.fa, "en": spec.en}, "position": position, "details": spec.details}
        if spec.parent:
            changes["parent"] = laid[spec.dimension, spec.parent]
        known = laid.get((spec.dimension, spec.code))
        laid[spec.dimension, spec.code] = save_term(
            workspace=workspace, actor=None, term=known, dimension=spec.dimension, code=spec.code, changes=changes
        )


def lay_firms(workspace: Workspace) -> None:
    """What the brand knows of the companies it sells to; one that came by its name alone it has only heard of."""
    cities = {city.code: city.fa for city in CITIES}
    for firm in FIRMS:
        if firm.own_id:
            facts = {"city": cities[firm.city], "industry": firm.industry, "employees": str(firm.employees)}
            add_company(workspace=workspace, name=firm.name, own_id=firm.own_id, domain=firm.domain, attributes=facts, actor=None)


def people(workspace: Workspace) -> dict[str, Member]:
    """The demo's members by their staff code, the owner first."""
    members = {m.user.email: m for m in Member.objects.filter(workspace=workspace).select_related("user")}
    return {person.code: members[person.email] for person in MEMBERS if person.email in members}


def progress_of(workspace: Workspace) -> tuple[dt.datetime, str, bool]:
    """The present moment the demo was founded for, the last day that is in, and whether all is."""
    noted: dict[str, Any] = Workspace.objects.get(pk=workspace.pk).preferences.get(PROGRESS, {})
    until = parse_datetime(str(noted.get("until", ""))) or clock.now()
    return until, str(noted.get("day", "")), bool(noted.get("done"))


def note_progress(workspace: Workspace, changes: dict[str, object]) -> None:
    """Keep how far the demo is, in the transaction of what was made."""
    here = Workspace.objects.get(pk=workspace.pk)
    noted = {**here.preferences.get(PROGRESS, {}), **changes}
    set_preference(workspace=workspace, name=PROGRESS, value=noted)
