"""A brand with people and customers, and the clock on a working day: 13:00 in Tehran, Monday."""

import datetime as dt
from collections.abc import Callable

import pytest

from peyvand.cases.models import Case
from peyvand.cases.services import policy_of
from peyvand.cases.services.reacting import plan
from peyvand.catalogue.queries import forget_names
from peyvand.core import clock
from peyvand.timeline.models import Interaction
from peyvand.timeline.reading import Page, read_ids
from peyvand.timeline.services import record
from peyvand.timeline.types import CustomerIn, IdentityIn, Item, PerceptionIn, Subject
from peyvand.workspaces.models import Member, Workspace
from peyvand.workspaces.services import create_owner, create_workspace, put_member

Said = Callable[..., Case | None]


def answer(workspace: Workspace, *, phone="09120000012", value=3, measure="nps", scale=(0, 10), key="1", order="5218", at=None, **more):
    """Record one answer of one customer, and return its interaction's integer."""
    outcome = record(
        workspace.pk,
        Item(
            kind="review.written",
            occurred_at=at or clock.now(),
            customer=CustomerIn(identities=[IdentityIn("phone", phone)], name=more.pop("name", "نگار صبوری‌فر")),
            touchpoint="delivery",
            subject=Subject("order", order) if order else None,
            properties=more.pop("properties", {}),
            perceptions=[PerceptionIn(measure=measure, value=value, scale=scale, text=more.pop("text", "دیر رسید."))],
            source="test",
            external_id=key,
            **more,
        ),
    )
    assert outcome.interaction_id, outcome
    return outcome.interaction_id


def read_all() -> None:
    """React to everything that was recorded, also to what was read before: reading twice has one effect.

    The subscription itself sees only what is committed, so it is tried where tests commit (test_racing.py).
    """
    plan(Page(read_ids(list(Interaction.objects.values_list("id", flat=True)))))()


@pytest.fixture
def brand(db, frozen_clock) -> Workspace:
    forget_names()
    workspace = create_workspace(name="سفالینه", slug="sofal", language="fa")
    create_owner(workspace=workspace, email="owner@brand.example", password="long enough 1", name="پویا")
    return workspace


@pytest.fixture
def alice(brand) -> Member:
    return put_member(workspace=brand, email="alice@brand.example", name="Alice", role="agent")


@pytest.fixture
def bob(brand) -> Member:
    return put_member(workspace=brand, email="bob@brand.example", name="Bob", role="lead")


@pytest.fixture
def said(brand, alice) -> Said:
    """Say something unhappy and give the case that came of it."""

    def say(**answered) -> Case | None:
        interaction = answer(brand, **answered)
        read_all()
        return Case.objects.filter(workspace=brand, events__interaction=interaction).first()

    return say


@pytest.fixture
def hours(brand) -> Callable[..., None]:
    """Change the hours to the first contact."""

    def change(value: int) -> None:
        policy = policy_of(brand)
        policy.contact_hours = value
        policy.save()

    return change


TEHRAN = dt.timezone(dt.timedelta(hours=3, minutes=30))
