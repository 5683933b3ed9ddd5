"""The processes of `peyvand serve`, really killed: they come back, lose no job, and end together."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from tests.waiting import PATIENCE, until

from peyvand.config.tests.running import Installation

pytestmark = pytest.mark.slow
ALL = {"web", "worker"}


TOLD_INSIDE_A_LOCK = """
import signal, threading
from peyvand.config.processes import when_told_to_end

lock, ended = threading.Lock(), threading.Event()

def end():
    with lock:
        ended.set()

when_told_to_end(end)
with lock:
    signal.raise_signal(signal.SIGTERM)
raise SystemExit(0 if ended.wait(60) else 1)
"""


def children(parent: "subprocess.Popen[str]") -> dict[str, int]:
    """Process ids of web and worker."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            ppid = int(entry.joinpath("stat").read_text().rpartition(")")[2].split()[1])
            words = entry.joinpath("cmdline").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if ppid == parent.pid and b"peyvand" in words:
            found[words[words.index(b"peyvand") + 1].decode()] = int(entry.name)
    return found


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_serve_brings_a_killed_web_and_worker_back_and_ends_when_told(migrated: Installation) -> None:
    serve = migrated.serve()
    until(lambda: children(serve).keys() == ALL)
    first = children(serve)
    for pid in first.values():
        os.kill(pid, signal.SIGKILL)
    until(lambda: children(serve).keys() == ALL and not set(children(serve).values()) & set(first.values()))
    migrated.until_ready()

    again = migrated.run("serve")
    assert again.returncode == 1
    assert again.stderr.startswith(f"peyvand: port {migrated.port} on 127.0.0.1 is taken")

    second = children(serve)
    started = time.monotonic()
    serve.send_signal(signal.SIGTERM)
    assert serve.wait(PATIENCE) == 0
    assert time.monotonic() - started < 30, "aim: 3 s and a little on a quiet machine"
    assert all(gone(pid) for pid in second.values())


def test_serve_goes_on_where_its_log_takes_no_more(migrated: Installation) -> None:
    serve = migrated.serve(log=Path("/dev/full"))
    until(lambda: children(serve).keys() == ALL)
    first = children(serve)
    for pid in first.values():
        os.kill(pid, signal.SIGKILL)
    until(lambda: serve.poll() is not None or (children(serve).keys() == ALL and not set(children(serve).values()) & set(first.values())))
    migrated.until_ready()
    serve.send_signal(signal.SIGTERM)
    assert serve.wait(PATIENCE) == 0


def test_who_is_told_to_end_while_it_holds_a_lock_does_not_wait_for_itself() -> None:
    assert subprocess.run([sys.executable, "-c", TOLD_INSIDE_A_LOCK], timeout=PATIENCE, check=False).returncode == 0


def test_nobody_is_left_behind_when_the_supervisor_is_killed(migrated: Installation) -> None:
    serve = migrated.serve()
    until(lambda: children(serve).keys() == ALL)
    left = children(serve)
    serve.kill()
    serve.wait()
    until(lambda: all(gone(pid) for pid in left.values()))


def test_a_job_in_the_hand_of_a_killed_worker_is_done_by_the_next(migrated: Installation, tmp_path: Path) -> None:
    migrated.apps = "peyvand.config.tests.slow"
    trace = tmp_path / "trace"
    with sqlite3.connect(migrated.data / "peyvand.sqlite3") as database:
        database.execute(
            "INSERT INTO core_job (name, payload, state, due_at, attempts, lease, error, created_at) "
            "VALUES ('slow.hang_once', json_object('trace', ?), 0, '2020-01-01', 0, '', '', '2020-01-01')",
            [str(trace)],
        )
    database.close()
    first = migrated.start("worker")
    until(lambda: trace.exists() and trace.read_text() == "begun\n")
    first.kill()
    first.wait()
    with sqlite3.connect(migrated.data / "peyvand.sqlite3") as database:
        database.execute("UPDATE core_job SET due_at = '2099-01-01' WHERE name = 'slow.hang_once'")  # no lease runs out in this test
    database.close()
    second = migrated.start("worker")
    until(lambda: trace.read_text() == "begun\nbegun\ndone\n")
    until(lambda: held(migrated, "core_job WHERE name LIKE 'slow.%'") == 0)  # it is taken off a moment after it was done
    second.terminate()
    assert second.wait(PATIENCE) == 0
    assert held(migrated, "core_heartbeat") == 0, "who ends in order takes leave"


def held(installation: Installation, rows: str) -> int:
    """How many rows of a table the records hold."""
    with closing(sqlite3.connect(installation.data / "peyvand.sqlite3")) as database:
        return int(database.execute(f"SELECT count(*) FROM {rows}").fetchone()[0])
