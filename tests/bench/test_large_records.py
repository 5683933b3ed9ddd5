"""A store made by copying a tile holds what the product would have recorded of the same people and days."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from django.db import transaction

from peyvand.catalogue.models import Term
from peyvand.catalogue.services import lay_defaults
from peyvand.config.diagnosis.records import integrity
from peyvand.core import clock
from peyvand.core.db import is_sqlite
from peyvand.customers.models import Profile
from peyvand.customers.queries.listing import Wanted, listed
from peyvand.customers.queries.search import read_search
from peyvand.customers.services.indexing import index_some
from peyvand.customers.services.lifecycle import note_moves
from peyvand.identities.models import Identity
from peyvand.timeline.models import Interaction, Perception
from peyvand.timeline.services import record_many
from peyvand.timeline.subscriptions import advance, subscribers
from peyvand.timeline.tests.settling import settle
from peyvand.timeline.types import CustomerIn, IdentityIn, Item, Status
from peyvand.timeline.watching import waits
from peyvand.workspaces.models import Workspace
from peyvand.workspaces.services import create_workspace
from tests.bench import large_records, tile

ROWS, PEOPLE, COPIES, HEAVY = 300, 20, 3, 45
PERSON = (
    "customer__name merged sort_name has_phone has_email known made_from interactions contacts purchases deliveries matters "
    "purchase_total currency last_channel last_measure last_value last_low last_high last_band last_nps stage "
    "entry__search_key entry__contact_key"
).split()
MOMENTS = "first_seen_at last_seen_at first_purchase_at last_purchase_at last_channel_at last_score_at last_nps_at look_again_at".split()
TOLD = "occurred_at subject_id properties amount currency duration_s response_s".split()
CODED = "kind channel touchpoint stage product branch employee device language subject_type source".split()

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def now() -> Iterator[dt.datetime]:
    with clock.frozen(clock.now()):
        yield clock.now()


def brand(name: str) -> Workspace:
    workspace = create_workspace(name=name, slug=name)
    lay_defaults(workspace=workspace)
    return workspace


def as_copied(item: Item, k: int) -> Item:
    """What happens in a copy of the tile; the first customer is one person in all of them."""
    text = msgspec.json.encode(item).decode().replace(tile.MARK, f"{k:03d}x").replace("+9891000", f"+9891{k:03d}")
    copied = msgspec.json.decode(text, type=Item)
    copied.occurred_at = item.occurred_at + dt.timedelta(microseconds=large_records.APART * k)
    if item.customer is not None and set(item.customer.identities) & set(tile.identities(0)):
        copied.customer = item.customer
    copied.external_id = f"{item.external_id} {k}"
    return copied


def record_by_hand(workspace: Workspace, items: list[Item]) -> None:
    """The same people and days, as the product takes them in."""
    with transaction.atomic():
        record_many(workspace.pk, [as_copied(item, k) for item in items for k in range(COPIES)])
    settle()
    while advance(subscribers()["customers"]):
        pass
    while note_moves():
        pass
    while is_sqlite() and index_some(1_000):
        pass


def people(workspace: Workspace) -> dict[str, dict[str, Any]]:
    """Everything a profile holds, by all the ways somebody is known."""
    codes = dict(Term.objects.values_list("pk", "code"))
    found = {}
    for row in Profile.objects.filter(workspace=workspace).values("customer", *PERSON, *MOMENTS):
        ways = Identity.objects.filter(customer=row.pop("customer")).order_by("type", "value").values_list("value", flat=True)
        row |= {name: codes.get(row[name]) for name in ("last_channel", "last_measure")}
        found[" ".join(ways)] = row
    return found


def deeds(workspace: Workspace) -> list[tuple[Any, ...]]:
    """Every interaction in order, by codes and by who it was, with what was felt."""
    codes = dict(Term.objects.values_list("pk", "code"))
    felt: dict[int, list[Any]] = {}
    for one in Perception.objects.order_by("pk"):
        score = (one.value, one.low, one.high, one.text)
        felt.setdefault(one.pk >> 6, []).append((one.pk & 63, codes[one.measure], codes.get(one.item or 0), *score))
    rows = Interaction.objects.filter(workspace=workspace).order_by("pk").values_list("pk", "identity__value", *TOLD, *CODED)
    width = 2 + len(TOLD)
    return [(*row[1:width], *map(codes.get, row[width:]), felt.get(row[0])) for row in rows]


def found_by(workspace: Workspace, text: str) -> int:
    return len(listed(Wanted(workspace, read_search(workspace.pk, "IR", text, contacts=True), size=500)).profiles)


def test_copies_are_what_the_product_would_have_recorded(now: dt.datetime) -> None:
    made = brand("made")
    told = large_records.make(made, ROWS * COPIES, rows=ROWS, people=PEOPLE, whale=HEAVY * COPIES)
    recorded = brand("recorded")
    record_by_hand(recorded, tile.items(PEOPLE, ROWS, HEAVY, now))
    assert told["copies"] == COPIES
    assert len(people(made)) == (PEOPLE - 1) * COPIES + 1
    assert people(made) == people(recorded)
    assert deeds(made) == deeds(recorded)
    assert people(made)[" ".join(one.value for one in tile.identities(0))]["interactions"] == HEAVY * COPIES
    for text in ("علی", "محم", "0911000100001"[:9], "m001x2", "c002x4", "+989100200001"):
        assert found_by(made, text) == found_by(recorded, text), text


def test_a_made_store_is_sound_and_goes_on(now: dt.datetime) -> None:
    made = brand("made")
    large_records.make(made, ROWS * COPIES, rows=ROWS, people=PEOPLE, whale=HEAVY * COPIES)
    settle()
    assert {wait.count for wait in waits()} == {0}
    assert not list(diagnosis_faults())
    external = Interaction.objects.filter(external_id__startswith="shop-").values_list("external_id", flat=True).first()
    again = Item(kind="order.placed", occurred_at=now, source="shop", external_id=external)
    known = CustomerIn([IdentityIn("phone", "+989100100001")])
    fresh = Item(kind="order.placed", occurred_at=now, source="shop", external_id="new", customer=known)
    with transaction.atomic():
        first, second = record_many(made.pk, [again, fresh])
    assert (first.status, second.status) == (Status.DUPLICATE, Status.RECORDED)
    assert Interaction.objects.filter(pk=second.interaction_id or 0, identity__value="+989100100001").exists()


def diagnosis_faults() -> Iterator[str]:
    return (words for state, words in integrity() if state == "fault")
