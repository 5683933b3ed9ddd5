"""Resolution: from the identities of many items to customers, in a few statements whatever the number.

Called by timeline.services inside its transaction. The rules are in identities.linking.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import NamedTuple

from django.db import connection, transaction
from django.utils.translation import gettext as _

from peyvand.core import bulk, clock
from peyvand.core.fields import to_micros
from peyvand.identities.linking import Links
from peyvand.identities.models import Customer, Identity
from peyvand.identities.normal import normal
from peyvand.identities.queries import shared_values
from peyvand.identities.services import store
from peyvand.identities.types import IdentityKey, IdentityType, Resolved
from peyvand.workspaces.models import User, Workspace
from peyvand.workspaces.services import audit

NOBODY = Resolved(None, None)


class IdentityError(Exception):
    """A change to a customer's identities that cannot be made; the message is for the person who asked."""


class Resolution(NamedTuple):
    """Who many items belong to: for each its deciding identity (None: nobody), and what is known of each identity.

    `people` are new, and for the caller to insert together with what they did.
    """

    deciding: list[IdentityKey | None]
    known: store.Known
    new_customers: set[int]
    people: tuple[bulk.Part, ...] = ()


def resolve(workspace_id: int, asked: Sequence[Sequence[IdentityKey]], names: Sequence[str] | None = None) -> list[Resolved]:
    """Give each item's identity and customer, creating and linking what is new, in the caller's transaction.

    `asked` holds, for each item in order, its normalised identities sorted strongest first (empty: nobody).
    `names` are used for customers created here. Unknown identities are locked in a fixed order on PostgreSQL, so
    writers side by side never make two customers of one person.
    """
    found = resolve_many(workspace_id, asked, names)
    bulk.insert(*found.people)
    return [NOBODY if key is None else Resolved(*found.known[key]) for key in found.deciding]


def resolve_many(
    workspace_id: int, asked: Sequence[Sequence[IdentityKey]], names: Sequence[str] | None = None, *, lock: bool = True
) -> Resolution:
    """As `resolve`, in the shape that costs least for thousands of items.

    With `lock` False another writer who makes the same person at this moment is met only at the insert, which then fails:
    for a caller that begins its whole transaction again.
    """
    keys = set(chain.from_iterable(asked))
    if not keys:
        return Resolution([None] * len(asked), {}, set())
    known = store.find(workspace_id, keys)
    if len(known) < len(keys):
        unknown = keys - known.keys()
        if lock and connection.vendor == "postgresql":
            known |= store.find(workspace_id, unknown, locked=True)
    links = _links(known, asked, unknown=len(keys) - len(known))
    # Most items name one identity that is known: nothing to link.
    deciding = [(who[0] if len(who) == 1 and who[0] in known else links.link(who)) if who else None for who in asked]
    fresh = set(links.new_customers)
    told = _names_told(links, deciding, names) if names is not None else {}
    news, people = _new(workspace_id, links, told) if links.new_identities else ({}, ())
    known |= news
    if late := {customer: name for customer, name in told.items() if customer not in fresh}:
        store.fill_names(late)
    if links.conflicts:
        _list_conflicts(workspace_id, links)
    if links.turned_away:
        store.note_turned_away(workspace_id, clock.now(), Counter(links.turned_away))
    return Resolution(deciding, known, fresh, people)


def _links(known: store.Known, asked: Iterable[Sequence[IdentityKey]], unknown: int) -> Links:
    owner = {key: customer for key, (_identity, customer) in known.items()}
    if not unknown:
        return Links(owner, {}, {}, iter(()))
    # The rules look at a customer's other identities only where an item names several.
    met = {owner[key] for who in asked if len(who) > 1 for key in who if key in owner}
    own_id, strong, homes = store.strength(met)
    return Links(owner, own_id, strong, iter(bulk.take_ids("identities_customer", unknown)), homes)


def _names_told(links: Links, deciding: Sequence[IdentityKey | None], names: Sequence[str]) -> dict[int, str]:
    """The first name told of each customer."""
    told: dict[int, str] = {}
    for key, name in zip(deciding, names, strict=True):
        if name and key is not None:
            told.setdefault(links.owner[key], name)
    return told


