"""Each command with each of its writes refused: all of it was done or nothing, and trying again comes to the same end.

Of those that take several steps, each begun anew, only some writes; `PEYVAND_TEST_ALL_WRITES=1` refuses every one.
"""

import datetime as dt
import inspect
import os
from collections.abc import Iterator
from types import ModuleType

import pytest
from django.apps import apps
from django.db import connection, transaction

from peyvand.cases import services as cases
from peyvand.catalogue import queries as catalogue_queries
from peyvand.catalogue import services as catalogue
from peyvand.channels import services as channels
from peyvand.core import clock
from peyvand.customers.services import merging
from peyvand.imports import services as imports
from peyvand.surveys import services as surveys
from peyvand.timeline.models import Era
from peyvand.webhooks import services as webhooks
from tests.emptying import empty
from tests.faults.brand import Brand
from tests.faults.breaking import BrokenError, Rows, counted, differing, everything, refusing
from tests.faults.commands import COMMANDS, UNTRIED, Command

pytestmark = pytest.mark.slow
MORNING = dt.datetime(2026, 6, 15, 9, 30, tzinfo=dt.UTC)  # a Monday, 13:00 in Tehran
MOST_WRITES = 400
SAMPLE = 8  # writes of a long command, from the first to the last
ALL = "PEYVAND_TEST_ALL_WRITES" in os.environ


@pytest.fixture
def brand(db) -> Iterator[Brand]:
    with clock.frozen(MORNING, tokens=True):
        yield Brand()


def used(command: Command, brand: Brand, refused: int | None = None) -> tuple[int, bool]:
    """Use a command, one of its writes refused; gives how many writes it asked for, and whether it told of the refusal."""
    catalogue.forget_known()
    catalogue_queries.forget_names()
    told = False
    with clock.frozen(clock.now(), seed=1, tokens=True), refusing(refused) as writes:
        try:
            command.use(brand)
        except BrokenError:
            told = True
            connection.needs_rollback = False  # the fault was ours, the database is well
    return writes.count, told


@pytest.mark.parametrize("name", sorted(name for name, command in COMMANDS.items() if not command.steps))
def test_with_any_write_refused_all_of_a_command_is_done_or_nothing(brand, name):
    command = COMMANDS[name]
    command.lay(brand)
    before = everything()
    point = transaction.savepoint()
    writes, _told = used(command, brand)
    after = everything()
    transaction.savepoint_rollback(point)
    assert 0 < writes < MOST_WRITES
    assert differing(before, after)
    for number in range(1, writes + 1):
        point = transaction.savepoint()
        _count, told = used(command, brand, number)
        assert told, f"nobody was told that write {number} was refused"
        between = everything()
        assert between == before, f"write {number} refused left {differing(between, before)}"
        used(command, brand)
        ended = everything()
        assert same(ended, after), f"after write {number} was refused, trying again ended otherwise: {differing(ended, after)}"
        transaction.savepoint_rollback(point)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", sorted(name for name, command in COMMANDS.items() if command.steps))
def test_what_takes_several_steps_comes_to_its_end_whichever_write_is_refused(name):
    command = COMMANDS[name]
    with clock.frozen(MORNING, tokens=True):
        writes, _told = used(command, laid(command))
        after = shape(everything())
        assert 0 < writes < MOST_WRITES
        for number in range(1, writes + 1) if ALL else sorted({1 + k * (writes - 1) // (SAMPLE - 1) for k in range(SAMPLE)}):
            brand = laid(command)
            used(command, brand, number)
            used(command, brand)
            ended = shape(everything())
            assert ended == after, f"after write {number} was refused, trying again ended otherwise"


def laid(command: Command) -> Brand:
    """A brand of its own, in the situation of a command, committed."""
    empty("default")
    catalogue.forget_known()
    catalogue_queries.forget_names()
    Era.objects.get_or_create(number=1)
    brand = Brand()
    command.lay(brand)
    return brand


def shape(rows: Rows) -> dict[str, tuple[int, list[str]]]:
    """How many rows each table has, and in which states, whatever their numbers."""
    states = {model._meta.label: model for model in apps.get_models() if "state" in {field.name for field in model._meta.concrete_fields}}
    return {
        label: (len(found), sorted(map(str, states[label]._base_manager.values_list("state", flat=True))) if label in states else [])
        for label, found in rows.items()
    }


def same(one: Rows, other: Rows) -> bool:
    """Equal to the last byte on SQLite; as many rows everywhere on PostgreSQL, which gives no number twice."""
    return counted(one) == counted(other) if connection.vendor == "postgresql" else one == other


PLACES = {"channels": channels, "surveys": surveys, "cases": cases, "webhooks": webhooks, "imports": imports, "merging": merging}


@pytest.mark.parametrize("place", sorted(PLACES))
def test_every_service_that_writes_is_tried_or_says_why_not(place):
    known = {name.removeprefix(f"{place}.") for name in COMMANDS | UNTRIED if name.startswith(f"{place}.")}
    assert services_of(PLACES[place]) - known == set()


def services_of(module: ModuleType) -> set[str]:
    """What a module of services offers."""
    offered = getattr(module, "__all__", None) or [
        name for name, thing in inspect.getmembers(module, inspect.isfunction) if thing.__module__ == module.__name__ and name[0] != "_"
    ]
    return {name for name in offered if inspect.isfunction(getattr(module, name))}


def test_nothing_is_named_that_is_not_there():
    missing = [name for name in UNTRIED if not hasattr(PLACES[name.partition(".")[0]], name.partition(".")[2])]
    assert missing == []
