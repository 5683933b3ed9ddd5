"""A backup while customers' events pour in, brought back elsewhere: every acknowledged event of before, equal counts, an equal lake."""

import json
import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from deltalake import DeltaTable
from tests.moulds import cast, laid
from tests.waiting import until

from peyvand.config.tests.running import Installation

pytestmark = pytest.mark.slow
ITEMS = 40
COMPARED = (
    "timeline_interaction", "timeline_perception", "identities_customer", "identities_identity", "workspaces_apikey", "customers_company",
)  # fmt: skip
OWNER, PASSWORD = "alice@narenj.ir", "a long enough phrase"


class Clerk:
    """Signs in and adds one company after the other by the console's form; knows how many the console acknowledged."""

    def __init__(self, place: Installation) -> None:
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{place.port}", timeout=60)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work)
        self.acknowledged = 0

    def __enter__(self) -> "Clerk":
        assert self._post("/accounts/login/", login=OWNER, password=PASSWORD).status_code == 302
        self._thread.start()
        return self

    def __exit__(self, *_unused: object) -> None:
        self._stop.set()
        self._thread.join()
        self._client.close()

    def _post(self, path: str, **said: str) -> httpx.Response:
        self._client.get(path)
        return self._client.post(path, data=said, headers={"x-csrftoken": self._client.cookies["csrftoken"]})

    def _work(self) -> None:
        while not self._stop.is_set():
            assert self._post("/w/narenj/customers/companies/new/", name=f"Company {self.acknowledged}").status_code == 302
            self.acknowledged += 1


class Pouring:
    """Posts batches to the ingest door until told to stop; counts what was acknowledged."""

    def __init__(self, place: Installation, key: str) -> None:
        self._address = f"http://127.0.0.1:{place.port}/api/v1/interactions"
        self._key = key
        self._stop = threading.Event()
        self.acknowledged = 0
        self.slowest = 0.0
        self._thread = threading.Thread(target=self._pour)

    def __enter__(self) -> "Pouring":
        self._thread.start()
        return self

    def __exit__(self, *_unused: object) -> None:
        self._stop.set()
        self._thread.join()

    def _pour(self) -> None:
        with httpx.Client(timeout=60, headers={"authorization": f"Bearer {self._key}"}) as client:
            number = 0
            while not self._stop.is_set():
                began = time.perf_counter()
                answer = client.post(self._address, json=[self._item(number + n) for n in range(ITEMS)])
                self.slowest = max(self.slowest, time.perf_counter() - began)
                assert answer.status_code == 200, answer.text
                number += ITEMS
                self.acknowledged = number

    @staticmethod
    def _item(number: int) -> dict[str, Any]:
        person = {"identities": [{"type": "email", "value": f"p{number % 97}@narenj.ir"}]}
        felt = [{"measure": "csat", "value": number % 5 + 1, "scale": [1, 5]}]
        at = f"2026-{number % 6 + 1:02}-15T09:00:00Z"
        return {
            "kind": "order.placed",
            "occurred_at": at,
            "source": "load",
            "external_id": str(number),
            "customer": person,
            "perceptions": felt,
        }


def counts(place: Installation, table: str) -> int:
    if place.url:
        with psycopg.connect(place.url) as database:
            row = database.execute(f"SELECT count(*) FROM {table}").fetchone()
            return int(row[0]) if row else 0
    database = sqlite3.connect(place.data / "peyvand.sqlite3")
    try:
        return int(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
    finally:
        database.close()


def lake(place: Installation) -> dict[str, Any]:
    """What the lake tells, once everything is copied to it: the figure, and every row of its tables but when it was copied."""
    done = place.run("analyze", "csat", "--workspace", "narenj", "--json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = {"figure": json.loads(done.stdout)}
    for table in ("interactions", "perceptions"):
        rows = DeltaTable(str(place.data / "lake" / table)).to_pyarrow_table()
        found[table] = sorted(map(str, rows.to_pylist()))
    return found


def test_what_was_acknowledged_before_comes_back_whole_with_an_equal_lake(
    places: tuple[Installation, Installation], tmp_path: Path
) -> None:
    source, target = places
    assert cast(source, laid).run("createworkspace", "نارنج", "--slug", "narenj").returncode == 0
    made = json.loads(source.run("createkey", "--scope", "ingest", "--json").stdout)
    key = next(value for value in made.values() if isinstance(value, str) and len(value) > 30)
    assert source.run("createowner", "--workspace", "narenj", "--email", OWNER, PEYVAND_OWNER_PASSWORD=PASSWORD).returncode == 0
    source.serve()
    with Pouring(source, key) as pouring, Clerk(source) as clerk:
        until(lambda: pouring.acknowledged >= 400 and clerk.acknowledged >= 3, "too little was acknowledged")
        before, companies = pouring.acknowledged, clerk.acknowledged
        loaded = source.run("backup", str(tmp_path / "load.tar.gz"), "--json")
        after, later = pouring.acknowledged, clerk.acknowledged
    assert loaded.returncode == 0, loaded.stderr
    tables = json.loads(loaded.stdout)["tables"]
    assert before <= tables["timeline_interaction"] <= after + ITEMS
    assert tables["timeline_perception"] == tables["timeline_interaction"], "one state: no perception without its interaction"
    assert tables["timeline_interaction"] % ITEMS == 0, "and no batch in halves"
    assert pouring.slowest < 10
    assert after > before, "events were taken in while it was written"
    assert companies <= tables["customers_company"] <= later + 1, "and what the console acknowledged"

    source.stop()
    quiet = tmp_path / "quiet.tar.gz"
    assert source.run("backup", str(quiet)).returncode == 0
    proof = source.run("verify-backup", str(quiet), "--json")
    assert (proof.returncode, json.loads(proof.stdout)["restored"]) == (0, True), proof.stderr
    assert target.run("restore", str(quiet)).returncode == 0
    for table in (
        "timeline_interaction",
        "timeline_perception",
        "identities_customer",
        "identities_identity",
        "workspaces_apikey",
        "customers_company",
    ):
        assert counts(target, table) == counts(source, table) > 0
    assert counts(target, "timeline_interaction") == pouring.acknowledged
    assert lake(target) == lake(source)
