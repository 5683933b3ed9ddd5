"""`script/cluster` over stores of a test's own, what is sent to its doors, and the figures that come of it. Used by tests of the whole."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import httpx
import psycopg

from tests.e2e.running import Site
from tests.waiting import PATIENCE, until

ROOT: Final = Path(__file__).parents[2]
BATCHES: Final = 40
SIZE: Final = 50
ASKED: Final = (
    "nps?by=channel",
    "nps?by=month",
    "csat?by=touchpoint",
    "csat?by=branch&where=channel=sms",
    "nps?by=week&compare=previous&since=2026-05-01",
)


@contextmanager
def emptied(server: str) -> Iterator[str]:
    """An empty database on a PostgreSQL, gone afterwards."""
    name = f"peyvand_cluster_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield f"{server.rpartition('/')[0]}/{name}"
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def cluster(site: Site, *words: str, seconds: float = PATIENCE) -> Iterator[list[Site]]:
    """`script/cluster` over a site's stores: gives its two doors once both serve."""
    doors = [site, replace(site, port=site.port + 1)]
    command = [sys.executable, "-m", "house.cluster", "--port", str(site.port), *words]
    path = os.pathsep.join([str(ROOT / "script"), *filter(None, [os.environ.get("PYTHONPATH")])])
    with (site.folder / "cluster.log").open("wb") as log:
        process = subprocess.Popen(command, env=site.environment | {"PYTHONPATH": path}, stdout=log, stderr=log)
    try:
        until(lambda: process.poll() is not None or all(door._ready() for door in doors), seconds=seconds, every=0.2)
        assert process.poll() is None, (site.folder / "cluster.log").read_text()
        yield doors
    finally:
        process.terminate()
        assert process.wait(seconds) == 0
        assert left(site) == [], "all of it ended"


def left(site: Site) -> list[int]:
    """The processes that work with a site's data folder."""
    mine = f"PEYVAND_DATA={site.folder}\0".encode()
    return [pid for pid, environment in _environments() if mine in environment]


def _environments() -> Iterator[tuple[int, bytes]]:
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            yield int(entry.name), entry.joinpath("environ").read_bytes()
        except OSError:
            continue


def of_role(site: Site, role: str) -> list[int]:
    """The processes of a role."""
    found = []
    for pid in left(site):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        if b"peyvand" in words and words[words.index(b"peyvand") + 1] == role.encode():
            found.append(pid)
    return sorted(found)


def key_of(site: Site, scope: str) -> str:
    return site.command("createkey", "--workspace", "narenj", "--scope", scope).strip().splitlines()[-1]


def ingested(doors: list[Site], sent: Callable[[], object]) -> None:
    """Send every batch to every door at the same time, as often as it takes to be answered."""
    headers = {"Authorization": f"Bearer {key_of(doors[0], 'ingest')}", "Content-Type": "application/json"}

    def send(number: int, door: Site) -> None:
        body = json.dumps([item(number * SIZE + n) for n in range(SIZE)])

        def taken() -> httpx.Response | None:
            try:
                answer = httpx.post(f"{door.url}/api/v1/interactions", content=body, headers=headers, timeout=30)
            except httpx.TransportError:
                return None
            return answer if answer.status_code == 200 else None

        answer = until(taken, "nobody took a batch", every=0.2)
        assert answer is not None
        assert {one["status"] for one in answer.json()} <= {"recorded", "duplicate"}
        sent()

    with ThreadPoolExecutor(4 * len(doors)) as senders:
        list(senders.map(lambda each: send(*each), [(number, door) for number in range(BATCHES) for door in doors]))


def item(n: int) -> dict[str, Any]:
    """An answer of one of some people, the same whenever it is sent."""
    measure, top = (("nps", 10), ("csat", 5))[n % 2]
    return {
        "kind": "review.written",
        "source": "shop",
        "external_id": f"answer-{n}",
        "occurred_at": f"2026-{1 + n % 6:02}-{1 + n % 28:02}T{n % 24:02}:30:00Z",
        "channel": ("sms", "web", "store")[n % 3],
        "touchpoint": ("delivery", "support")[n % 5 % 2],
        "branch": ("vanak", "کرج")[n // 7 % 2],
        "customer": {"identities": [{"type": "own_id", "value": f"person-{n % 97}"}]},
        "perceptions": [{"measure": measure, "value": 1 + n * 7 % top}],
    }


def settled(doors: list[Site], seconds: float = PATIENCE) -> list[Any]:
    """The figures of every door once all answers are in them; of several doors all say the same."""
    headers = {"Authorization": f"Bearer {key_of(doors[0], 'read')}", "Accept-Language": "en"}

    def told(door: Site, asked: str) -> Any:
        return httpx.get(f"{door.url}/api/v1/measures/{asked}", headers=headers, timeout=seconds).json()

    def all_in() -> bool:
        return all(told(door, f"{measure}?by=channel").get("n") == BATCHES * SIZE // 2 for door in doors for measure in ("nps", "csat"))

    until(all_in, seconds=seconds, every=0.2)
    figures = [[told(door, asked) for asked in ASKED] for door in doors]
    assert all(found == figures[0] for found in figures)
    return figures[0]
