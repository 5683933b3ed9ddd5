"""A brand with an owner, a customer with an address, and a real mail server."""

import datetime as dt
from collections.abc import Iterator

import pytest
from django.test import Client

from peyvand.channels.services import set_channel
from peyvand.channels.tests.smtp import Inbox, smtp_server
from peyvand.core import clock
from peyvand.identities.models import Customer
from peyvand.timeline.services import record
from peyvand.timeline.types import CustomerIn, IdentityIn, Item
from peyvand.workspaces.models import User, Workspace
from peyvand.workspaces.services import create_owner, create_workspace


@pytest.fixture
def brand(db) -> Workspace:
    return create_workspace(name="Sofalineh", slug="sofalineh", names={"fa": "سفالینه", "en": "Sofalineh"})


@pytest.fixture
def owner(brand) -> User:
    return create_owner(workspace=brand, email="me@sofalineh.example", password="a long enough password").user


@pytest.fixture
def console(owner) -> Client:
    """The owner's browser."""
    client = Client()
    client.force_login(owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def negar(brand) -> Customer:
    item = Item(
        kind="order.placed",
        occurred_at=clock.now() - dt.timedelta(days=1),
        customer=CustomerIn(identities=[IdentityIn("email", "negar@post.example")], name="نگار"),
    )
    return Customer.objects.get(pk=record(brand.pk, item).customer_id)


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with smtp_server() as server:
        yield server


@pytest.fixture
def mailbox(brand, inbox) -> Inbox:
    """The brand's own channel points at the mail server."""
    values = {
        "host": inbox.host,
        "port": str(inbox.port),
        "tls": "none",
        "user": "",
        "password": "s3cret",
        "sender": "salam@sofalineh.example",
    }
    set_channel(workspace=brand, kind="email", name="سفالینه", values=values)
    return inbox
