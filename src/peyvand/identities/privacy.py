"""The ways a person is known, and with whom they were taken for one. Found by name by the privacy app."""

from django.db.models import Q

from peyvand.core.privacy import Person, Sections
from peyvand.identities.models import Customer, Identity, LinkConflict
from peyvand.identities.services.forgetting import forget_pairs
from peyvand.identities.types import IdentityType

COVERS = (
    "identities.Customer",
    "identities.Identity",
    "identities.LinkConflict",
    "identities.IdentityMove",
    "identities.Merge",
    "identities.SharedValue",
    "identities.Crowd",
    "identities.Leaving",
)


def export(person: Person) -> Sections:
    """Names, identities, and pairs that were taken for one person; of the other one of a pair nothing is told."""
    identities = Identity.objects.filter(pk__in=person.identities).order_by("type", "pk").values_list("type", "value")
    pairs = LinkConflict.objects.filter(Q(kept__in=person.customers) | Q(other__in=person.customers)).order_by("pk")
    return {
        "names": list(Customer.objects.filter(pk__in=person.customers).order_by("pk").values("name", "created_at")),
        "identities": [{"type": IdentityType(kind).name.lower(), "value": value} for kind, value in identities],
        "taken_for_one_with_others": list(pairs.values("seen_at", "times", "decision", "decided_at")),
    }


def erase(person: Person) -> None:
    """Forget pairs and moves. The identities themselves go last of all (services.empty_customers): by them the rest is found."""
    forget_pairs(person)
