"""The write-ahead log of SQLite: copied beside writers and readers, and begun anew."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from peyvand.core.sqlite import log
from peyvand.core.sqlite.base import DatabaseWrapper
from peyvand.core.sqlite.log import keep_log_short, look
from peyvand.core.tests.sqlite_writers import connect

NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %s)"
ROWS = f"{NUMBERS} INSERT INTO rows (words) SELECT zeroblob(3900) FROM numbers"  # each a page of its own


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, django_db_blocker: Any) -> Iterator[DatabaseWrapper]:
    """A database of its own, as the settings make one, with a table."""
    made = connect(str(tmp_path / "log.sqlite3"))
    monkeypatch.setattr(log, "connection", made)
    monkeypatch.setattr(log, "is_sqlite", lambda: True)
    monkeypatch.setattr(log, "WORTH", 200)
    monkeypatch.setattr(log, "LITTLE", 50)
    with django_db_blocker.unblock():
        with made.cursor() as cursor:
            cursor.execute("CREATE TABLE rows (id integer PRIMARY KEY, words blob)")
        yield made
        made.close()


def fill(made: DatabaseWrapper, pages: int) -> None:
    with made.cursor() as cursor:
        cursor.execute(ROWS, [pages])


def test_a_short_log_is_left(file):
    fill(file, 100)
    assert keep_log_short() == 0
    assert look().copied == 0


def test_a_long_log_is_copied_and_begins_anew(file):
    fill(file, 400)
    assert look().pages >= 400
    assert keep_log_short() >= 400
    assert look().waiting == 0
    assert keep_log_short() == 0, "there is nothing more to copy"
    fill(file, 1)
    assert look().pages < 20, "the next commit writes over what was copied"


def test_who_reads_an_older_state_keeps_seeing_it_and_holds_nobody_up(file):
    fill(file, 400)
    with closing(sqlite3.connect(str(file.settings_dict["NAME"]))) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM rows").fetchone() == (400,)
        fill(file, 400)
        assert keep_log_short() >= 400
        assert look().waiting >= 400, "what is newer than the reader's state waits"
        fill(file, 1)
        assert reader.execute("SELECT count(*) FROM rows").fetchone() == (400,)
    keep_log_short()
    assert look().waiting == 0


@pytest.mark.parametrize(("coming", "inside"), [((60, 60), [False, False, False]), ((60, 60, 60), [False, False, False, True])])
def test_what_comes_while_it_copies_is_copied_while_nobody_writes(file, monkeypatch, coming, inside):
    """Of what comes meanwhile little is left after a few rounds; that is copied with the gate held."""
    copy, left, seen = log._copy, list(coming), []

    def copy_while_others_write() -> log.Log:
        seen.append(file._gate.held)
        copied = copy()
        if not left:
            return copied
        fill(file, left.pop(0))
        return look()

    fill(file, 400)
    monkeypatch.setattr(log, "_copy", copy_while_others_write)
    keep_log_short()
    assert seen == inside
    assert look().waiting == 0


def test_no_log_is_no_trouble(monkeypatch, tmp_path):
    monkeypatch.setattr(log, "connection", SimpleNamespace(settings_dict={"NAME": tmp_path / "none.sqlite3"}))
    assert look() == log.Log(0, 0)


def test_postgresql_keeps_its_own_log(monkeypatch):
    monkeypatch.setattr(log, "is_sqlite", lambda: False)
    monkeypatch.setattr(log, "look", lambda: pytest.fail("looked"))
    assert keep_log_short() == 0
