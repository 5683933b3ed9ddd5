"""`peyvand rebuild-lake`: figures are the same afterwards, also where the lake was gone, and nothing is changed under who runs."""

import json
import shutil
import signal
import subprocess
import sys
from collections import Counter
from typing import Any

import httpx
import pytest
from deltalake import DeltaTable
from tests.moulds import cast
from tests.waiting import until

from peyvand.config.tests.running import Installation

pytestmark = pytest.mark.slow
ORDERS = 60
TABLES = ("interactions", "perceptions")


def filled(place: Installation) -> None:
    for words in (("upgrade",), ("createworkspace", "نارنج", "--slug", "narenj")):
        assert place.run(*words).returncode == 0
    key = json.loads(place.run("createkey", "--scope", "ingest", "--json").stdout)["key"]
    place.serve()
    items = [
        {
            "kind": "order.placed",
            "occurred_at": f"2026-{number % 6 + 1:02}-15T09:00:00Z",
            "source": "shop",
            "external_id": str(number),
            "perceptions": [{"measure": "csat", "value": number % 5 + 1, "scale": [1, 5]}],
        }
        for number in range(ORDERS)
    ]
    address = f"http://127.0.0.1:{place.port}/api/v1/interactions"
    assert httpx.post(address, json=items, headers={"authorization": f"Bearer {key}"}, timeout=30).status_code == 200
    place.stop()
    figure(place)


@pytest.fixture
def place(anywhere: Installation) -> Installation:
    """An installation with some orders and what people thought of them, in the lake too."""
    return cast(anywhere, filled)


def figure(place: Installation) -> Any:
    """The satisfaction by month, once everything was copied to the lake."""
    done = place.run("analyze", "csat", "--workspace", "narenj", "--by", "month", "--since", "2026-01-01", "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def rows(place: Installation) -> dict[str, "Counter[str]"]:
    """Every row of the lake."""
    found = {table: DeltaTable(str(place.data / "lake" / table)).to_pyarrow_table().to_pylist() for table in TABLES}
    return {table: Counter(map(str, each)) for table, each in found.items()}


def rebuilt(place: Installation) -> "subprocess.CompletedProcess[str]":
    done = place.run("rebuild-lake", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"interactions": ORDERS, "seconds": 0}
    return done


def test_figures_are_as_before_where_a_file_was_damaged(place: Installation) -> None:
    before, copied = figure(place), rows(place)
    damaged = next((place.data / "lake" / "perceptions").rglob("*.parquet"))
    damaged.unlink()
    told = place.run("doctor")
    assert "`peyvand rebuild-lake`" in told.stdout + told.stderr
    assert "delete it" not in rebuilt(place).stderr
    assert not (place.data / "lake").exists()
    assert place.ask("SELECT count(*) FROM timeline_place WHERE name = 'lake'") == [(0,)]
    assert (figure(place), rows(place)) == (before, copied)


def test_the_worker_copies_on_where_the_lake_was_gone_for_good(place: Installation) -> None:
    before, copied = figure(place), rows(place)
    shutil.rmtree(place.data / "lake")
    assert "Where the former lake still is, delete it" in rebuilt(place).stderr
    worker = place.start("worker")
    until(lambda: place.ask("SELECT count(*) FROM timeline_place WHERE name = 'lake'") == [(1,)], "the worker copied nothing")
    worker.terminate()
    worker.wait()
    assert (rows(place), figure(place)) == (copied, before)


def test_cut_short_nothing_is_counted_twice_and_it_is_run_again(place: Installation) -> None:
    before, copied = figure(place), rows(place)
    environment = {**place.environ, "DJANGO_SETTINGS_MODULE": "peyvand.config.settings"}
    assert subprocess.run([sys.executable, "-c", KILLED], env=environment, check=False).returncode == -signal.SIGKILL
    assert place.run("analyze", "csat", "--workspace", "narenj", "--json").returncode != 0, "what is half is not counted"
    rebuilt(place)
    assert (figure(place), rows(place)) == (before, copied)


KILLED = """
import os, signal
import django; django.setup()
from peyvand.timeline.lake import rebuilding
rebuilding.shutil.rmtree = lambda *given, **more: os.kill(os.getpid(), signal.SIGKILL)
rebuilding.rebuild()
"""  # killed once the tables are none any more, before their files are gone


def test_nothing_is_changed_while_peyvand_runs(place: Installation) -> None:
    place.serve()
    until(lambda: place.ask("SELECT 1 FROM core_heartbeat WHERE role = 'worker'"), every=0.1)
    refused = place.run("rebuild-lake")
    assert (refused.returncode, "Stop it first; nothing was changed" in refused.stderr) == (1, True)
    place.stop()
    assert sum(rows(place)["interactions"].values()) == ORDERS
