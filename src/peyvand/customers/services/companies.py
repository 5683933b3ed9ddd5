"""Companies: made by hand, by API or by what the timeline tells; renamed, described, merged and separated again."""

from collections.abc import Mapping
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from peyvand.catalogue import services as catalogue
from peyvand.catalogue.models import Term
from peyvand.catalogue.types import Dimension
from peyvand.core.persian import tidy
from peyvand.core.redaction import redacted
from peyvand.customers.attributes import fitting
from peyvand.customers.domains import DomainRefused, normal_domain
from peyvand.customers.keys import sort_name
from peyvand.customers.models import Company
from peyvand.customers.types import COMPANY_FIELDS
from peyvand.timeline.companies import company_code, name_key
from peyvand.timeline.types import CompanyIn, Refused
from peyvand.workspaces.models import User, Workspace
from peyvand.workspaces.services import audit

NAME_LENGTH: Final = 160
NOTE_LENGTH: Final = 1000


class CompanyError(Exception):
    """A change to a company that cannot be made; the message is for the person who asked, `field` names what to change."""

    def __init__(self, message: str, field: str = "name") -> None:
        super().__init__(message)
        self.field = field


@transaction.atomic
def add_company(*, workspace: Workspace, name: str, actor: User | None, own_id: str = "", **details: Any) -> Company:
    """Make a company by its name, its own id or both; `details` as in `change_company`.

    Raises CompanyError where a company of this own id, or without own ids of this name, is there already.
    """
    given = CompanyIn(own_id=_clean(own_id), name=_clean(redacted(name)))
    key = name_key(given.name)
    if not given.own_id and (same := named(workspace.pk, key)):
        raise CompanyError(_("“%(name)s” is here already. Open that one, or give this one an own id of its own.") % {"name": same[0]})
    term_id = _term_of(workspace, given)
    if (taken := Company.objects.filter(term_id=term_id).first()) is not None:
        raise CompanyError(_("This is the own id of “%(name)s” already.") % {"name": taken}, "own_id")
    company = make_company(workspace_id=workspace.pk, term_id=term_id, given=given)
    audit(workspace=workspace, actor=actor, action="company.added", target=company)
    if any(details.values()):
        _describe(company, details)
    return company


def make_company(*, workspace_id: int, term_id: int, given: CompanyIn, interaction_id: int | None = None) -> Company:
    """Keep the company that a term stands for, in the caller's transaction; `interaction_id` is what told of it first."""
    company = Company(workspace_id=workspace_id, term_id=term_id, own_id=_clean(given.own_id) or None, interaction_id=interaction_id)
    _call(company, given.name)
    company.save()
    return company


@transaction.atomic
def change_company(
    *, company: Company, actor: User, name: str, own_id: str = "", domain: str = "", note: str = "", attributes: Mapping[str, str]
) -> None:
    """Change what a company is called and what is known of it; what it was called before finds it still.

    `attributes` holds texts by the codes of COMPANY_FIELDS. Raises CompanyError naming the field.
    """
    company = Company.objects.select_for_update().get(pk=company.pk)
    name, own_id = _clean(redacted(name)), _clean(own_id)
    if not name and not own_id:
        raise CompanyError(_("Give the company a name or an own id."))
    if own_id != (company.own_id or ""):
        _renumber(company, own_id)
    if name != company.name:
        _call(company, name)
    _describe(company, {"domain": domain, "note": note, "attributes": attributes})
    audit(workspace=company.workspace, actor=actor, action="company.changed", target=company)


def _describe(company: Company, details: Mapping[str, Any]) -> None:
    try:
        company.domain = normal_domain(details.get("domain") or "")
    except DomainRefused as error:
        raise CompanyError(str(error), "domain") from None
    company.note = redacted((details.get("note") or "").strip())[:NOTE_LENGTH]
    company.attributes = _fitting(details.get("attributes") or {})
    company.save()


