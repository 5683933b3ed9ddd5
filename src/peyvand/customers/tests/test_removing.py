"""A way to know a customer is taken away while something is being recorded by it: one of the two waits for the other."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from peyvand.catalogue.queries import forget_names
from peyvand.core import clock
from peyvand.customers.services import people
from peyvand.identities.models import Identity
from peyvand.identities.services.resolving import IdentityError
from peyvand.timeline.models import Interaction
from peyvand.timeline.services import record
from peyvand.timeline.types import CustomerIn, IdentityIn, Item
from peyvand.workspaces.services import create_owner, create_workspace

pytestmark = pytest.mark.django_db(transaction=True)
WRONG = IdentityIn("email", "wrong@mail.example")


def ended(act) -> None:
    try:
        act()
    finally:
        connection.close()


def test_nothing_is_recorded_by_an_identity_that_is_being_removed():
    forget_names()
    brand = create_workspace(name="سفالینه", slug="sofalineh")
    owner = create_owner(workspace=brand, email="owner@brand.example", password="long enough 1").user
    customer = people.add_customer(workspace=brand, name="سارا", given={"phone": "09120000012", "email": WRONG.value}, actor=owner)
    wrong = customer.identities.get(value=WRONG.value)
    recorded, removing = threading.Event(), threading.Event()

    def records() -> None:
        with transaction.atomic():
            record(brand.pk, Item(kind="order.placed", occurred_at=clock.now(), customer=CustomerIn(identities=[WRONG])))
            recorded.set()
            assert removing.wait(5)
            assert not removed.done()  # it waits for what is not committed yet

    def removes() -> None:
        assert recorded.wait(5)
        threading.Timer(0.3, removing.set).start()
        people.remove_identity(identity=wrong, actor=owner)

    with ThreadPoolExecutor(2) as threads:
        removed = threads.submit(ended, removes)
        threads.submit(ended, records).result()
        with pytest.raises(IdentityError):
            removed.result()
    assert Identity.objects.get(value=WRONG.value).pk == Interaction.objects.get().identity_id
    forget_names()
