"""The linking rules by themselves: who an item belongs to, what is joined, and what is left for a person to decide."""

import itertools
from collections import Counter
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peyvand.identities.linking import Links
from peyvand.identities.types import MOST_GATHERED

OWN, PHONE, EMAIL, MESSENGER, DEVICE = 1, 2, 3, 4, 5
ALICE, BOB = (OWN, "alice"), (OWN, "bob")
ALICES_PHONE, BOBS_PHONE = (PHONE, "+989120000001"), (PHONE, "+989120000002")
ALICES_MAIL, BOBS_MAIL = (EMAIL, "alice@example.com"), (EMAIL, "bob@example.com")
TABLET, LAPTOP = (DEVICE, "tablet"), (DEVICE, "laptop")


@dataclass
class Book:
    """Who is known, as a database would tell it; items are linked one after the other."""

    owner: dict = field(default_factory=dict)
    free: itertools.count = field(default_factory=lambda: itertools.count(1))
    conflicts: list = field(default_factory=list)
    homes: dict = field(default_factory=dict)
    turned_away: list = field(default_factory=list)

    def tell(self, *items):
        """Link items in one call and return the customer of each."""
        own_id = {customer: value for (kind, value), customer in self.owner.items() if kind == OWN}
        strong = Counter(customer for (kind, _value), customer in self.owner.items() if kind != DEVICE)
        links = Links(self.owner, own_id, strong, self.free, self.homes)
        found = [links.owner[links.link(sorted(set(item)))] for item in items]
        self.conflicts += links.conflicts
        self.turned_away += links.turned_away
        return found

    @property
    def people(self):
        return set(self.owner.values())


def test_the_same_identity_is_the_same_person():
    book = Book()
    assert book.tell([ALICE], [ALICE], [BOB]) == [1, 1, 2]


def test_what_comes_together_belongs_together():
    book = Book()
    book.tell([ALICE, ALICES_PHONE, ALICES_MAIL, TABLET])
    assert book.tell([ALICES_PHONE], [ALICES_MAIL], [TABLET]) == [1, 1, 1]
    assert not book.conflicts


def test_a_new_strong_identity_joins_the_person_its_weaker_ones_lead_to():
    book = Book()
    book.tell([ALICES_PHONE])
    assert book.tell([ALICE, ALICES_PHONE], [ALICE]) == [1, 1]
    assert not book.conflicts


def test_one_persons_own_id_with_another_persons_phone_leaves_two_people():
    book = Book()
    book.tell([ALICE, ALICES_PHONE], [BOB, BOBS_PHONE])
    assert book.tell([ALICE, BOBS_PHONE]) == [1]
    assert book.owner[BOBS_PHONE] == 2
    assert book.conflicts == [(1, 2, ALICE, BOBS_PHONE)]


def test_a_new_own_id_with_a_phone_that_has_another_own_id_is_a_new_person():
    book = Book()
    book.tell([ALICE, ALICES_PHONE])
    assert book.tell([BOB, ALICES_PHONE]) == [2]
    assert book.owner[ALICES_PHONE] == 1
    assert book.conflicts == [(2, 1, BOB, ALICES_PHONE)]


def test_an_own_id_met_earlier_in_the_same_call_forbids_as_well():
    book = Book()
    assert book.tell([ALICE], [ALICE, ALICES_PHONE], [BOB, ALICES_PHONE]) == [1, 1, 2]
    assert book.conflicts == [(2, 1, BOB, ALICES_PHONE)]


def test_a_phone_and_a_mailbox_of_two_people_stay_theirs():
    book = Book()
    book.tell([ALICES_PHONE], [BOBS_MAIL])
    assert book.tell([ALICES_PHONE, BOBS_MAIL]) == [1]
    assert book.owner[BOBS_MAIL] == 2
    assert book.conflicts == [(1, 2, ALICES_PHONE, BOBS_MAIL)]


def test_a_visitor_who_names_himself_keeps_his_visits():
    book = Book()
    book.tell([TABLET])
    assert book.tell([ALICES_PHONE, TABLET]) == [1]


def test_a_shared_device_makes_nobody_one_and_is_no_conflict():
    book = Book()
    book.tell([ALICES_PHONE, TABLET])
    assert book.tell([BOBS_PHONE, TABLET]) == [2]
    assert book.owner[TABLET] == 1
    assert not book.conflicts


