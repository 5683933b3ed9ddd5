"""The model of people: who is known by what, in plain dictionaries. Slow, and short enough to be seen to be right."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

OWN_ID, DEVICE = 1, 5
Key = tuple[int, str]
Pair = tuple[int, int, Key]  # who is kept, the other, and by what the other is known


@dataclass
class People:
    """Customers by their numbers, the identities that lead to them, and what was decided about pairs."""

    owner: dict[Key, int] = field(default_factory=dict)
    merged: dict[int, int | None] = field(default_factory=dict)  # every customer there is → who stands for them
    created: dict[int, datetime] = field(default_factory=dict)
    pairs: dict[Pair, str] = field(default_factory=dict)
    seen: dict[Pair, int] = field(default_factory=dict)
    told: dict[Pair, Key] = field(default_factory=dict)  # by what the one who is kept was known when a pair was first met
    by_hand: set[Pair] = field(default_factory=set)  # pairs that no item named
    home: dict[Key, int] = field(default_factory=dict)  # whose an identity is when all merges are undone
    taken: dict[int, Pair | None] = field(default_factory=dict)  # whoever is merged into another → the pair that was decided
    handled: set[int] = field(default_factory=set)  # about whom somebody decided something: they outlive the batch that brought them
    shared: set[Key] = field(default_factory=set)  # what names nobody
    leaving: set[int] = field(default_factory=set)  # who is being forgotten
    gone: set[int] = field(default_factory=set)  # who was: known by nothing any more

    def by(self, who: Sequence[Key]) -> Key | None:
        """By which of its identities, strongest first, an item belongs to somebody known; None: to somebody new."""
        if who[0] in self.owner:
            return who[0]
        for key in who[1:]:
            customer = self.owner.get(key)
            if customer is None:
                continue
            known_by = {kind for (kind, _value), owner in self.owner.items() if owner == customer}
            two_numbers = who[0][0] == OWN_ID and OWN_ID in known_by
            shared_device = key[0] == DEVICE and known_by != {DEVICE}
            return None if two_numbers or shared_device else key
        return None

    def meet(self, who: Sequence[Key], customer: int, at: datetime) -> None:
        """An item of this customer came with these identities."""
        by = self.by(who)
        if by is None:
            self.merged[customer], self.created[customer] = None, at
        if who[0] not in self.owner:
            self._know(who[0], customer, by)
        for key in who[1:]:
            if key not in self.owner:
                self._know(key, customer, who[0])
            elif (other := self.owner[key]) != customer and key[0] != DEVICE:
                pair = (customer, other, key)
                self.pairs.setdefault(pair, "open")
                self.told.setdefault(pair, who[0])
                self.seen[pair] = self.seen.get(pair, 0) + 1

    def _know(self, key: Key, customer: int, by: Key | None) -> None:
        self.owner[key] = customer
        self.home[key] = self.home[by] if by is not None else customer

    def forget(self, customer: int) -> None:
        """A customer is gone, with all that led to them."""
        self.owner = {key: owner for key, owner in self.owner.items() if owner != customer}
        self.home = {key: home for key, home in self.home.items() if key in self.owner}
        del self.merged[customer], self.created[customer]
        self.merged = {who: None if to == customer else to for who, to in self.merged.items()}
        self._keep([pair for pair in self.pairs if customer not in pair[:2]])
        self.taken = {who: pair for who, pair in self.taken.items() if self.merged.get(who) is not None}

    def _keep(self, pairs: Collection[Pair]) -> None:
        """Of all pairs only these are left, also in what was decided by them."""
        self.pairs = {pair: self.pairs[pair] for pair in pairs}
        self.seen = {pair: self.seen[pair] for pair in pairs}
        self.told = {pair: self.told[pair] for pair in pairs}
        self.taken = {who: pair if pair in self.pairs else None for who, pair in self.taken.items()}

    def standing(self, customer: int) -> int:
        """Who stands for a customer."""
        while (to := self.merged[customer]) is not None:
            customer = to
        return customer

    def one_person(self, customer: int) -> set[int]:
        """A customer and all who were merged into them."""
        found = {customer}
        while more := {who for who, to in self.merged.items() if to in found} - found:
            found |= more
        return found

    def same(self, pair: Pair) -> bool:
        """A pair is one person; False where that was decided already, or one of the two is being forgotten."""
        kept, other = self.standing(pair[0]), self.standing(pair[1])
        if self.pairs[pair] == "same" or self.leaving & {kept, other}:
            return False
        self.pairs[pair] = "same"
        if kept != other:
            self.owner = {key: kept if owner == other else owner for key, owner in self.owner.items()}
            self.merged[other], self.taken[other] = kept, pair
            self.handled.add(kept)
            people = self.one_person(kept)
            for waiting, how in self.pairs.items():
                if how == "open" and set(waiting[:2]) <= people:
                    self.pairs[waiting] = "same"
        return True

    def apart(self, pair: Pair) -> bool:
        """A pair is two people; False where something was decided already."""
        if self.pairs[pair] != "open":
            return False
        self.pairs[pair] = "apart"
        self.handled.add(pair[0])
        return True

    def back(self, pair: Pair) -> None:
        """The merge of a pair is undone: whoever was taken in stands again with all whose home is with them; not who is being forgotten."""
        other = next(who for who, of in self.taken.items() if of == pair)
        root, people = self.standing(other), self.one_person(other)
        if root in self.leaving:
            return
        if (kept := self.merged[other]) is not None:
            self.handled.add(kept)
        for key, owner in self.owner.items():
            if owner == root and self.home[key] in people:
                self.owner[key] = other
        self.merged[other] = None
        del self.taken[other]
        for one, how in self.pairs.items():
            if how == "same" and (one[0] in people) != (one[1] in people):
                self.pairs[one] = "apart" if one == pair else "open"

    def split(self, key: Key, customer: int, at: datetime) -> None:
        """An identity is somebody else's, who is `customer` from now on."""
        left = self.owner[key]
        others = [other for other, owner in self.owner.items() if owner == left and other != key]
        self.told[left, customer, key] = min(others, key=lambda other: other[0])  # the strongest, of several the one known first
        self.handled.add(left)
        self.merged[customer], self.created[customer] = None, at
        self.owner[key] = self.home[key] = customer
        self.pairs[left, customer, key] = "apart"
        self.by_hand.add((left, customer, key))
        self.seen[left, customer, key] = 1

    def share(self, key: Key) -> None:
        """Many people share a value: it names nobody, and pairs that wait because of it are two people."""
        self.shared.add(key)
        for pair, how in self.pairs.items():
            if how == "open" and pair not in self.by_hand and key in (pair[2], self.told[pair]):
                self.pairs[pair] = "apart"

    def leave(self, customer: int) -> None:
        """Somebody who stands for themselves asks to be forgotten, with everybody who was merged into them."""
        if customer not in self.gone:
            self.leaving |= self.one_person(customer)

    def about(self, people: Collection[int]) -> set[Pair | Key]:
        """The pairs that name these people, or somebody by what leads to these now; and which of it names nobody."""
        words = {value for (_kind, value), owner in self.owner.items() if owner in people}
        pairs = {pair for pair in self.pairs if set(pair[:2]) & set(people) or words & {pair[2][1], self.told[pair][1]}}
        return {*pairs, *(key for key in self.shared if key[1] in words)}

    def forget_said(self, people: Collection[int]) -> None:
        """What was said of these people and of values of theirs is forgotten, merges too."""
        about = self.about(people)
        self.shared -= about
        self._keep(self.pairs.keys() - about)
        self.taken = {who: pair for who, pair in self.taken.items() if who not in people}

    def let_go(self, people: Collection[int]) -> None:
        """Nothing leads to these people any more."""
        self.owner = {key: owner for key, owner in self.owner.items() if owner not in people}
        self.home = {key: home for key, home in self.home.items() if key in self.owner}
        self.leaving -= set(people)
        self.gone |= set(people)
