"""Which company a customer acts for, and since when: by hand, and as the timeline tells it. One at a time, with its history."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _

from peyvand.catalogue.models import Term
from peyvand.core import clock
from peyvand.core.fields import from_micros, to_micros
from peyvand.customers.history import owners_of, undone_of
from peyvand.customers.models import Company, Membership
from peyvand.customers.services.companies import CompanyError, also_known_as, make_company, name_company, named
from peyvand.identities import services as identities
from peyvand.identities.models import Customer
from peyvand.timeline.companies import BY_NAME, name_key
from peyvand.timeline.models import Interaction
from peyvand.timeline.reading import AT, Page, Row
from peyvand.timeline.types import CompanyIn
from peyvand.workspaces.models import User
from peyvand.workspaces.services import audit

SUBSCRIPTION = "companies"
_decode = msgspec.json.Decoder().decode


class Word(NamedTuple):
    """That a customer acts for the company of a term, at a moment (microseconds), told by an interaction (None: by hand)."""

    term_id: int
    at: int
    interaction_id: int | None


@transaction.atomic
def place_customer(*, customer: Customer, company: Company | None, actor: User) -> None:
    """Say for which company a customer acts from now on; None for none. What they did before stays where it was."""
    customer = Customer.objects.select_for_update().get(pk=customer.pk)
    if company is not None and (company.workspace_id != customer.workspace_id or company.merged_into_id):
        raise CompanyError(_("Choose a company of this brand that stands for itself."), "company")
    current = Membership.objects.filter(customer=customer, until=None).select_related("company__merged_into").first()
    left = None if current is None else head_of(current.company)
    if left == company:
        return
    now = clock.now()
    if current is not None:
        current.until = max(now, current.since)
        current.save(update_fields=["until"])
    if company is not None:
        since = to_micros(now if current is None or current.until is None else current.until)
        Membership.objects.create(workspace=customer.workspace, company=company, customer=customer, since=since, recorded_by=actor)
    identities.place_customers({customer.pk: (company.term_id, to_micros(now)) if company else None})
    action = "customer.placed" if company else "customer.unplaced"
    audit(workspace=customer.workspace, actor=actor, action=action, target=customer, detail={"company": str(company or left)})


def follow_companies(page: Page) -> Callable[[], None]:
    """Work out which companies rows name and who acts for them, and give the function that writes it in the subscriber's transaction."""
    rows = [row for row in page.rows if row[AT["company"]] is not None and '"company":' in (row[AT["properties"]] or "")]
    return lambda: _write(rows) if rows else None


def _write(rows: Sequence[Row]) -> None:
    undone = undone_of({row[AT["batch"]] for row in rows} - {None})
    rows = [row for row in rows if row[AT["batch"]] not in undone]
    told: dict[int, tuple[CompanyIn, int]] = {}
    for row in rows:
        known, first = told.get(row[AT["company"]], (CompanyIn(), row[0]))
        told[row[AT["company"]]] = _filled(known, _told_in(row)), first
    for term_id, (given, first) in told.items():
        _meet(term_id, given, first)
    owners = owners_of({row[AT["identity_id"]] for row in rows} - {None})
    words: dict[int, list[Word]] = {}
    for row in rows:
        if (customer := owners.get(row[AT["identity_id"]])) is not None:
            words.setdefault(customer, []).append(Word(row[AT["company"]], row[AT["occurred_at"]], row[0]))
    _place(words)


def _told_in(row: Row) -> CompanyIn:
    facts = _decode(row[AT["properties"]]).get("customer")
    given = facts.get("company") if isinstance(facts, dict) else None
    return CompanyIn(**given) if isinstance(given, dict) and given.keys() <= {"own_id", "name"} else CompanyIn()


def _filled(known: CompanyIn, told: CompanyIn) -> CompanyIn:
    return CompanyIn(own_id=known.own_id or told.own_id, name=known.name or told.name)


def _meet(term_id: int, given: CompanyIn, interaction_id: int) -> None:
    """Make the company of a term never met, or name one known by its own id alone.

    A name that is that of exactly one company means that one; an own id that comes with such a name for the first time
    becomes that company's.
    """
    term = Term.objects.select_related("merged_into").get(pk=term_id)
    head = term.merged_into or term
    company = Company.objects.select_for_update().filter(term=head).first()
    if company is not None:
        if given.name and not company.name:
            name_company(company, given.name)
        return
    by_name = term.code.startswith(BY_NAME)
    alike = named(term.workspace_id, name_key(given.name))
    if len(alike) == 1 and (by_name or alike[0].own_id is None):
        also_known_as(alike[0], term.pk, own_id="" if by_name else term.code)
        return
    own_id = "" if by_name else term.code
    make_company(workspace_id=term.workspace_id, term_id=term.pk, given=CompanyIn(own_id, given.name), interaction_id=interaction_id)


