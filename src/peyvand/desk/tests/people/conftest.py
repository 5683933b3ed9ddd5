"""A brand with people of every role and a few customers, seen through the console."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client

from peyvand.catalogue.queries import forget_names
from peyvand.catalogue.services import forget_known, lay_defaults
from peyvand.core.ids import public_id
from peyvand.customers.tests.telling import follow
from peyvand.identities.models import Customer
from peyvand.timeline.services import record_many
from peyvand.timeline.types import Item
from peyvand.workspaces.models import Workspace
from peyvand.workspaces.services import create_owner, create_workspace, put_member

SIGN_IN = settings.AUTHENTICATION_BACKENDS[-1]
Tell = Callable[..., None]
Enter = Callable[..., Client]


@pytest.fixture(autouse=True)
def _nothing_remembered():
    forget_names()
    forget_known()


@pytest.fixture
def brand(db, frozen_clock) -> Workspace:
    workspace = create_workspace(name="سفالینه", slug="sofalineh")
    lay_defaults(workspace=workspace)
    create_owner(workspace=workspace, email="owner@brand.example", password=None, name="پویا")
    return workspace


@pytest.fixture
def rival(db) -> Workspace:
    workspace = create_workspace(name="رقیب", slug="raghib")
    create_owner(workspace=workspace, email="owner@rival.example", password=None, name="رقیب")
    return workspace


@pytest.fixture
def tell(brand) -> Tell:
    """Record items and let profiles follow."""

    def told(*items: Item, to: Workspace = brand) -> None:
        with transaction.atomic():
            record_many(to.pk, items)
        follow()

    return told


@pytest.fixture
def enter(brand) -> Enter:
    """A browser of somebody of this role, in a language."""

    def entered(role: str = "agent", *, language: str = "en", workspace: Workspace = brand) -> Client:
        if role == "owner":
            member = workspace.members.get(role="owner")
        else:
            member = put_member(workspace=workspace, email=f"{role}@{workspace.slug}.example", name=role.title(), role=role)
        member.user.language = language
        member.user.save()
        client = Client(headers={"Accept-Language": language})
        client.force_login(member.user, backend=SIGN_IN)
        return client

    return entered


def page(customer: Customer, *rest: str, slug: str = "sofalineh") -> str:
    """The address of a customer's page, or of something on it."""
    pid = public_id(bytes(customer.workspace.id_key), customer.pk)
    return "/".join([f"/w/{slug}/customers", pid, *rest, ""])


def customer(name: str) -> Customer:
    """The customer of this name."""
    return Customer.objects.select_related("workspace").get(name=name)


def text(response) -> str:
    """What a page says, spaces folded."""
    return " ".join(response.content.decode().split())
