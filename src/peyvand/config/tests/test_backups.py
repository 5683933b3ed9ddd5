"""Backups: made under load, whole or refused, restored with the same rows, files and secret, never over what is there."""

import gzip
import io
import json
import sqlite3
import tarfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.moulds import cast, databases, laid

from peyvand.config.tests.running import Installation

pytestmark = pytest.mark.slow
ERA = "SELECT max(number) FROM timeline_era"


def found(place: Installation) -> None:
    """Fill a new installation with a workspace, a key, a file."""
    for words in (("migrate",), ("createworkspace", "کافه نارنج", "--slug", "narenj"), ("createkey", "--scope", "ingest")):
        done = place.run(*words)
        assert done.returncode == 0, done.stderr
    (place.data / "files" / "logos").mkdir(parents=True)
    (place.data / "files" / "logos" / "نارنج.txt").write_text("orange")


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return cast(Installation(tmp_path_factory.mktemp("full") / "installation"), found)


@pytest.fixture(scope="module")
def saved(full: Installation) -> Path:
    path = full.data.parent / "saved.tar.gz"
    done = full.run("backup", str(path), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["tables"]["workspaces_workspace"] == 1
    assert path.stat().st_mode & 0o777 == 0o600
    return path


@pytest.fixture
def empty(tmp_path: Path) -> Installation:
    return Installation(tmp_path / "empty")


def rows(place: Installation) -> list[Any]:
    database = sqlite3.connect(place.data / "peyvand.sqlite3")
    try:
        return [
            database.execute(f"SELECT * FROM {table} ORDER BY id").fetchall() for table in ("workspaces_workspace", "workspaces_apikey")
        ]
    finally:
        database.close()


def test_a_backup_comes_back_with_rows_files_and_secret(full: Installation, saved: Path, empty: Installation) -> None:
    done = empty.run("restore", str(saved))
    assert done.returncode == 0, done.stderr
    assert rows(empty) == rows(full)
    assert (empty.data / "files" / "logos" / "نارنج.txt").read_text() == "orange"
    assert (empty.data / "secret.key").read_text() == (full.data / "secret.key").read_text()
    assert (empty.data / "secret.key").stat().st_mode & 0o777 == 0o600

    again = empty.run("restore", str(saved))
    assert (again.returncode, "there are workspaces here already" in again.stderr) == (1, True)
    assert empty.run("createworkspace", "limu").returncode == 0
    assert empty.run("restore", str(saved), "--force").returncode == 0
    assert rows(empty) == rows(full)
    assert (empty.data / "peyvand.sqlite3.before-restore").exists()


def test_the_lake_is_made_anew_since_it_may_have_seen_more_than_the_backup(full: Installation, tmp_path: Path, empty: Installation) -> None:
    database = sqlite3.connect(full.data / "peyvand.sqlite3", isolation_level=None)
    database.execute("INSERT INTO timeline_place VALUES ('lake', 1, 0, 7, '2026-01-01')")
    later = full.data / "lake" / "interactions" / "later.parquet"
    later.parent.mkdir(parents=True)
    later.write_text("a step that the records of the backup have not seen")
    try:
        assert full.run("backup", str(tmp_path / "lake.tar.gz")).returncode == 0
    finally:
        database.execute("DELETE FROM timeline_place")
        database.close()
    cast(empty, laid)
    (empty.data / "lake" / "interactions").mkdir(parents=True)
    done = empty.run("restore", str(tmp_path / "lake.tar.gz"))
    assert done.returncode == 0, done.stderr
    assert not (empty.data / "lake").exists()
    with closing(sqlite3.connect(empty.data / "peyvand.sqlite3")) as restored:
        assert restored.execute("SELECT count(*) FROM timeline_place WHERE name = 'lake'").fetchone() == (0,), "all is copied again"


def test_a_file_is_not_written_over_by_chance(full: Installation, saved: Path) -> None:
    before = saved.read_bytes()
    done = full.run("backup", str(saved))
    assert (done.returncode, "exists" in done.stderr) == (1, True)
    assert saved.read_bytes() == before


def changed(saved: Path, to: Path, change: Any) -> Path:
    """Write the archive again with a change to its unpacked bytes."""
    with gzip.open(to, "wb") as file:
        file.write(change(gzip.decompress(saved.read_bytes())))
    return to


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda tar: tar.replace(b"orange", b"orangs"), "files differ from their hash"),
        (lambda tar: tar[: len(tar) // 2], "cannot be read as a backup"),
        (lambda _tar: b"", "cannot be read as a backup"),
    ],
    ids=["a changed byte", "half", "nothing"],
)
def test_a_damaged_backup_is_refused_and_nothing_is_put(saved: Path, empty: Installation, tmp_path: Path, change: Any, words: str) -> None:
    bad = changed(saved, tmp_path / "bad.tar.gz", change)
    done = empty.run("restore", str(bad))
    assert (done.returncode, words in done.stderr, "Traceback" in done.stderr) == (1, True, False), done.stderr
    assert not (empty.data / "peyvand.sqlite3").exists()
    assert not (empty.data / "files").exists()


