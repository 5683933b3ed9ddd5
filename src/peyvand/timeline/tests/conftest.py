"""A workspace with its default terms, and short ways to say items."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from peyvand.catalogue.services import lay_defaults
from peyvand.timeline.types import CustomerIn, IdentityIn, Item
from peyvand.workspaces.models import Workspace
from peyvand.workspaces.services import create_workspace

AT = dt.datetime(2026, 6, 1, 10, 30, tzinfo=dt.timezone(dt.timedelta(hours=3, minutes=30)))


def make_workspace(name: str = "Golestan") -> Workspace:
    workspace = create_workspace(name=name)
    lay_defaults(workspace=workspace)
    return workspace


def make_item(kind: str = "order.placed", who: str = "", **fields: Any) -> Item:
    """An item of one own id (`alice`) or phone (`0912…`), or of nobody."""
    if who:
        identity = IdentityIn("phone" if who.startswith("0") else "own_id", who)
        fields.setdefault("customer", CustomerIn(identities=[identity]))
    return Item(kind=kind, occurred_at=fields.pop("occurred_at", AT), **fields)


@pytest.fixture
def workspace(db: None) -> Workspace:
    return make_workspace()


@pytest.fixture
def item() -> Callable[..., Item]:
    return make_item
