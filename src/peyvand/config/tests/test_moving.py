"""From SQLite to PostgreSQL by a backup: every row arrives as it was, figures stay, and readers of the timeline go on where they stood."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from tests.moulds import cast, databases

from peyvand.config.command import SETTINGS
from peyvand.config.tests.running import Installation

pytestmark = [pytest.mark.slow, pytest.mark.postgres]
PEOPLE, ITEMS = 17, 120
PATIENCE = 120  # seconds, on a machine that has other things to do
ASKED = ("nps?by=channel", "nps?by=month", "csat?by=branch&where=channel=sms")
MADE_ANEW = ("core.heartbeat", "timeline.era", "timeline.place", "timeline.lakeflush")  # by any restore
EVERYTHING: Final = """
import sys, django; django.setup()
from django.core.management import call_command
call_command("dumpdata", "--all", *(f"--exclude={name}" for name in sys.argv[1:]), verbosity=0)
"""


@pytest.fixture
def target(postgres_url: str, tmp_path: Path) -> Iterator[Installation]:
    """An empty installation on PostgreSQL."""
    with databases(postgres_url, "moved") as (url,):
        made = Installation(tmp_path / "target", url=url)
        yield made
        made.stop()


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Installation]:
    """An installation on SQLite."""
    made = Installation(tmp_path / "source")
    yield made
    made.stop()


def done(place: Installation, *words: str) -> str:
    ended = place.run(*words)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def python(place: Installation, *words: str) -> str:
    environment = {**place.environ, "DJANGO_SETTINGS_MODULE": SETTINGS}
    ended = subprocess.run([sys.executable, *words], env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def rows(place: Installation) -> dict[str, list[str]]:
    """Every row of every model, by model, as Django reads it."""
    found: dict[str, list[str]] = {}
    for row in json.loads(python(place, "-c", EVERYTHING, *MADE_ANEW)):
        found.setdefault(row["model"], []).append(json.dumps(row, sort_keys=True, ensure_ascii=False))
    return {model: sorted(told) for model, told in found.items()}


def moved(source: Installation, target: Installation, path: Path) -> dict[str, int]:
    """Bring all over; returns how many rows of each table the backup holds."""
    done(source, "backup", str(path))
    said = json.loads(done(target, "restore", str(path), "--json"))
    assert (said["engine"], said["restored"]) == ("sqlite", True)
    tables: dict[str, int] = said["tables"]
    return tables


def old(place: Installation) -> None:
    """An installation with rows in every table of the first release, brought to this one's shape."""
    python(place, "-m", "peyvand.config.tests.ageing", "lay")
    done(place, "upgrade")