def test_an_archive_cannot_write_outside_its_folder(empty: Installation, tmp_path: Path) -> None:
    bad = tmp_path / "bad.tar.gz"
    with tarfile.open(bad, "w:gz") as tar:
        member = tarfile.TarInfo("../../escaped")
        member.size = 1
        tar.addfile(member, io.BytesIO(b"x"))
    done = empty.run("restore", str(bad))
    assert (done.returncode, "cannot be read as a backup" in done.stderr) == (1, True)
    assert not (tmp_path / "escaped").exists()


def test_a_backup_under_load_holds_one_moment_and_stops_nobody(full: Installation, tmp_path: Path, empty: Installation) -> None:
    stop, written, slowest = threading.Event(), [0], [0.0]

    def write() -> None:
        database = sqlite3.connect(full.data / "peyvand.sqlite3", timeout=30, isolation_level=None)
        while not stop.is_set():  # two rows in one transaction: half of a pair must never be seen
            started = time.perf_counter()
            database.execute("BEGIN IMMEDIATE")
            for half in "ab":
                database.execute("INSERT INTO core_schedule (name, last_at) VALUES (?, '2026-01-01')", [f"{half}{written[0]}" + "x" * 60])
            database.execute("COMMIT")
            written[0] += 1
            slowest[0] = max(slowest[0], time.perf_counter() - started)
        database.close()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        done = full.run("backup", str(tmp_path / "load.tar.gz"), "--json")
    finally:
        stop.set()
        thread.join()
    assert done.returncode == 0, done.stderr
    pairs = json.loads(done.stdout)["tables"]["core_schedule"]
    assert 0 < pairs < 2 * written[0]
    assert pairs % 2 == 0
    assert slowest[0] < 20, "nobody waits for the whole of it"
    restored = empty.run("restore", str(tmp_path / "load.tar.gz"), "--json")
    assert json.loads(restored.stdout)["tables"]["core_schedule"] == pairs


@pytest.fixture
def pair(postgres_url: str, tmp_path: Path) -> Iterator[list[Installation]]:
    """An installation on PostgreSQL, and an empty place for another."""
    with databases(postgres_url, "from", "to") as urls:
        made = [Installation(tmp_path / folder, url=url) for folder, url in zip(("from", "to"), urls, strict=True)]
        cast(made[0], found)
        yield made


@pytest.mark.postgres
def test_a_backup_of_postgresql_comes_back_and_begins_a_new_era(pair: list[Installation], empty: Installation, tmp_path: Path) -> None:
    source, target = pair
    path = tmp_path / "saved.tar.gz"
    assert source.run("backup", str(path)).returncode == 0
    wrong = empty.run("restore", str(path))
    assert (wrong.returncode, "this backup is of PostgreSQL, and does not go into SQLite" in wrong.stderr) == (1, True)
    done = target.run("restore", str(path))
    assert done.returncode == 0, done.stderr
    keys, eras = (
        [place.ask(f"SELECT {asked}") for place in pair]
        for asked in ("* FROM workspaces_apikey ORDER BY id", "max(number) FROM timeline_era")
    )
    assert keys[0] == keys[1]
    assert eras[1][0][0] == eras[0][0][0] + 1
    assert target.run("createkey", "--scope", "read").returncode == 0, "the sequences go on where they were"
