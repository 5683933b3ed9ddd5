"""Two webs and two workers over PostgreSQL and Redis are one Peyvand: started by `script/cluster`, some of it killed, nothing lost."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from tests.e2e.running import OWNER, PASSWORD, Site, free_port, prepared

ROOT = Path(__file__).parents[2]
BATCHES, SIZE = 40, 50
PATIENCE = 120  # seconds: a process that was killed starts again, and the machine may be busy
ASKED = (
    "nps?by=channel",
    "nps?by=month",
    "csat?by=touchpoint",
    "csat?by=branch&where=channel=sms",
    "nps?by=week&compare=previous&since=2026-05-01",
)


@pytest.fixture(scope="module")
def database(postgres_url: str) -> Iterator[str]:
    """An empty database, gone afterwards."""
    name = f"peyvand_cluster_{os.getpid()}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
        yield f"{postgres_url.rpartition('/')[0]}/{name}"
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def until(true: Callable[[], object]) -> None:
    """Wait for something to come true."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "this did not become true in time"
        time.sleep(0.2)


@contextmanager
def cluster(site: Site, *words: str) -> Iterator[list[Site]]:
    """`script/cluster` over a site's stores: gives its two doors once both serve."""
    doors = [site, replace(site, port=site.port + 1)]
    command = [sys.executable, "-m", "house.cluster", "--port", str(site.port), *words]
    with (site.folder / "cluster.log").open("wb") as log:
        process = subprocess.Popen(command, env=site.environment | {"PYTHONPATH": str(ROOT / "script")}, stdout=log, stderr=log)
    try:
        until(lambda: process.poll() is not None or all(door._ready() for door in doors))
        assert process.poll() is None, (site.folder / "cluster.log").read_text()
        yield doors
    finally:
        process.terminate()
        assert process.wait(30) == 0
        assert left(site) == [], "all of it ended"


def free_pair() -> int:
    """A port nobody listens at, nor at the next."""
    while True:
        port = free_port()
        with suppress(OSError), socket.create_server(("127.0.0.1", port + 1)):
            return port


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


@pytest.fixture(scope="module")
def spread(tmp_path_factory, database: str, redis_url: str) -> Iterator[list[Site]]:
    """The two doors of a cluster with the workspace `narenj` and its owner."""
    shared = {"PEYVAND_DATABASE_URL": database, "PEYVAND_REDIS_URL": f"{redis_url.rpartition('/')[0]}/11"}
    site = replace(prepared(tmp_path_factory.mktemp("cluster"), **shared, PEYVAND_API_A_MINUTE="500"), port=free_pair())
    with cluster(site) as doors:
        yield doors


def key_of(site: Site, scope: str) -> str:
    return site.command("createkey", "--workspace", "narenj", "--scope", scope).strip().splitlines()[-1]


def test_whoever_signed_in_at_one_web_goes_on_at_the_other(spread: list[Site]) -> None:
    one, other = (door.url for door in spread)
    with httpx.Client(follow_redirects=True, timeout=60) as visitor:  # cookies of a host hold at each of its ports
        form = visitor.get(f"{one}/accounts/login/")
        signed = visitor.post(f"{other}/accounts/login/", data={"login": OWNER, "password": PASSWORD, "csrfmiddlewaretoken": token(form)})
        assert signed.url.path.startswith("/w/narenj/"), "the form of one web is taken by the other"
        assert visitor.get(f"{one}/w/narenj/settings/").status_code == 200
        visitor.post(f"{one}/accounts/logout/", data={"csrfmiddlewaretoken": token(visitor.get(f"{one}/w/narenj/settings/"))})
        assert visitor.get(f"{other}/w/narenj/settings/").url.path == "/accounts/login/"


def test_what_is_counted_at_one_web_counts_at_the_other(spread: list[Site]) -> None:
    key = {"Authorization": f"Bearer {key_of(spread[0], 'read')}"}

    def left_of(door: Site) -> int:
        return int(httpx.get(f"{door.url}/api/v1/measures/nps", headers=key, timeout=60).headers["RateLimit-Remaining"])

    counts = [left_of(spread[n % 2]) for n in range(8)]
    assert sum(before - after == 1 for before, after in pairwise(counts)) >= 6, "a new minute may begin once"
    with httpx.Client(follow_redirects=True, timeout=60) as stranger:
        for n in range(5):
            answer = sign_in(stranger, spread[n % 2], "wrong")
        assert answer.status_code in {403, 429}
        assert [sign_in(stranger, door, PASSWORD).status_code for door in spread] == [answer.status_code] * 2


def sign_in(visitor: httpx.Client, door: Site, password: str) -> httpx.Response:
    url = f"{door.url}/accounts/login/"
    return visitor.post(url, data={"login": OWNER, "password": password, "csrfmiddlewaretoken": token(visitor.get(url))})


def test_nothing_is_lost_or_doubled_where_a_web_and_a_worker_die_under_load(spread: list[Site], tmp_path_factory) -> None:
    first_web, first_worker = (of_role(spread[0], role)[0] for role in ("web", "worker"))
    sent = threading.Semaphore(0)

    def kill() -> None:
        for _ in range(BATCHES // 2):
            sent.acquire()
        os.kill(first_web, signal.SIGKILL)
        os.kill(first_worker, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    ingested(spread, sent.release)
    killer.join()
    spread_figures = settled(spread)
    until(lambda: len(of_role(spread[0], "web")) == len(of_role(spread[0], "worker")) == 2)

    alone = prepared(tmp_path_factory.mktemp("alone"))
    with alone.served():
        ingested([alone], lambda: None)
        assert settled([alone]) == spread_figures


def ingested(doors: list[Site], sent: Callable[[], object]) -> None:
    """Send every batch to every door at the same time, as often as it takes to be answered."""
    headers = {"Authorization": f"Bearer {key_of(doors[0], 'ingest')}", "Content-Type": "application/json"}

    def send(number: int, door: Site) -> None:
        body = json.dumps([item(number * SIZE + n) for n in range(SIZE)])
        end = time.monotonic() + PATIENCE
        while True:
            try:
                answer = httpx.post(f"{door.url}/api/v1/interactions", content=body, headers=headers, timeout=30)
                if answer.status_code == 200:
                    break
            except httpx.TransportError:
                pass
            assert time.monotonic() < end, "nobody took a batch"
            time.sleep(0.2)
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


def settled(doors: list[Site]) -> list[Any]:
    """The figures of every door once all answers are in them; of several doors all say the same."""
    headers = {"Authorization": f"Bearer {key_of(doors[0], 'read')}", "Accept-Language": "en"}

    def told(door: Site, asked: str) -> Any:
        return httpx.get(f"{door.url}/api/v1/measures/{asked}", headers=headers, timeout=60).json()

    def all_in() -> bool:
        return all(told(door, f"{measure}?by=channel").get("n") == BATCHES * SIZE // 2 for door in doors for measure in ("nps", "csat"))

    until(all_in)
    figures = [[told(door, asked) for asked in ASKED] for door in doors]
    assert all(found == figures[0] for found in figures)
    return figures[0]


def token(page: httpx.Response) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert found, page.text[:500]
    return found[1]
