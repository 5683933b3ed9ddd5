"""One of two people as they stand side by side where a member decides whether they are one."""

from dataclasses import dataclass

from peyvand.cases.wording import stage_label
from peyvand.core import clock
from peyvand.customers.lifecycle import stage_of
from peyvand.customers.queries.people import identities_of, profile_of
from peyvand.desk.people import facts
from peyvand.desk.people.contacts import Way, name_shown, ways
from peyvand.desk.people.rows import address_of
from peyvand.desk.people.words import stage_tone
from peyvand.identities.models import Customer
from peyvand.identities.types import IdentityType


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two people; `face` is what the initials are of, empty without a name."""

    name: str
    face: str
    url: str
    ways: list[Way]
    facts: list[facts.Fact]
    stage: str
    stage_tone: str


def side(customer: Customer, *, sees: bool) -> Side:
    """What is known of one of them."""
    profile = profile_of(customer)
    stage = stage_of(profile.standing, clock.now())
    return Side(
        name_shown(customer.name, sees=sees),
        customer.name,
        address_of(customer.workspace, customer.pk),
        ways([one for one in identities_of(customer) if one.type != IdentityType.DEVICE], sees=sees),
        facts.relation(profile),
        stage_label(stage),
        stage_tone(stage),
    )
