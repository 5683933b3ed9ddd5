"""Customers and identities taken away for good. Called where an import is undone and nobody else has seen them, and by hand."""

from collections.abc import Collection

from django.db import transaction

from peyvand.identities.models import Customer, Identity
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