def _new(workspace_id: int, links: Links, names: Mapping[int, str]) -> tuple[store.Known, tuple[bulk.Part, ...]]:
    """What is now known of new identities, and the rows of these and their customers."""
    ids = bulk.take_ids("identities_identity", len(links.new_identities))
    news = list(zip(ids, links.new_identities, strict=True))
    homes = links.homes
    people = store.people(
        workspace_id,
        to_micros(clock.now()),
        [(customer, names.get(customer, "")) for customer in links.new_customers],
        # In one order whoever inserts, so that two who make the same people wait for each other in a row, not in a ring.
        sorted(
            [(identity, *key, customer, *((homes.get(key),) if homes else ())) for identity, (key, customer) in news], key=itemgetter(1, 2)
        ),
        homed=bool(homes),
    )
    return {key: (identity, customer) for identity, (key, customer) in news}, people


def _list_conflicts(workspace_id: int, links: Links) -> None:
    kept_by: dict[tuple[int, int, IdentityKey], IdentityKey] = {}
    times: Counter[tuple[int, int, IdentityKey]] = Counter()
    for kept, other, kept_key, other_key in links.conflicts:
        kept_by.setdefault((kept, other, other_key), kept_key)
        times[kept, other, other_key] += 1
    rows = [(kept, other, *other_key, *kept_by[kept, other, other_key], n) for (kept, other, other_key), n in times.items()]
    store.note_conflicts(workspace_id, clock.now(), rows)


def refuse_shared(workspace: Workspace, keys: Iterable[IdentityKey]) -> None:
    """Raise IdentityError for a value that many people share: nobody is known by it."""
    shared = shared_values(workspace.pk)
    for key in keys:
        if key in shared:
            raise IdentityError(_("%(value)s is on the list of shared values: many people use it, so it names nobody.") % {"value": key[1]})


@transaction.atomic
def create_customer(*, workspace: Workspace, name: str, identities: Sequence[IdentityKey], actor: User) -> Customer:
    """Create a customer by hand; an identity that already has an owner is refused, naming it."""
    refuse_shared(workspace, identities)
    store.hold(workspace.pk)
    taken = store.find(workspace.pk, set(identities))
    if taken:
        raise IdentityError(_("%(value)s belongs to another customer already.") % {"value": next(iter(taken))[1]})
    if not identities:
        raise IdentityError(_("Give at least a phone number or an e-mail address."))
    ordered = sorted(set(identities))
    found = resolve(workspace.pk, [ordered], [name])[0]
    customer = Customer.objects.get(pk=found.customer_id or 0)
    audit(workspace=workspace, actor=actor, action="customer.created", target=customer)
    return customer


@transaction.atomic
def add_identity(*, customer: Customer, type_name: str, value: str, actor: User) -> Identity:
    """Add an identity by hand; refused when it has another owner. Raises IdentityRefused for an unusable value."""
    key = normal(type_name, value, customer.workspace.phone_region)
    refuse_shared(customer.workspace, [key])
    store.hold(customer.workspace_id)  # else an item that brings it at this moment takes it between the look and the insert
    known = store.find(customer.workspace_id, {key}).get(key)
    if known is not None and known[1] != customer.pk:
        raise IdentityError(_("%(value)s belongs to another customer already.") % {"value": key[1]})
    if known is not None:
        return Identity.objects.get(pk=known[0])
    identity = Identity.objects.create(workspace=customer.workspace, type=key[0], value=key[1], customer=customer)
    audit(
        workspace=customer.workspace,
        actor=actor,
        action="identity.added",
        target=customer,
        detail={"type": IdentityType(key[0]).name.lower()},
    )
    return identity


@transaction.atomic
def rename_customer(*, customer: Customer, name: str, actor: User | None) -> None:
    """Change the name a customer is shown by."""
    Customer.objects.filter(pk=customer.pk).update(name=name.strip()[:160])
    if actor is not None:
        audit(workspace=customer.workspace, actor=actor, action="customer.renamed", target=customer)
