"""Profiles of those who were erased, also in the search index. Called by the app's privacy.py and by the end of an erasure."""

from django.db import transaction

from peyvand.core.db import is_sqlite
from peyvand.core.privacy import Person
from peyvand.customers.models import Consent, Membership, Profile
from peyvand.customers.services.indexing import A_TURN, index_some
from peyvand.identities.services import place_customers


@transaction.atomic
def forget_profiles(person: Person) -> None:
    """Delete profiles and consents of a person, and bring the search index up to date with it."""
    Consent.objects.filter(customer__in=person.customers).delete()
    Membership.objects.filter(customer__in=person.customers).delete()
    place_customers(dict.fromkeys(person.customers))
    Profile.objects.filter(customer__in=person.customers).delete()
    if is_sqlite():
        while index_some(A_TURN) == A_TURN:  # whoever waits to be indexed waits with the texts of before
            pass
