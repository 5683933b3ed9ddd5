"""Customers who are being forgotten: until they are, no decision makes anything of theirs somebody else's. Called by the privacy app."""

from django.db import transaction
from django.utils.translation import gettext as _

from peyvand.core.privacy import Person
from peyvand.identities.models import Customer, Leaving
from peyvand.identities.services.resolving import IdentityError


@transaction.atomic
def let_leave(person: Person) -> None:
    """Say that a person is being forgotten; the caller holds decisions and identities of the workspace since it looked who they are."""
    rows = [Leaving(customer_id=customer, workspace_id=person.workspace_id) for customer in sorted(person.customers)]
    Leaving.objects.bulk_create(rows, ignore_conflicts=True)


def check_stay(*customers: Customer) -> None:
    """Raise IdentityError where one of these is being forgotten. The caller holds the decisions of the workspace."""
    if Leaving.objects.filter(customer__in=customers).exists():
        raise IdentityError(_("This customer is being forgotten, so nothing can be decided about them any more."))
