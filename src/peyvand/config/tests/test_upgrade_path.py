"""From the first shape of every table to that of today, killed on the way again and again: what was there before is there afterwards.

`PEYVAND_TEST_KILL_INSIDE=2` kills inside every other change; the suite does so inside every ninth.
"""

import os
import subprocess
import sys
from typing import Any

import pytest

from peyvand.config.command import SETTINGS
from peyvand.config.tests.running import Installation

pytestmark = pytest.mark.slow
LEAST_TABLES, LEAST_KILLS = 30, 4
NTH = os.environ.get("PEYVAND_TEST_KILL_INSIDE", "9")
CHANGED: dict[str, set[str]] = {}  # columns to which a change gives other values, by table


@pytest.fixture
def old(anywhere: Installation) -> Installation:
    """An installation of the first release, with rows in every table."""
    aged(anywhere, "lay")
    return anywhere


def aged(place: Installation, *what: str) -> str:
    environment = {**place.environ, "DJANGO_SETTINGS_MODULE": SETTINGS}
    words = [sys.executable, "-m", "peyvand.config.tests.ageing", *what]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def columns(place: Installation) -> dict[str, list[str]]:
    """The columns of every table."""
    if place.url:
        wanted = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' AND is_generated = 'NEVER'"
    else:
        wanted = "SELECT m.name, c.name FROM sqlite_master m, pragma_table_xinfo(m.name) c WHERE m.type = 'table' AND c.hidden = 0"
    found: dict[str, list[str]] = {}
    for table, column in place.ask(wanted):
        if not table.startswith(("django_", "auth_permission", "sqlite_")) and "search_" not in table:
            found.setdefault(table, []).append(column)
    return {table: sorted(names) for table, names in found.items()}


def rows(place: Installation, table: str, names: list[str]) -> list[tuple[Any, ...]]:
    quoted = ", ".join(f'"{name}"' for name in names)
    return sorted(place.ask(f'SELECT {quoted} FROM "{table}"'), key=repr)


def test_an_upgrade_from_the_first_shape_bears_kills_on_the_way(old: Installation) -> None:
    before = columns(old)
    held = {table: rows(old, table, names) for table, names in before.items()}
    filled = {table: names for table, names in before.items() if held[table]}
    assert len(filled) > LEAST_TABLES, sorted(filled)
    assert int(aged(old, "upgrade", NTH)) > LEAST_KILLS
    assert old.run("migrate", "--check").returncode == 0
    after, lost = columns(old), []
    for table, names in filled.items():
        kept = [name for name in names if name in after.get(table, ()) and name not in CHANGED.get(table, ())]
        places = [names.index(name) for name in kept]
        wanted = sorted((tuple(row[place] for place in places) for row in held[table]), key=repr)
        if not kept or rows(old, table, kept) != wanted:
            lost.append(table)
    assert lost == []
    back = old.run("upgrade", "--back")
    assert back.returncode == 0, back.stderr
    assert columns(old) == before, "and there is a way back to the first shape"
    assert {table: rows(old, table, names) for table, names in before.items()} == held
