"""The SQLite backend: autocommit writes pass the gate, RETURNING rows arrive, reading never waits, failures let go."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db.utils import OperationalError

from peyvand.core.db import keep_pages, store_failure
from peyvand.core.sqlite.base import WRITES, DatabaseWrapper
from peyvand.core.sqlite.gate import Gate
from peyvand.core.tests.sqlite_writers import connect, write


@pytest.fixture(autouse=True)
def _own_connections(django_db_blocker: Any) -> Iterator[None]:
    """These tests open files of their own, not the one that pytest-django guards."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def db(tmp_path: Path):
    wrapper = connect(str(tmp_path / "base.sqlite3"), timeout=0.3)
    with wrapper.cursor() as cursor:
        cursor.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT UNIQUE)")
    yield wrapper
    wrapper.close()


def gate_of(db: DatabaseWrapper) -> Gate:
    return Gate(Path(str(db.settings_dict["NAME"])), seconds=0.3)


def test_the_file_is_in_wal_mode_with_full_sync_and_our_limits(db: DatabaseWrapper) -> None:
    with db.cursor() as cursor:
        found = {
            name: cursor.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "wal_autocheckpoint", "journal_size_limit", "secure_delete")
        }
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "wal_autocheckpoint": 64000,
        "journal_size_limit": 67108864,
        "secure_delete": 1,
    }


def test_what_is_overwritten_and_deleted_is_gone_from_the_file(db: DatabaseWrapper) -> None:
    def bytes_kept() -> int:
        with db.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return Path(str(db.settings_dict["NAME"])).read_bytes().count(b"zebrafink")

    with db.cursor() as cursor:
        cursor.executemany("INSERT INTO t (x) VALUES (%s)", [(f"{n} zebrafink {'long ' * (n % 7 * 400)}",) for n in range(300)])
        assert bytes_kept() >= 300
        cursor.execute("UPDATE t SET x = substr(x, 1, 3) || 'zebra' || id WHERE id % 2 = 0")
        cursor.execute("DELETE FROM t WHERE id % 2 = 1")
    assert bytes_kept() == 0


def test_who_keeps_more_pages_keeps_them_when_it_connects_anew(db: DatabaseWrapper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("peyvand.core.db.connection", db)
    kept = []
    for change in (lambda: None, keep_pages, db.close):
        change()
        with db.cursor() as cursor:
            kept.append(cursor.execute("PRAGMA cache_size").fetchone()[0])
    assert kept == [-8192, -65536, -65536]


def test_a_single_write_waits_at_the_gate(db: DatabaseWrapper) -> None:
    with gate_of(db), db.cursor() as cursor, pytest.raises(OperationalError, match="kept busy by another writer"):
        cursor.execute("INSERT INTO t (x) VALUES ('late')")
    with db.cursor() as cursor:
        cursor.execute("INSERT INTO t (x) VALUES ('in time')")
        cursor.execute("SELECT x FROM t")
        assert cursor.fetchall() == [("in time",)]


def test_a_read_does_not_wait_at_the_gate(db: DatabaseWrapper) -> None:
    with gate_of(db), db.cursor() as cursor:
        assert cursor.execute("SELECT count(*) FROM t").fetchone() == (0,)


def test_returned_rows_arrive_and_are_committed_before_they_are_read(db: DatabaseWrapper) -> None:
    with db.cursor() as cursor:
        cursor.execute("INSERT INTO t (x) VALUES ('a'), ('b'), ('c') RETURNING x")
        assert not db.connection.in_transaction
        assert cursor.fetchone() == ("a",)
        assert cursor.fetchmany(1) == [("b",)]
        assert list(cursor) == [("c",)]
        assert cursor.fetchone() is None


def test_the_gate_is_free_after_commit_rollback_and_a_failed_statement(db: DatabaseWrapper) -> None:
    write(db, 1)
    with gate_of(db):
        pass
    with db.cursor() as cursor, pytest.raises(sqlite3.IntegrityError):
        cursor.cursor.execute("INSERT INTO t (x) VALUES ('0')")
    with gate_of(db):
        pass
    db.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    db.rollback()
    db.set_autocommit(True)
    with gate_of(db):
        pass


def test_a_transaction_keeps_the_gate_until_it_ends(db: DatabaseWrapper) -> None:
    db.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    other = connect(str(db.settings_dict["NAME"]), timeout=0.2)
    with pytest.raises(OperationalError, match="kept busy"):
        write(other, 1)
    db.commit()
    db.set_autocommit(True)
    write(other, 1)
    other.close()


def test_a_closed_connection_lets_go_of_the_gate(db: DatabaseWrapper) -> None:
    db.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    db.close()
    with gate_of(db):
        pass


def test_a_full_disk_is_told_writes_nothing_and_heals_by_itself(db: DatabaseWrapper) -> None:
    with db.cursor() as cursor:
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count={pages + 2}")  # SQLite's own way to be full, with the same error
        with pytest.raises(OperationalError) as raised:
            write(db, 5000)
        assert store_failure(raised.value) is not None
        assert not db.connection.in_transaction
        with gate_of(db):
            pass
        assert cursor.execute("SELECT count(*) FROM t").fetchone() == (0,)
        cursor.execute("PRAGMA max_page_count=1000000")
    write(db, 5000)


@pytest.mark.parametrize(
    ("statement", "writes"),
    [
        ("INSERT INTO t VALUES (1)", True),
        ("  update t set x = 1", True),
        ("WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a", True),
        ("WITH a AS (SELECT 1) SELECT * FROM a", False),
        ("SELECT replace(x, 'a', 'b') FROM t", False),
        ("PRAGMA foreign_keys = ON", False),
        ("CREATE INDEX i ON t (x)", True),
        ("SAVEPOINT a", False),
    ],
)
def test_writes_are_told_from_reads(statement: str, writes: bool) -> None:
    assert bool(WRITES.match(statement)) is writes
