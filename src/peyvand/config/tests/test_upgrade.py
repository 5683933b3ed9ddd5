"""To a newer release and back: a backup first, the same rows after, and a kill half-way costs nothing but a second run."""

import json
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from peyvand.config.tests.running import Installation

pytestmark = pytest.mark.slow
NEWER = "peyvand.config.tests.growing"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    """An installation of the release before, with a workspace."""
    server = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    name = f"peyvand_upgrade_{os.getpid()}"
    if server:
        with psycopg.connect(server, autocommit=True) as database:
            database.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            database.execute(f"CREATE DATABASE {name}")
    made = Installation(tmp_path / "installation", url=f"{server.rpartition('/')[0]}/{name}" if server else "")
    for words in (("upgrade",), ("createworkspace", "نارنج", "--slug", "narenj"), ("createkey", "--scope", "read")):
        done = made.run(*words)
        assert done.returncode == 0, done.stderr
    yield made
    made.stop()
    if server:
        with psycopg.connect(server, autocommit=True) as database:
            database.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def ask(place: Installation, statement: str) -> list[Any]:
    if place.url:
        with psycopg.connect(place.url) as database:
            return database.execute(statement).fetchall()
    with closing(sqlite3.connect(place.data / "peyvand.sqlite3")) as database:
        return database.execute(statement).fetchall()


def things(place: Installation) -> Any:
    try:
        return ask(place, "SELECT id FROM growing_thing")
    except (sqlite3.OperationalError, psycopg.errors.UndefinedTable):
        return None


def test_an_upgrade_killed_half_way_is_run_again_and_can_be_gone_back_from(place: Installation) -> None:
    keys = ask(place, "SELECT * FROM workspaces_apikey ORDER BY id")
    assert not (place.data / "backups").exists(), "a new installation has nothing to lose"
    place.apps = NEWER
    (place.data / "kill").touch()
    assert place.run("upgrade").returncode == -9
    (backup,) = (place.data / "backups").iterdir()
    assert (things(place), json.loads((place.data / "upgrade.json").read_text())["done"]) == ([], False), "the half stands, the rest not"
    before = backup.read_bytes()
    (place.data / "kill").unlink()
    done = place.run("upgrade", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"applied": ["growing.0002_killed"], "backup": str(backup)}
    assert backup.read_bytes() == before, "the state before the first try, not that of its half"
    assert [tuple(row) for row in things(place)] == [(1,)]
    assert place.run("upgrade").stdout == "The database is up to date.\n"

    back = place.run("upgrade", "--back", "--json")
    assert back.returncode == 0, back.stderr
    assert things(place) is None
    assert Path(json.loads(back.stdout)["left"]).exists()
    assert place.run("migrate", "--check").returncode == 1, "the newer release sees that this is older"
    place.apps = ""
    assert place.run("migrate", "--check").returncode == 0, "and the release of then finds its own"
    assert ask(place, "SELECT * FROM workspaces_apikey ORDER BY id") == keys
    again = place.run("upgrade", "--back")
    assert (again.returncode, "there is no upgrade to go back from" in again.stderr) == (1, True)


def test_nothing_is_changed_under_a_running_server(place: Installation) -> None:
    place.serve()
    end = time.monotonic() + 60
    while not ask(place, "SELECT 1 FROM core_heartbeat WHERE role = 'worker'"):
        assert time.monotonic() < end
        time.sleep(0.1)
    place.apps = NEWER
    done = place.run("upgrade")
    assert (done.returncode, "Stop it first; nothing was changed" in done.stderr) == (1, True)
    assert things(place) is None
