"""Customers and identities taken away for good. Called where an import is undone and nobody else has seen them, and by hand."""

from collections.abc import Collection

from django.db import transaction
from django.db.models import Q

from peyvand.core.privacy import Person
from peyvand.identities.models import Crowd, Customer, Identity, IdentityMove, Leaving, LinkConflict, Merge, SharedValue
from peyvand.identities.types import IdentityType
from peyvand.workspaces.models import User
from peyvand.workspaces.services import audit


@transaction.atomic
def forget_customers(ids: Collection[int]) -> int:
    """Delete customers with their identities; returns how many there were.

    The caller holds the workspace's identities and has seen that nothing happened by them.
    """
    _all, by_model = Customer.objects.filter(pk__in=list(ids)).delete()
    return by_model.get(Customer._meta.label, 0)  # noqa: SLF001 - Django's public way to a model's name


@transaction.atomic
def forget_identity(*, identity: Identity, actor: User) -> None:
    """Delete a way to know a customer; the caller holds the workspace's identities and has seen that nothing happened by it."""
    kind = IdentityType(identity.type).name.lower()
    audit(workspace=identity.workspace, actor=actor, action="identity.removed", target=identity.customer, detail={"type": kind})
    identity.delete()


@transaction.atomic
def forget_pairs(person: Person) -> None:
    """Delete the pairs and merges a person was part of, how their identities moved, and what was said of values of theirs."""
    IdentityMove.objects.filter(Q(from_customer__in=person.customers) | Q(to_customer__in=person.customers)).delete()
    Merge.objects.filter(Q(kept__in=person.customers) | Q(other__in=person.customers)).delete()
    LinkConflict.objects.filter(Q(kept__in=person.customers) | Q(other__in=person.customers)).delete()
    SharedValue.objects.filter(workspace=person.workspace_id, value__in=person.words).delete()
    over = Q(kept_value__in=person.words) | Q(other_value__in=person.words)  # an identity of theirs that was another's then
    LinkConflict.objects.filter(over, workspace=person.workspace_id).delete()


@transaction.atomic
def empty_customers(person: Person) -> None:
    """Take name and identities from customers; an empty row stays, to which their closed cases belong.

    The caller holds the workspace's identities and has seen that nothing happened by them.
    """
    forget_pairs(person)
    for rows in (Crowd, Leaving):
        rows.objects.filter(customer__in=person.customers).delete()
    Identity.objects.filter(customer__in=person.customers).delete()
    Customer.objects.filter(pk__in=person.customers).update(name="", company=None, company_since=None)