def _fitting(given: Mapping[str, str]) -> dict[str, Any]:
    """The values that are said, each as its type. Raises CompanyError naming the field."""
    found: dict[str, Any] = {}
    for code, kind in COMPANY_FIELDS.items():
        text = redacted(str(given.get(code, "")).strip())
        if not text:
            continue
        value = fitting(kind, text)
        if value is None:
            raise CompanyError(_("“%(value)s” is no number. Write digits only, for example 120.") % {"value": text[:40]}, code)
        found[code] = value
    return found


def _renumber(company: Company, own_id: str) -> None:
    """Give a company another own id; what comes by the former one is still of this company."""
    if own_id:
        term_id = _term_of(company.workspace, CompanyIn(own_id=own_id))
        taken = Company.objects.filter(term_id=term_id).exclude(pk=company.pk).first()
        if taken is not None:
            raise CompanyError(_("This is the own id of “%(name)s” already.") % {"name": taken}, "own_id")
        also_known_as(company, term_id)
    company.own_id = own_id or None


def also_known_as(company: Company, term_id: int, *, own_id: str = "") -> None:
    """Let what is told of a further term be of this company, and that term's own id be its own."""
    if term_id != company.term_id:
        catalogue.merge_terms(keep=company.term, away=Term.objects.get(pk=term_id), actor=None)
    if own_id:
        company.own_id = own_id
        company.save(update_fields=["own_id"])


def name_company(company: Company, name: str) -> None:
    """Name a company that had no name; in the caller's transaction."""
    _call(company, name)
    company.save()


def _call(company: Company, name: str) -> None:
    company.name = tidy(name)[:NAME_LENGTH]
    company.name_key, company.sort_name = name_key(company.name), sort_name(company.name or company.own_id or "")
    catalogue.name_term(term_id=company.term_id, names={"fa": str(company), "en": str(company)})


def _clean(text: str) -> str:
    return " ".join(text.split())[:NAME_LENGTH]


def _term_of(workspace: Workspace, given: CompanyIn) -> int:
    try:
        code = company_code(given)
    except Refused as error:
        raise CompanyError(_("Give the company a name or an own id."), "own_id" if given.own_id else "name") from error
    return catalogue.resolve(workspace.pk, {Dimension.COMPANY: [code]})[Dimension.COMPANY, code]


def named(workspace_id: int, key: str) -> list[Company]:
    """The companies of this key that stand for themselves."""
    return list(Company.objects.filter(workspace_id=workspace_id, name_key=key, merged_into=None).order_by("pk")[:2]) if key else []


@transaction.atomic
def merge_companies(*, kept: Company, other: Company, actor: User) -> None:
    """Say that two are one company: `kept` stands for both, with the people and the history of both. Undone by `separate_company`."""
    pair = {one.pk: one for one in Company.objects.select_for_update().filter(pk__in=(kept.pk, other.pk)).order_by("pk")}
    kept, other = pair[kept.pk], pair[other.pk]
    if kept.pk == other.pk or kept.workspace_id != other.workspace_id:
        raise CompanyError(_("Choose another company of this brand."))
    if kept.merged_into_id or other.merged_into_id:
        raise CompanyError(_("One of them was merged already. Open the one that stands for it."))
    catalogue.merge_terms(keep=kept.term, away=other.term, actor=actor)  # which writes the audit entry
    Company.objects.filter(merged_into=other).update(merged_into=kept)
    other.merged_into = kept
    other.save(update_fields=["merged_into"])


@transaction.atomic
def separate_company(*, company: Company, actor: User) -> None:
    """Undo a merge: the company stands for itself again, with the people and the history it came with."""
    company = Company.objects.select_for_update(of=("self",)).select_related("term").get(pk=company.pk)
    if company.merged_into_id is None:
        raise CompanyError(_("“%(name)s” stands for itself already.") % {"name": company})
    catalogue.separate_term(term=company.term, actor=actor)  # which writes the audit entry
    company.merged_into = None
    company.save(update_fields=["merged_into"])