def test_every_row_of_every_table_arrives_as_it_was(source: Installation, target: Installation, tmp_path: Path) -> None:
    before = rows(cast(source, old))
    assert len(before) > 40
    tables = moved(source, target, tmp_path / "saved.tar.gz")
    after = rows(target)
    assert after.keys() == before.keys()
    assert [model for model in before if after[model] != before[model]] == []
    there = [name for (name,) in target.ask("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    made_anew = {"django_migrations", *(name.replace(".", "_") for name in MADE_ANEW)}
    counted = {name: target.ask(f'SELECT count(*) FROM "{name}"')[0][0] for name in there if name not in made_anew}
    assert counted == {name: tables[name] for name in counted}
    assert done(target, "migrate") == "The database is up to date.\n"


def item(n: int) -> dict[str, Any]:
    measure, top = (("nps", 10), ("csat", 5))[n % 2]
    return {
        "kind": "review.written",
        "source": "shop",
        "external_id": f"answer-{n}",
        "occurred_at": f"2026-{1 + n % 6:02}-{1 + n % 28:02}T{n % 24:02}:30:00Z",
        "channel": ("sms", "web", "store")[n % 3],
        "branch": ("vanak", "کرج")[n // 7 % 2],
        "customer": {"identities": [{"type": "own_id", "value": f"person-{n % PEOPLE}"}]},
        "perceptions": [{"measure": measure, "value": 1 + n * 7 % top, "text": f"نظر {n}"}],
    }


class Asked:
    """What an installation that serves answers to a key."""

    def __init__(self, place: Installation, key: str) -> None:
        self.address, self.headers = f"http://127.0.0.1:{place.port}/api/v1", {"Authorization": f"Bearer {key}", "Accept-Language": "en"}

    def send(self, *numbers: int) -> list[str]:
        answer = httpx.post(f"{self.address}/interactions", json=[item(n) for n in numbers], headers=self.headers, timeout=60)
        assert answer.status_code == 200, answer.text
        return [one["status"] for one in answer.json()]

    def get(self, path: str) -> Any:
        return httpx.get(f"{self.address}/{path}", headers=self.headers, timeout=60).json()

    def figures(self, answers: int) -> list[Any]:
        """The figures once so many answers of each measure are in them."""
        end = time.monotonic() + PATIENCE
        while any(self.get(f"measures/{measure}?by=channel").get("n") != answers for measure in ("nps", "csat")):
            assert time.monotonic() < end, "the answers were not counted in time"
            time.sleep(0.2)
        return [self.get(f"measures/{asked}") for asked in ASKED]


def people(place: Installation, items: int) -> list[Any]:
    """What a reader of the timeline counted of each customer, once it is so many items."""
    end = time.monotonic() + PATIENCE
    while place.ask("SELECT sum(interactions) FROM customers_profile")[0][0] != items:
        assert time.monotonic() < end, "the items were not counted in time"
        time.sleep(0.2)
    return place.ask("SELECT customer_id, interactions, last_nps FROM customers_profile ORDER BY customer_id")


def test_figures_stay_and_readers_go_on_where_they_stood(source: Installation, target: Installation, tmp_path: Path) -> None:
    done(source, "upgrade")
    done(source, "createworkspace", "نارنج", "--slug", "narenj")
    keys = [done(source, "createkey", "--scope", scope).strip().splitlines()[-1] for scope in ("ingest", "read")]
    source.serve()
    sending, reading = (Asked(source, key) for key in keys)
    assert set(sending.send(*range(ITEMS))) == {"recorded"}
    figures, counted = reading.figures(ITEMS // 2), people(source, ITEMS)
    assert len(counted) == PEOPLE
    source.stop()
    places = source.ask("SELECT name, interaction_id FROM timeline_place WHERE name <> 'lake'")

    moved(source, target, tmp_path / "saved.tar.gz")
    assert sorted(target.ask("SELECT name, interaction_id FROM timeline_place")) == sorted(places)
    assert target.ask("SELECT DISTINCT era, xid::text FROM timeline_interaction") == [(0, "0")]
    target.serve()
    sending, reading = (Asked(target, key) for key in keys)
    assert reading.figures(ITEMS // 2) == figures
    assert people(target, ITEMS) == counted
    assert sending.send(*range(ITEMS), ITEMS, ITEMS + 1) == ["duplicate"] * ITEMS + ["recorded"] * 2
    reading.figures(ITEMS // 2 + 1)
    assert len(people(target, ITEMS + 2)) == PEOPLE, "nothing was counted a second time"
    assert target.ask("SELECT count(*) FROM timeline_deadletter") == [(0,)]


def test_what_postgresql_does_not_take_is_named_and_nothing_comes_over(source: Installation, target: Installation, tmp_path: Path) -> None:
    done(source, "upgrade")
    done(source, "createworkspace", "نارنج", "--slug", "narenj")
    source.write("UPDATE workspaces_workspace SET slug = ?", [("x" * 5000,)])
    done(source, "backup", str(tmp_path / "saved.tar.gz"))
    refused = target.run("restore", str(tmp_path / "saved.tar.gz"))
    words = "PostgreSQL does not take a row of table workspaces_workspace"
    assert (refused.returncode, words in refused.stderr) == (1, True), refused.stderr
    assert target.ask("SELECT count(*) FROM workspaces_workspace") == [(0,)]
    assert not (target.data / "restoring.json").exists()


def test_there_is_no_way_back(source: Installation, target: Installation, tmp_path: Path) -> None:
    done(target, "upgrade")
    done(target, "backup", str(tmp_path / "saved.tar.gz"))
    refused = source.run("restore", str(tmp_path / "saved.tar.gz"))
    assert (refused.returncode, "does not go into SQLite" in refused.stderr) == (1, True)
    assert not (source.data / "peyvand.sqlite3").exists() or source.ask("SELECT count(*) FROM sqlite_master") == [(0,)]
