"""Profiles of those who were erased, also in the search index, and whom a rule parted from what they had said.

Called by the app's privacy.py and by the end of an erasure.
"""

from typing import Final

from django.db import transaction

from peyvand.core.db import is_sqlite
from peyvand.core.privacy import Person
from peyvand.customers.models import Consent, Membership, Profile
from peyvand.customers.services.indexing import A_TURN, index_some
from peyvand.identities.services import place_customers

CHUNK: Final = 400


def unlink_words(person: Person) -> None:
    """Let consents and memberships stay whose they are, and name the interactions they came of no more."""
    ids = sorted(person.interactions)
    for start in range(0, len(ids), CHUNK):
        piece = ids[start : start + CHUNK]
        with transaction.atomic():
            Consent.objects.filter(interaction_id__in=piece).update(interaction_id=None)
            Membership.objects.filter(interaction_id__in=piece).update(interaction_id=None)


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
