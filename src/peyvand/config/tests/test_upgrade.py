"""To a newer release and back: a backup first, the same rows after, and a kill half-way costs nothing but a second run."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from tests.moulds import cast
from tests.waiting import until

from peyvand.config.tests.running import Installation

pytestmark = pytest.mark.slow
NEWER = "peyvand.config.tests.growing"


@pytest.fixture
def place(anywhere: Installation) -> Installation:
    """An installation of the release before, with a workspace."""
    return cast(anywhere, founded)


def founded(place: Installation) -> None:
    for words in (("upgrade",), ("createworkspace", "نارنج", "--slug", "narenj"), ("createkey", "--scope", "read")):
        done = place.run(*words)
        assert done.returncode == 0, done.stderr


def things(place: Installation) -> Any:
    try:
        return place.ask("SELECT id FROM growing_thing")
    except (sqlite3.OperationalError, psycopg.errors.UndefinedTable):
        return None


def test_an_upgrade_killed_half_way_is_run_again_and_can_be_gone_back_from(place: Installation) -> None:
    keys = place.ask("SELECT * FROM workspaces_apikey ORDER BY id")
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
    assert things(place) == [(1,)]
    assert place.run("upgrade").stdout == "The database is up to date.\n"

    back = place.run("upgrade", "--back", "--json")
    assert back.returncode == 0, back.stderr
    assert things(place) is None
    assert Path(json.loads(back.stdout)["left"]).exists()
    assert place.run("migrate", "--check").returncode == 1, "the newer release sees that this is older"
    place.apps = ""
    assert place.run("migrate", "--check").returncode == 0, "and the release of then finds its own"
    assert place.ask("SELECT * FROM workspaces_apikey ORDER BY id") == keys
    again = place.run("upgrade", "--back")
    assert (again.returncode, "there is no upgrade to go back from" in again.stderr) == (1, True)


def test_nothing_is_changed_under_a_running_server(place: Installation) -> None:
    place.serve()
    until(lambda: place.ask("SELECT 1 FROM core_heartbeat WHERE role = 'worker'"), every=0.1)
    place.apps = NEWER
    done = place.run("upgrade")
    assert (done.returncode, "Stop it first; nothing was changed" in done.stderr) == (1, True)
    assert things(place) is None


def test_nothing_is_changed_under_a_web_that_runs_alone(place: Installation, tmp_path: Path) -> None:
    saved, orders = tmp_path / "saved.tar.gz", "SELECT count(*) FROM timeline_interaction"
    key = json.loads(place.run("createkey", "--scope", "ingest", "--json").stdout)["key"]
    place.serve("web")
    assert place.ask("SELECT count(*) FROM core_heartbeat WHERE role = 'web'") == [(1,)], "who serves has told so before"
    assert place.run("backup", str(saved)).returncode == 0
    assert place.run("rotate-secrets").returncode == 0
    for words in (("restore", str(saved), "--force"), ("compact",), ("rotate-secrets", "--finish")):
        if place.url and words[0] == "compact":
            continue  # PostgreSQL has no need of it
        done = place.run(*words)
        assert (done.returncode, "web " in done.stderr, "top it first" in done.stderr or "Restart it" in done.stderr) == (1, True, True)
    place.apps = NEWER
    refused = place.run("upgrade")
    assert (refused.returncode, "Stop it first; nothing was changed" in refused.stderr) == (1, True)
    assert things(place) is None
    item = {"kind": "order.placed", "occurred_at": "2026-06-15T09:00:00Z", "source": "shop", "external_id": "1"}
    taken = httpx.post(
        f"http://127.0.0.1:{place.port}/api/v1/interactions", json=[item], headers={"authorization": f"Bearer {key}"}, timeout=30
    )
    assert (taken.status_code, place.ask(orders)) == (200, [(1,)])
    place.apps = ""
    place.running[-1].kill()
    place.running[-1].wait()
    assert place.ask("SELECT count(*) FROM core_heartbeat") == [(1,)], "who is killed takes no leave"
    done = place.run("restore", str(saved), "--force")
    assert (done.returncode, place.ask(orders)) == (0, [(0,)]), done.stderr
    assert place.ask("SELECT count(*) FROM core_heartbeat") == [(0,)], "of who ran when the backup was made none is left"
    open_to_others = [path.name for path in place.data.rglob("*restor*") if path.stat().st_mode & 0o077]
    assert open_to_others == []


def test_a_web_that_ends_takes_leave(place: Installation) -> None:
    place.serve("web")
    place.stop()
    assert place.ask("SELECT count(*) FROM core_heartbeat") == [(0,)]
