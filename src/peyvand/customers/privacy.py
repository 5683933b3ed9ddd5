"""What is known of a person: profile, attributes, wishes, consent. Found by name by the privacy app."""

from peyvand.core.privacy import Person, Sections
from peyvand.customers.models import Consent, Membership, Profile, StageMove
from peyvand.customers.services.forgetting import forget_profiles, unlink_words
from peyvand.customers.services.moving import move_what_was_said

moved = move_what_was_said
COVERS = ("customers.Profile", "customers.SearchEntry", "customers.Consent", "customers.Membership")
KNOWN = (
    "language",
    "attributes",
    "preferences",
    "first_seen_at",
    "last_seen_at",
    "interactions",
    "purchases",
    "purchase_total",
    "currency",
)


def export(person: Person) -> Sections:
    """The profile with its attributes, and every word about consent."""
    worked = Membership.objects.filter(customer__in=person.customers).order_by("since", "pk")
    said = Consent.objects.filter(customer__in=person.customers).order_by("at", "pk")
    return {
        "profile": list(Profile.objects.filter(customer__in=person.customers).order_by("pk").values(*KNOWN)),
        "stages": list(
            StageMove.objects.filter(customer__in=person.customers).order_by("at", "pk").values("from_stage", "to_stage", "cause", "at")
        ),
        "companies": list(worked.values("company__name", "since", "until")),
        "consents": list(said.values("purpose", "channel", "granted", "source", "note", "at")),
    }


def erase(person: Person) -> None:
    """Forget profile and consent, also in what a search finds; of what is parted alone, that a word of theirs came of it."""
    if person.customers:
        forget_profiles(person)
    unlink_words(person)
