"""Ways to know a customer are taken away while something is being recorded by them: one of the two waits for the other."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait

import pytest
from django.db import connection, transaction
from tests.waiting import PATIENCE

from peyvand.catalogue.queries import forget_names
from peyvand.core import clock
from peyvand.customers.services import people
from peyvand.customers.services.undoing import clear_undone
from peyvand.identities.models import Customer, Identity
from peyvand.identities.services.resolving import IdentityError
from peyvand.timeline.models import Batch, Interaction
from peyvand.timeline.services import open_batch, record, undo_batch
from peyvand.timeline.types import CustomerIn, IdentityIn, Item
from peyvand.workspaces.models import User, Workspace
from peyvand.workspaces.services import create_owner, create_workspace

pytestmark = pytest.mark.django_db(transaction=True)
WRONG = IdentityIn("email", "wrong@mail.example")


@pytest.fixture
def brand(transactional_db: None) -> Iterator[Workspace]:
    forget_names()
    yield create_workspace(name="سفالینه", slug="sofalineh")
    forget_names()


@pytest.fixture
def owner(brand: Workspace) -> User:
    return create_owner(workspace=brand, email="owner@brand.example", password="long enough 1").user


def ordered() -> Item:
    return Item(kind="order.placed", occurred_at=clock.now(), customer=CustomerIn(identities=[WRONG]))


def while_recording(brand: Workspace, act: Callable[[], object]) -> Future[object]:
    """Do something in another thread while an order by WRONG is recorded but not committed yet, which it must wait for."""
    recorded = threading.Event()

    def ended(what: Callable[[], object]) -> object:
        try:
            return what()
        finally:
            connection.close()

    def records() -> None:
        with transaction.atomic():
            record(brand.pk, ordered())
            recorded.set()
            assert not wait([acted], 1).done

    def acts() -> object:
        assert recorded.wait(PATIENCE)
        return act()

    with ThreadPoolExecutor(2) as threads:
        acted = threads.submit(ended, acts)
        threads.submit(ended, records).result()
    return acted


def test_nothing_is_recorded_by_an_identity_that_is_being_removed(brand, owner):
    customer = people.add_customer(workspace=brand, name="سارا", given={"phone": "09120000012", "email": WRONG.value}, actor=owner)
    wrong = customer.identities.get(value=WRONG.value)
    removed = while_recording(brand, lambda: people.remove_identity(identity=wrong, actor=owner))
    with pytest.raises(IdentityError):
        removed.result()
    assert Identity.objects.get(value=WRONG.value).pk == Interaction.objects.get().identity_id


def test_whoever_an_undone_import_brought_stays_when_something_is_just_being_recorded_by_them(brand):
    batch = open_batch(workspace=brand, label="سفارش‌ها.csv")
    record(brand.pk, ordered(), batch=batch.pk)
    undo_batch(batch=batch)
    Batch.objects.filter(pk=batch.pk).update(out_of_lake=True)
    while_recording(brand, lambda: list(clear_undone(batch=batch))).result()
    assert Interaction.objects.get().identity_id == Identity.objects.get(value=WRONG.value).pk
    assert Customer.objects.count() == 1


def test_a_way_to_reach_somebody_typed_while_it_is_first_met_is_told_to_be_another_customers(brand, owner):
    customer = people.add_customer(workspace=brand, name="سارا", given={"phone": "09120000012"}, actor=owner)
    added = while_recording(brand, lambda: people.add_identity(customer=customer, type_name="email", value=WRONG.value, actor=owner))
    with pytest.raises(IdentityError):
        added.result()
    assert Identity.objects.get(value=WRONG.value).customer_id != customer.pk
