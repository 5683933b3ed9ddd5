"""Whoever adds a table says to which workspace its rows belong, or that they belong to none."""

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured

from peyvand.core import walls


def test_every_table_of_ours_has_a_wall_or_a_reason_to_stand_open():
    rules = walls.policies()  # raises where nobody said it of a table, with its name
    assert not rules.keys() & walls.open_tables().keys()
    assert all(walls.open_tables().values())


def test_what_is_declared_of_tables_is_of_tables_there_are():
    there = {model._meta.db_table for model in apps.get_models()}
    assert walls.policies().keys() | walls.open_tables().keys() <= there


def test_a_table_nobody_spoke_of_is_named(monkeypatch):
    monkeypatch.setattr(walls, "OPEN", {"core_schedule": "why"})
    with pytest.raises(ImproperlyConfigured, match="core_heartbeat"):
        walls.policies()
