"""A brand, someone who works there, and short ways to tell the timeline something and let profiles follow."""

from collections.abc import Callable

import pytest
from django.db import transaction

from peyvand.catalogue.queries import forget_names
from peyvand.catalogue.services import forget_known
from peyvand.customers.tests.telling import follow
from peyvand.timeline.services import record_many
from peyvand.timeline.types import Item, Outcome
from peyvand.workspaces.models import User, Workspace
from peyvand.workspaces.services.founding import create_owner, create_workspace


@pytest.fixture(autouse=True)
def _nothing_remembered():
    forget_names()
    forget_known()


@pytest.fixture
def workspace(db) -> Workspace:
    return create_workspace(name="سفالینه", slug="sofalineh")


@pytest.fixture
def other_workspace(db) -> Workspace:
    return create_workspace(name="رقیب", slug="raghib")


@pytest.fixture
def alice(workspace) -> User:
    return create_owner(workspace=workspace, email="alice@example.com", password=None, name="Alice").user


Tell = Callable[..., list[Outcome]]


@pytest.fixture
def tell(workspace) -> Tell:
    """Record items of this workspace and let profiles follow."""

    def told(*items: Item, to: Workspace = workspace, batch: int | None = None, following: bool = True) -> list[Outcome]:
        with transaction.atomic():
            outcomes = record_many(to.pk, items, batch=batch)
        if following:
            follow()
        return outcomes

    return told
