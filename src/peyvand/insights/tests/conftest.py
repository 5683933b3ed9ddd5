"""A brand whose answers are in the lake, and short ways to give answers."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from peyvand.core import clock
from peyvand.insights import counting
from peyvand.timeline.lake.flushing import flush_once
from peyvand.timeline.services import record_many
from peyvand.timeline.tests.conftest import make_item, make_workspace
from peyvand.timeline.tests.settling import settle
from peyvand.timeline.types import Item, PerceptionIn
from peyvand.workspaces.models import Workspace

NOON = dt.datetime(2026, 6, 15, 9, 30, tzinfo=dt.UTC)  # Monday 25 Khordad 1405, 13:00 in Tehran


@pytest.fixture
def brand(transactional_db: None) -> Iterator[Workspace]:
    """A Persian workspace; time stands at NOON, nothing is remembered of other tests."""
    counting.forget()
    with clock.frozen(NOON):
        yield make_workspace()
    counting.forget()


def answer_item(
    value: float, *, measure: str = "nps", days_ago: float = 0, scale: tuple[float, float] | None = None, **fields: Any
) -> Item:
    """One answer."""
    felt = PerceptionIn(measure, value, scale, item=fields.pop("question", ""), text=fields.pop("text", ""))
    at = fields.pop("occurred_at", NOON - dt.timedelta(days=days_ago))
    return make_item(kind=fields.pop("kind", "review.written"), occurred_at=at, perceptions=[felt], **fields)


def keep(workspace: Workspace, items: Iterable[Item], **more: Any) -> None:
    """Record items and copy them to the lake."""
    outcomes = record_many(workspace.pk, list(items), **more)
    assert {outcome.status for outcome in outcomes} <= {"recorded", "duplicate"}, outcomes
    copy()


def copy() -> None:
    """Bring the lake up to date."""
    settle()
    while flush_once():
        pass


@pytest.fixture
def kept(brand: Workspace) -> Callable[..., None]:
    """Record and copy for the brand."""
    return lambda items, **more: keep(brand, items, **more)