def _place(words: Mapping[int, Sequence[Word]]) -> None:
    """Let customers act for the companies they are told to act for, from that moment on; what is older than what is known moves nobody."""
    customers = {one.pk: one for one in Customer.objects.select_for_update().filter(pk__in=words.keys()).order_by("pk")}
    companies = _companies_of({word.term_id for several in words.values() for word in several})
    histories = _histories_of(customers.keys())
    places: dict[int, tuple[int, int] | None] = {}
    for customer_id, customer in customers.items():
        history = histories.get(customer_id, [])
        moved = [_heed(history, customer, companies[word.term_id], word) for word in words[customer_id] if word.term_id in companies]
        if any(moved):
            places[customer_id] = _standing(history)
            _save(history)
    identities.place_customers(places)


def _heed(history: list[Membership], customer: Customer, company: Company, word: Word) -> bool:
    """Change a customer's memberships, in order, by one word; says whether anything changed."""
    at, last = from_micros(word.at), history[-1] if history else None
    if last is not None and last.until is None:
        if head_of(last.company).pk == company.pk:
            earlier = history[-2].until if len(history) > 1 else None
            since = at if earlier is None else max(at, earlier)
            if since >= last.since or last.interaction_id is None:
                return False
            last.since = since
            return True
        if at < last.since:
            return False
        last.until = at
    elif last is not None and last.until is not None and at < last.until:
        return False
    made = Membership(workspace_id=customer.workspace_id, company=company, customer=customer, interaction_id=word.interaction_id)
    made.since = at
    history.append(made)
    return True


def _save(history: Iterable[Membership]) -> None:
    """Ended ones first: two open ones of a customer are refused."""
    for one in history:
        one.save()


def _standing(history: Sequence[Membership]) -> tuple[int, int] | None:
    """What recording must know: the term of the company they act for, and since when."""
    last = history[-1] if history else None
    return None if last is None or last.until is not None else (head_of(last.company).term_id, to_micros(last.since))


def place_again(customer_ids: Collection[int]) -> None:
    """Let recording know anew for whom these customers act: their memberships were moved; in the caller's transaction."""
    histories = _histories_of(customer_ids)
    identities.place_customers({customer: _standing(histories.get(customer, [])) for customer in customer_ids})


def _companies_of(term_ids: Collection[int]) -> dict[int, Company]:
    """The company that stands for each term by now."""
    heads = {pk: head or pk for pk, head in Term.objects.filter(pk__in=term_ids).values_list("pk", "merged_into_id")}
    found = {one.term_id: one for one in Company.objects.filter(term_id__in=set(heads.values()))}
    return {term_id: found[head] for term_id, head in heads.items() if head in found}


def _histories_of(customer_ids: Collection[int]) -> dict[int, list[Membership]]:
    found: dict[int, list[Membership]] = {}
    rows = Membership.objects.filter(customer_id__in=customer_ids).select_related("company__merged_into").order_by("since", "pk")
    for one in rows:
        found.setdefault(one.customer_id, []).append(one)
    return found


def head_of(company: Company) -> Company:
    """The company that stands for this one after merges."""
    return company.merged_into or company


def drop_untold(customer_ids: Collection[int]) -> None:
    """Take away memberships told by interactions that are gone or undone, going back to what stood before; in the caller's transaction."""
    histories = _histories_of(customer_ids)
    told = {one.interaction_id for history in histories.values() for one in history if one.interaction_id is not None}
    standing = dict(Interaction.objects.filter(pk__in=told).values_list("pk", "batch")) if told else {}
    undone = undone_of({batch for batch in standing.values() if batch is not None})
    places: dict[int, tuple[int, int] | None] = {}
    for customer_id, history in histories.items():
        gone = [one for one in history if one.interaction_id in told and standing.get(one.interaction_id, 0) in {*undone, 0}]
        if not gone:
            continue
        kept = [one for one in history if one not in gone]
        Membership.objects.filter(pk__in=[one.pk for one in gone]).delete()
        if kept and kept[-1].until in {one.since for one in gone}:
            kept[-1].until = None
            kept[-1].save(update_fields=["until"])
        places[customer_id] = _standing(kept)
    identities.place_customers(places)
