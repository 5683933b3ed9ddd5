"""What was acknowledged is on disk: a trace shows a sync of the database's log before each answer of the door.

A killed process cannot show it, since the kernel keeps what was written; only what the process asked of the kernel does.
"""

import http.client
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.e2e.private_postgres import cluster
from tests.e2e.running import Site, prepared
from tests.waiting import PATIENCE

ROUNDS = 12
SERVERS = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"  # each syncs its own commits
LOG = re.compile(r"-wal$|/pg_wal/[0-9A-F]+$")  # SQLite's, PostgreSQL's
SYNCED = re.compile(
    r"^(\d+) +(?:fsync|fdatasync)\(\d+<[^>]*(?:-wal|/pg_wal/[0-9A-F]+)>\) += 0|^(\d+) +<\.\.\. (?:fsync|fdatasync) resumed>\) += 0"
)
BEGUN = re.compile(r"^(\d+) +(?:fsync|fdatasync)\(\d+<([^>]*)> <unfinished")
ANSWERED = re.compile(r"HTTP/1\.1 200")


@contextmanager
def traced(processes: Sequence[int], into: Path) -> Iterator[None]:
    """Write the syncs and the answers of processes, all their threads, to a file."""
    program = os.environ.get("PEYVAND_TEST_STRACE") or shutil.which("strace")
    if not program:
        pytest.skip("PEYVAND_TEST_STRACE names no strace; script/test finds or installs one")
    calls = "trace=fsync,fdatasync,write,writev,sendto,sendmsg"
    words = [program, "-f", "-y", "-s", "48", "-e", calls, "-o", str(into), "-p", ",".join(map(str, processes))]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as tracer:
        first = tracer.stderr.readline() if tracer.stderr else ""
        if "attached" not in first:
            tracer.wait(PATIENCE)
            pytest.skip(f"strace may not look at another process here: {first.strip()}")
        yield
        tracer.terminate()
        tracer.wait(PATIENCE)


def web_process(supervisor: int) -> int:
    children = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text(encoding="ascii").split()
    return next(int(child) for child in children if "web" in Path(f"/proc/{child}/cmdline").read_text(encoding="utf-8").split("\0"))


def story(lines: list[str]) -> str:
    """The order of what happened: S where a sync of the log ended well, A where an answer began."""
    told, on_the_log = "", set()
    for line in lines:
        if begun := BEGUN.match(line):
            if LOG.search(begun[2]):
                on_the_log.add(begun[1])
        elif ended := SYNCED.match(line):
            if ended[1] or ended[2] in on_the_log:
                told += "S"
            on_the_log.discard(ended[1] or ended[2])
        elif ANSWERED.search(line):
            told += "A"
    return told


def test_a_sync_of_the_log_ends_before_each_answer(tmp_path):
    check(prepared(tmp_path), lambda web: [web], tmp_path / "trace")


def test_the_door_waits_for_the_disk_of_postgres(tmp_path):
    with cluster() as postgres:

        def with_its_servers(web: int) -> list[int]:
            with psycopg.connect(postgres.url) as asking:
                return [web, *(pid for (pid,) in asking.execute(SERVERS))]

        check(prepared(tmp_path, PEYVAND_DATABASE_URL=postgres.url), with_its_servers, tmp_path / "trace")


def check(site: Site, watched: Callable[[int], Sequence[int]], trace: Path) -> None:
    """Send, one request after the other, and see that a sync ended before each answer."""
    key = site.command("createkey", "--workspace", "narenj", "--scope", "ingest").strip().splitlines()[-1]
    with site.served() as supervisor:
        send(site, key, 0)  # what is loaded once is loaded, and connections are there
        with traced(watched(web_process(supervisor)), trace):
            for n in range(1, ROUNDS + 1):
                send(site, key, n)
            time.sleep(0.2)
    told = story(trace.read_text(encoding="utf-8").splitlines())
    assert told.count("A") == ROUNDS
    assert re.fullmatch(r"(?:S+A)+S*", told), told


def send(site: Site, key: str, n: int) -> None:
    """Small and large requests in turns: they take different ways through the door."""
    item = {"kind": "order.placed", "occurred_at": "2026-05-01T10:00:00+03:30", "source": "shop"}
    body = [item | {"external_id": f"{n}-{m}"} for m in range(60 if n % 2 else 1)]
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=PATIENCE)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    connection.request("POST", "/api/v1/interactions", json.dumps(body), headers)
    answered = connection.getresponse()
    assert (answered.status, {one["status"] for one in json.load(answered)}) == (200, {"recorded"})
    connection.close()


def test_the_story_tells_syncs_of_the_log_alone():
    lines = [
        "7 fdatasync(9</data/peyvand.sqlite3> <unfinished ...>",
        "8 fdatasync(5</data/peyvand.sqlite3-wal> <unfinished ...>",
        "7 <... fdatasync resumed>) = 0",
        '6 write(11<socket:[1]>, "HTTP/1.1 200 OK\\r\\nserver"..., 200) = 200',
        "8 <... fdatasync resumed>) = 0",
        "8     fsync(5</data/peyvand.sqlite3-wal>) = 0",  # strace makes short numbers as wide as long ones
        "8 fdatasync(5</data/peyvand.sqlite3-wal>) = -1 EIO (Input/output error)",
    ]
    assert story(lines) == "ASS"
