"""Reading SQLite's own files beside its connections: the locks of this process stay."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from peyvand.core.sqlite import peeking
from peyvand.core.sqlite.peeking import peek, pieces

ANOTHER = """
import sqlite3, sys
other = sqlite3.connect(sys.argv[1], timeout=0)
other.execute("INSERT INTO rows VALUES (2)")
other.commit()
print(other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])
other.close()
"""


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A connection of this process, in the midst of reading."""
    with closing(sqlite3.connect(tmp_path / "some.sqlite3", isolation_level=None)) as made:
        made.execute("PRAGMA journal_mode=WAL")
        made.execute("CREATE TABLE rows (n integer)")
        made.execute("INSERT INTO rows VALUES (1)")
        yield made


def another_writes(path: Path) -> str:
    """Another process writes, empties the log where nobody reads an older state of it, and is gone; says whether somebody does."""
    return subprocess.run([sys.executable, "-c", ANOTHER, str(path)], check=True, capture_output=True, text=True).stdout.strip()


def test_who_looks_at_the_index_of_the_log_takes_no_reader_its_place(reader: sqlite3.Connection, tmp_path: Path) -> None:
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM rows").fetchone() == (1,)
    assert len(peek(tmp_path / "some.sqlite3-shm", 100)) == 100
    assert another_writes(tmp_path / "some.sqlite3") == "1", "the log was emptied under a reader"
    assert reader.execute("SELECT count(*) FROM rows").fetchone() == (1,)


def test_who_looks_through_the_file_loses_nothing_that_is_written_afterwards(reader: sqlite3.Connection, tmp_path: Path) -> None:
    """Without its lock another process would believe to be the last, and delete the log in which this one goes on writing."""
    file = tmp_path / "some.sqlite3"
    assert sum(map(len, pieces(file, 0))) == file.stat().st_size
    another_writes(file)
    reader.execute("INSERT INTO rows VALUES (3)")
    assert another_writes(file) == "0"
    with closing(sqlite3.connect(file)) as later:
        assert later.execute("SELECT n FROM rows ORDER BY n").fetchall() == [(1,), (2,), (2,), (3,)]


def test_what_lies_across_two_pieces_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peeking, "PIECE", 4)
    path = tmp_path / "words"
    path.write_bytes(b"abcdefghij")
    assert list(pieces(path, 3)) == [b"abcd", b"bcdefgh", b"fghij"]
    assert list(pieces(path, 0)) == [b"abcd", b"efgh", b"ij"]


def test_a_file_that_took_the_place_of_another_is_read(tmp_path: Path) -> None:
    path, other = tmp_path / "one", tmp_path / "other"
    path.write_bytes(b"before")
    assert peek(path, 10) == b"before"
    other.write_bytes(b"after")
    other.replace(path)
    assert peek(path, 10) == b"after"