def test_a_second_phone_of_one_person_joins_by_the_mailbox():
    book = Book()
    book.tell([ALICES_PHONE, ALICES_MAIL])
    assert book.tell([BOBS_PHONE, ALICES_MAIL]) == [1]
    assert not book.conflicts


def test_what_joins_by_an_identity_that_will_go_back_goes_back_with_it():
    book = Book()
    book.tell([ALICES_PHONE], [ALICES_MAIL])
    book.owner[BOBS_PHONE], book.homes[BOBS_PHONE] = 1, 7  # Bob (7) was merged into Alice (1)
    assert book.tell([BOBS_PHONE, BOBS_MAIL], [(MESSENGER, "telegram:1"), BOBS_MAIL], [ALICES_PHONE, TABLET]) == [1, 1, 1]
    assert book.homes == {BOBS_PHONE: 7, BOBS_MAIL: 7, (MESSENGER, "telegram:1"): 7}


def test_one_who_has_gathered_very_much_gathers_no_more_by_themselves():
    book = Book()
    mails = [(EMAIL, f"{n}@example.com") for n in range(MOST_GATHERED + 2)]
    assert book.tell(*[[ALICES_PHONE, mail] for mail in mails]) == [1] * len(mails)
    assert len(book.owner) == MOST_GATHERED
    assert book.turned_away == [1, 1, 1]
    assert book.tell([BOB, ALICES_PHONE]) == [2], "a new own id is a person of its own"
    assert book.conflicts == [(2, 1, BOB, ALICES_PHONE)]
    assert book.tell([ALICES_PHONE, TABLET]) == [1]
    assert book.owner[TABLET] == 1, "devices are not counted"


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_two_own_ids_on_one_phone_are_two_people_in_any_order(order):
    items = [[ALICE, ALICES_PHONE], [BOB, ALICES_PHONE], [ALICES_PHONE]]
    book = Book()
    book.tell(*[items[n] for n in order])
    assert book.owner[ALICE] != book.owner[BOB]
    assert len(book.people) == 2


IDENTITIES = st.one_of(
    st.tuples(st.just(OWN), st.sampled_from("abc")),
    st.tuples(st.sampled_from([PHONE, EMAIL, MESSENGER]), st.sampled_from("1234")),
    st.tuples(st.just(DEVICE), st.sampled_from("xyz")),
)


def _one_own_id(item):
    return sum(kind == OWN for kind, _value in item) <= 1


ITEMS = st.lists(st.lists(IDENTITIES, min_size=1, max_size=4, unique=True).filter(_one_own_id), min_size=1, max_size=12)


@given(ITEMS)
def test_nobody_is_merged_whatever_comes(items):
    book = Book()
    before: dict = {}
    for item in items:
        book.tell(item)
        assert all(book.owner[key] == customer for key, customer in before.items()), "an identity changed hands by itself"
        before = dict(book.owner)
    own_ids = [customer for (kind, _value), customer in book.owner.items() if kind == OWN]
    assert len(own_ids) == len(set(own_ids)), "two own ids in one person"


@given(ITEMS)
def test_an_item_is_its_strongest_identitys_owners(items):
    book = Book()
    for item, customer in zip(items, book.tell(*items), strict=True):
        assert book.owner[min(item)] == customer
        assert {book.owner[key] for key in item if key[0] != DEVICE} - {customer} == {
            other for kept, other, key, _theirs in book.conflicts if key == min(item) and kept == customer and _theirs in item
        }


@given(ITEMS)
def test_one_call_or_many_give_the_same_people(items):
    together, apart = Book(), Book()
    assert together.tell(*items) == [customer for item in items for customer in apart.tell(item)]
    assert together.owner == apart.owner
    assert together.conflicts == apart.conflicts


@given(
    st.lists(
        st.lists(IDENTITIES.filter(lambda key: key[0] in {OWN, PHONE}), min_size=1, max_size=2, unique=True).filter(_one_own_id), max_size=8
    ),
    st.randoms(),
)
def test_own_ids_are_as_many_people_in_any_order(items, chance):
    shuffled = list(items)
    chance.shuffle(shuffled)
    one, other = Book(), Book()
    one.tell(*items)
    other.tell(*shuffled)
    own_ids = {key for item in items for key in item if key[0] == OWN}
    assert len({one.owner[key] for key in own_ids}) == len({other.owner[key] for key in own_ids}) == len(own_ids)
