"""Processes killed, a full disk, a stopped database, while tills send: what was acknowledged is there, once, and all goes on by itself.

`script/bench kill` kills twenty times on each database; `PEYVAND_TEST_RESTARTS=10` restarts the stores as often as that.
"""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.killing import PATH, Keys, Seen, Truth, ask, child, kill_under_load, under_load
from tests.e2e.private_postgres import Cluster, cluster
from tests.e2e.running import Site, prepared
from tests.ports import free_port
from tests.waiting import until

pytestmark = pytest.mark.slow
DISK_MB = 48
LOGIN = "/accounts/login/"
RESTARTS = int(os.environ.get("PEYVAND_TEST_RESTARTS", "3"))
LONGEST_AWAY = 30.0  # seconds from a database that is back until the door takes items again; one or two on a quiet machine


def keys_of(site: Site) -> Keys:
    made = [site.command("createkey", "--workspace", "narenj", "--scope", scope).strip().splitlines()[-1] for scope in ("ingest", "read")]
    return Keys(*made)


def sound(truth: Truth) -> bool:
    assert truth.acknowledged > 0
    assert (truth.lost, truth.doubled, truth.unasked, truth.doubled_people) == (0, 0, 0, 0)
    return True


def test_killed_processes_lose_and_double_nothing(tmp_path: Path):
    site = prepared(tmp_path)
    keys = keys_of(site)
    with site.served() as serve:
        assert sound(kill_under_load(site.port, serve, keys, rounds=2))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of a few megabytes, mounted; only root may."""
    place = tmp_path / "disk"
    place.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(place)]
    if os.geteuid() != 0 or shutil.which("mount") is None or subprocess.run(words, stderr=subprocess.DEVNULL, check=False).returncode != 0:
        pytest.skip("a small disk cannot be mounted here: that takes root, outside of most containers")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(place: Path) -> Path:
    """Fill a disk to its last byte."""
    filler = place / "filler"
    with filler.open("ab", buffering=0) as file:
        for size in (1 << 20, 4096, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue
    return filler


def test_a_full_disk_is_a_503_and_goes_on_when_there_is_room(small_disk: Path):
    site = prepared(small_disk)
    keys = keys_of(site)

    def disturb(seen: Seen) -> None:
        time.sleep(1)
        filler = fill(small_disk)
        until(lambda: seen()[503], "nothing was refused on a full disk")
        time.sleep(2)
        filler.unlink()

    with site.served():
        truth = under_load(site.port, keys, disturb)
        assert sound(truth)
        assert set(truth.statuses) <= {200, 503}
        assert ask(site.port, "GET", LOGIN, {"Host": "localhost"})[0] == 200


@pytest.fixture
def postgres() -> Iterator[Cluster]:
    with cluster() as made:
        yield made


def test_a_stopped_database_is_a_503_and_goes_on_when_it_is_back(tmp_path: Path, postgres: Cluster):
    site = prepared(tmp_path, PEYVAND_DATABASE_URL=postgres.url)
    keys = keys_of(site)

    def disturb(seen: Seen) -> None:
        time.sleep(1)
        postgres.stop("immediate")
        until(lambda: seen()[503], "nothing was refused without a database")
        assert ask(site.port, "GET", "/readyz", {})[0] == 503
        assert ask(site.port, "GET", f"{PATH}?limit=1", {"Authorization": f"Bearer {keys.read}", "Host": "localhost"})[0] == 503
        assert ask(site.port, "GET", "/w/narenj/", {"Host": "localhost", "Cookie": "sessionid=x"})[0] == 503
        postgres.start()

    with site.served():
        truth = under_load(site.port, keys, disturb)
        assert sound(truth)
        assert set(truth.statuses) <= {200, 503}


class Redis:
    """A Redis of the test's own, which keeps nothing on disk."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.port = folder, free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        words = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self._folder)]
        self._process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
        until(self._answers, "Redis did not start")

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def flush(self) -> None:
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as wire:
            wire.sendall(b"FLUSHALL\r\n")
            assert wire.recv(16) == b"+OK\r\n"

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as wire:
                wire.sendall(b"PING\r\n")
                return wire.recv(16) == b"+PONG\r\n"
        except OSError:
            return False


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    if shutil.which("redis-server") is None:
        pytest.skip("there is no redis-server on this machine")
    made = Redis(tmp_path)
    made.start()
    yield made
    made.kill()


def takes_items(seen: Seen) -> float:
    """Wait until one more request is acknowledged; the seconds that took."""
    begin, before = time.monotonic(), seen()[200]
    until(lambda: seen()[200] > before, "nothing is taken again", every=0.02)
    return time.monotonic() - begin


def test_stores_that_restart_again_and_again_lose_and_double_nothing(tmp_path: Path, postgres: Cluster, redis: Redis):
    site = prepared(tmp_path, PEYVAND_DATABASE_URL=postgres.url, PEYVAND_REDIS_URL=f"redis://127.0.0.1:{redis.port}/0")
    keys = keys_of(site)
    away: list[float] = []

    def disturb(seen: Seen) -> None:
        for n in range(RESTARTS):
            takes_items(seen)
            postgres.stop(("immediate", "fast")[n % 2])
            redis.kill()
            until(lambda: ask(site.port, "GET", "/readyz", {})[0] == 503, "nobody noticed that the database is away")
            redis.start()
            postgres.start()
            away.append(takes_items(seen))
            redis.flush()
            assert ask(site.port, "GET", LOGIN, {"Host": "localhost"})[0] == 200

    with site.served() as serve:
        before = child(serve, "web")
        truth = under_load(site.port, keys, disturb)
        assert sound(truth)
        assert set(truth.statuses) <= {200, 503}
        assert child(serve, "web") == before  # it had not to be started again
        assert max(away) < LONGEST_AWAY, away
    said_of_it = f"{truth.acknowledged} acknowledged, away {max(away):.1f} s, figures {truth.caught_up_seconds:.1f} s after"
    print(f"{RESTARTS} restarts: {said_of_it}")
