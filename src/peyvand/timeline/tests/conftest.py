"""A workspace with its default terms, and short ways to say items."""

import datetime as dt
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

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


def until_readable() -> None:
    """Wait until no open transaction of the whole PostgreSQL server holds back what was recorded: other tests have some."""
    end = time.monotonic() + 60
    while connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM timeline_interaction WHERE era = (SELECT max(number) FROM timeline_era) "
                "AND xid >= pg_snapshot_xmin(pg_current_snapshot())"
            )
            if not cursor.fetchone()[0]:
                return
        assert time.monotonic() < end, "a transaction stays open for a minute"
        time.sleep(0.02)


@pytest.fixture
def workspace(db: None) -> Workspace:
    return make_workspace()


@pytest.fixture
def item() -> Callable[..., Item]:
    return make_item
