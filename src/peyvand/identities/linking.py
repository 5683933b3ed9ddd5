"""The rules by which an item's identities become one customer: a plain function on what is known.

No database here, so that the rules can be read and tested by themselves. Called by identities.services.resolving.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from peyvand.identities.types import MOST_GATHERED, IdentityKey, IdentityType

OWN_ID, DEVICE = IdentityType.OWN_ID.value, IdentityType.DEVICE.value


@dataclass(slots=True)
class Links:
    """What is known of the identities in hand, and what linking adds to it.

    `owner` maps each known identity to its customer; `own_id` gives the own id of a customer that has one; `strong` counts
    by how many identities but devices a customer is known; `free` gives integers for new customers; `homes` names those
    that go to another customer when merges are undone: what joins by one of them goes there too. Linking writes all but
    `free` and fills the lists of news.
    """

    owner: dict[IdentityKey, int]
    own_id: dict[int, str]
    strong: dict[int, int]
    free: Iterator[int]
    homes: dict[IdentityKey, int] = field(default_factory=dict)
    new_customers: list[int] = field(default_factory=list)
    new_identities: list[tuple[IdentityKey, int]] = field(default_factory=list)
    conflicts: list[tuple[int, int, IdentityKey, IdentityKey]] = field(default_factory=list)
    turned_away: list[int] = field(default_factory=list)  # customers who have gathered all they may

    def link(self, identities: Sequence[IdentityKey]) -> IdentityKey:
        """Decide whose item this is and return its strongest identity; `owner` then names the customer.

        `identities` is sorted, strongest first, without repeats. The strongest known identity that may speak for the
        item decides; a weaker one of another person is a conflict, never a merge.
        """
        strongest = identities[0]
        owner = self.owner
        customer = owner.get(strongest)
        if customer is None:
            by = self._deciding(strongest, identities)
            customer = self._create() if by is None else owner[by]
            self._add(strongest, customer, by)
        if len(identities) > 1:
            self._attach(customer, strongest, identities[1:])
        return strongest

    def _deciding(self, strongest: IdentityKey, identities: Sequence[IdentityKey]) -> IdentityKey | None:
        """The identity whose owner a new strongest one may join: the next known one, if nothing forbids it."""
        for key in identities[1:]:
            customer = self.owner.get(key)
            if customer is None:
                continue
            if strongest[0] == OWN_ID and customer in self.own_id:
                return None  # that person has another own id: two people, listed by _attach
            if key[0] == DEVICE and customer in self.strong:
                return None  # a shared device does not make two people one
            return None if self._is_full(customer) else key
        return None

    def _is_full(self, customer: int) -> bool:
        """Whether somebody has gathered so much that only a person may add to it; who asks is noted."""
        if self.strong.get(customer, 0) < MOST_GATHERED:
            return False
        self.turned_away.append(customer)
        return True

    def _attach(self, customer: int, strongest: IdentityKey, rest: Iterable[IdentityKey]) -> None:
        for key in rest:
            other = self.owner.get(key)
            if other is None:
                if key[0] == DEVICE or not self._is_full(customer):
                    self._add(key, customer, strongest)
            elif other != customer and key[0] != DEVICE:
                self.conflicts.append((customer, other, strongest, key))

    def _create(self) -> int:
        customer = next(self.free)
        self.new_customers.append(customer)
        return customer

    def _add(self, key: IdentityKey, customer: int, by: IdentityKey | None) -> None:
        self.owner[key] = customer
        self.new_identities.append((key, customer))
        if self.homes and by is not None and by in self.homes:
            self.homes[key] = self.homes[by]
        if key[0] == OWN_ID:
            self.own_id.setdefault(customer, key[1])
        if key[0] != DEVICE:
            self.strong[customer] = self.strong.get(customer, 0) + 1
