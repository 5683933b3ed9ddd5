"""A brand with an owner, a real receiver, and a webhook that leads to it."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from django.test import Client

from peyvand.core import clock, jobs
from peyvand.timeline.services import record
from peyvand.timeline.subscriptions import run_once
from peyvand.timeline.tests.conftest import make_workspace
from peyvand.timeline.tests.settling import settle
from peyvand.timeline.types import CustomerIn, IdentityIn, Item, PerceptionIn
from peyvand.webhooks.models import Endpoint
from peyvand.webhooks.services import deliver, make_endpoint
from peyvand.webhooks.tests.receiver import Receiver, receiving
from peyvand.workspaces.models import User, Workspace
from peyvand.workspaces.services import create_owner


@pytest.fixture
def brand(transactional_db) -> Workspace:
    return make_workspace("Sofalineh")


@pytest.fixture
def owner(brand) -> User:
    return create_owner(workspace=brand, email="me@sofalineh.example", password="a long enough password").user


@pytest.fixture
def console(owner) -> Client:
    """The owner's browser, in English."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def receiver(settings) -> Iterator[Receiver]:
    with receiving() as server:
        settings.PEYVAND_INTERNAL_HOSTS = [server.host]
        yield server


@pytest.fixture
def webhook(brand, receiver) -> Endpoint:
    return make_endpoint(workspace=brand, name="warehouse", url=receiver.url, actor=None)[0]


@pytest.fixture
def happens(brand) -> Callable[..., int]:
    """Record something, let the subscription read it, and return the interaction's integer."""

    def record_one(kind: str = "order.placed", **fields: object) -> int:
        person = CustomerIn(identities=[IdentityIn("email", "negar@post.example")], name="Negar")
        felt = [PerceptionIn("csat", 4, text="Call me: 09121234567")]
        item = Item(kind=kind, occurred_at=clock.now() - dt.timedelta(minutes=1), customer=person, perceptions=felt, **fields)
        outcome = record(brand.pk, item)
        settle()
        while run_once():
            pass
        return outcome.interaction_id or 0

    return record_one


def tell(endpoint: Endpoint) -> None:
    """Do what the job does, once."""
    with suppress(jobs.Later):
        deliver(endpoint.pk)
