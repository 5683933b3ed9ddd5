"""What people change about a customer by hand: who they are and what is known of them."""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from peyvand.core import clock
from peyvand.core.fields import to_micros
from peyvand.core.redaction import redacted
from peyvand.customers.counting import Counted
from peyvand.customers.models import Profile
from peyvand.customers.services import facts, profiles
from peyvand.customers.services.counting import recount
from peyvand.customers.types import Hour
from peyvand.identities import services as identities
from peyvand.identities.models import Customer, Identity
from peyvand.identities.normal import normal
from peyvand.identities.queries import naming
from peyvand.identities.services.resolving import IdentityError
from peyvand.identities.types import IdentityType
from peyvand.timeline.models import Interaction
from peyvand.timeline.services import record
from peyvand.timeline.types import CustomerIn, IdentityIn, Item
from peyvand.workspaces.models import User, Workspace
from peyvand.workspaces.services import audit

SOURCE = "desk"
NOTE_LENGTH = 300


@transaction.atomic
def add_customer(*, workspace: Workspace, name: str, given: Mapping[str, str], actor: User) -> Customer:
    """Create a customer by hand from identity type → text as typed; found at once in lists and searches.

    Raises IdentityRefused for a value that is none, IdentityError when it belongs to another customer.
    """
    keys = [normal(kind, text, workspace.phone_region) for kind, text in given.items() if text.strip()]
    customer = identities.create_customer(workspace=workspace, name=redacted(name.strip())[:160], identities=keys, actor=actor)
    profiles.add(profiles.people([customer.pk]), {customer.pk: Counted(to_micros(clock.now()))})
    return customer


@transaction.atomic
def rename(*, customer: Customer, name: str, actor: User) -> None:
    """Change the name a customer is shown, found and sorted by."""
    identities.rename_customer(customer=customer, name=redacted(name), actor=actor)
    refresh_keys([customer.pk])


@transaction.atomic
def add_identity(*, customer: Customer, type_name: str, value: str, actor: User) -> Identity:
    """Add a way to know a customer. Raises IdentityRefused for a value that is none, IdentityError when it is another customer's."""
    identity = identities.add_identity(customer=customer, type_name=type_name, value=value, actor=actor)
    refresh_keys([customer.pk])
    return identity


@transaction.atomic
def remove_identity(*, identity: Identity, actor: User) -> None:
    """Take away a way to know a customer that was typed by mistake. Raises IdentityError for the last one and for one with a history."""
    identities.hold(identity.workspace_id)
    customer = identity.customer
    if not customer.identities.exclude(pk=identity.pk).exists():
        raise IdentityError(identities.ONLY_WAY)
    if has_history(identity):
        raise IdentityError(_("Something happened by this already, and its history belongs to this customer."))
    identities.forget_identity(identity=identity, actor=actor)
    refresh_keys([customer.pk])


def has_history(identity: Identity) -> bool:
    """Whether anything on the timeline came by an identity."""
    return identity.pk in with_history([identity.pk])


def with_history(identity_ids: Collection[int]) -> set[int]:
    """Those of the identities by which anything on the timeline came."""
    lived = Exists(Interaction.objects.filter(identity=OuterRef("pk")))
    return set(Identity.objects.filter(lived, pk__in=identity_ids).values_list("pk", flat=True))


def refresh_keys(customer_ids: Sequence[int]) -> None:
    """Work out anew what these customers are found and sorted by, of whom nothing was counted yet too; in the caller's transaction."""
    people = profiles.people(customer_ids, anew=True)
    known: dict[int, profiles.Person] = {}
    for customer_id, person in people.items():
        keys = person.keys
        if keys is not None:
            there = Profile.objects.filter(pk=customer_id).update(
                merged=person.merged,
                sort_name=keys.sort_name,
                has_phone=keys.has_phone,
                has_email=keys.has_email,
                known=keys.known,
                made_from=person.made_from,
            )
            if there:
                known[customer_id] = person
    profiles.write_entries(known)
    recount(people.keys() - known.keys())


@transaction.atomic
def save_details(*, customer: Customer, attributes: Mapping[str, Any], language: str, actor: User) -> None:
    """Change attributes (code → value, None takes it away) and language.

    It is recorded on the timeline, so that counting anew keeps it, and shown at once.
    """
    known_by = best_identity(customer)
    recorded = record(
        customer.workspace_id,
        Item(
            kind="customer.updated",
            occurred_at=clock.now(),
            customer=CustomerIn(identities=[known_by], attributes=dict(attributes), language=language),
            properties={"reason": "edited"},
            employee=actor.email,
            source=SOURCE,
        ),
    )
    kept = Interaction.objects.values_list("properties", flat=True).get(pk=recorded.interaction_id or 0)
    if not Profile.objects.filter(pk=customer.pk).exists():
        recount([customer.pk])
    facts.apply_now(customer.pk, json.loads(kept or "{}").get("customer", {}))  # as it was kept: without numbers that belong in no text
    audit(workspace=customer.workspace, actor=actor, action="customer.changed", target=customer, detail={"fields": sorted(attributes)})


@transaction.atomic
def save_preferences(*, customer: Customer, channel: str, hour: str, note: str, actor: User) -> None:
    """Keep how and when a customer likes to be reached; empty texts take it away."""
    wishes = {"channel": channel.strip()[:24], "hour": hour if hour in list(Hour) else "", "note": redacted(note.strip())[:NOTE_LENGTH]}
    preferences = {name: text for name, text in wishes.items() if text}
    if not Profile.objects.filter(pk=customer.pk).update(preferences=preferences):
        recount([customer.pk])
        Profile.objects.filter(pk=customer.pk).update(preferences=preferences)
    audit(workspace=customer.workspace, actor=actor, action="customer.preferences", target=customer)


def best_identity(customer: Customer) -> IdentityIn:
    """The strongest way to name a customer to the timeline. Raises IdentityError when there is none left."""
    if not customer.identities.exists():
        raise IdentityError(_("This customer was merged into another one; go on there."))
    identity = naming(customer.pk)
    if identity is None:
        raise IdentityError(_("This customer is known only by what many people share. Add another way to reach them first."))
    return IdentityIn(IdentityType(identity.type).name.lower(), identity.value)
