"""The gate: everyone gets a turn under a bulk writer, a dead holder blocks nobody, a wait has an end."""

import fcntl
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.waiting import PATIENCE, until

from peyvand.core.sqlite.gate import Gate, GateTimeoutError
from peyvand.core.tests.sqlite_writers import connect, write


@pytest.fixture(autouse=True)
def _own_connections(django_db_blocker: Any) -> Iterator[None]:
    """These tests open files of their own, not the one that pytest-django guards."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = str(tmp_path / "gate.sqlite3")
    db = connect(path)
    with db.cursor() as cursor:
        cursor.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT)")
    db.close()
    return path


def start(*words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-m", "peyvand.core.tests.sqlite_writers", *words], stdout=subprocess.PIPE, text=True)


def result(process: "subprocess.Popen[str]") -> Any:
    out, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    return json.loads(out)


def test_single_writers_get_their_turn_beside_a_bulk_writer(file: str) -> None:
    bulk, singles = start("bulk", file, "3"), start("singles", file, "3", "4")
    commits, waits = result(bulk)["commits"], result(singles)
    took = sorted(waits["took"])
    assert waits["errors"] == []
    usual = 3000 / commits  # milliseconds of a round in which the bulk writer and each of the four others commit once
    assert took[int(len(took) * 0.99)] < max(2000, 20 * usual)
    assert commits > 10, "the bulk writer gets its turns too"
    db = connect(file)
    with db.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM t")
        assert cursor.fetchone() == (commits * 2000 + len(took),)
    db.close()


def test_a_killed_holder_blocks_nobody_and_leaves_nothing(file: str) -> None:
    holder = start("hold", file)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "holding\n"
    holder.kill()
    holder.wait()
    db, started = connect(file), time.perf_counter()
    write(db, 1)
    assert time.perf_counter() - started < 20, "whoever waits gives up after thirty"
    with db.cursor() as cursor:
        cursor.execute("SELECT x FROM t")
        assert cursor.fetchall() == [("0",)]
    db.close()


def test_a_wait_ends_with_a_plain_message_and_the_next_try_works(tmp_path: Path) -> None:
    path = tmp_path / "db"
    holder, waiter = Gate(path), Gate(path, seconds=0.2)
    holder.enter()
    with pytest.raises(GateTimeoutError, match="nothing was written"):
        waiter.enter()
    assert not waiter.held
    holder.leave()
    for _ in range(20):  # the abandoned wait lets go as soon as it gets through
        waiter.enter()
        assert waiter.held
        waiter.leave()


def is_locked(path: Path) -> bool:
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def test_who_leaves_cannot_overtake_who_waits(tmp_path: Path) -> None:
    path, order = tmp_path / "db", []
    first, second = Gate(path), Gate(path)
    first.enter()

    def wait() -> None:
        second.enter()
        order.append("who waited")
        second.leave()

    thread = threading.Thread(target=wait)
    thread.start()
    until(lambda: is_locked(Path(f"{path}.queue")), "nobody stands in the queue")
    first.leave()
    first.enter()
    order.append("who came back")
    first.leave()
    thread.join(PATIENCE)
    assert order == ["who waited", "who came back"]


def test_who_looks_knows_whether_somebody_is_inside(tmp_path: Path) -> None:
    path = tmp_path / "db"
    first, second = Gate(path), Gate(path)
    assert not second.is_taken()
    first.enter()
    assert second.is_taken()
    first.leave()
    assert not second.is_taken()
    first.enter()  # who only looks keeps nobody out
    first.leave()


def test_a_gate_that_was_closed_lets_others_in(tmp_path: Path) -> None:
    path = tmp_path / "db"
    first, second = Gate(path), Gate(path, seconds=1)
    first.enter()
    first.close()
    second.enter()
    assert second.held
    second.close()
