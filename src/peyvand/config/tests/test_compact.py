"""Room that deleted rows left inside an SQLite file: doctor tells of it, `peyvand compact` gives it back, nothing else changes."""

import json
import sqlite3
from contextlib import closing

import pytest
from django.db import connection
from tests.waiting import until

from peyvand.config.diagnosis import records
from peyvand.config.tests.running import Installation

pytestmark = pytest.mark.slow
ROWS = 4000  # of a kilobyte each


def swollen(place: Installation) -> None:
    """Write some megabytes and delete them again."""
    with closing(sqlite3.connect(place.data / "peyvand.sqlite3")) as database:
        rows = ((f"{n}" + "x" * 1000,) for n in range(ROWS))
        database.executemany("INSERT INTO core_schedule (name, last_at) VALUES (?, '2026-01-01')", rows)
        database.commit()
        database.execute("DELETE FROM core_schedule")
        database.commit()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def contents(place: Installation) -> list[str]:
    with closing(sqlite3.connect(place.data / "peyvand.sqlite3")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return sorted(database.iterdump())


def test_the_file_shrinks_and_holds_what_it_held(migrated: Installation) -> None:
    assert migrated.run("createworkspace", "نارنج", "--slug", "narenj").returncode == 0
    swollen(migrated)
    before, size = contents(migrated), (migrated.data / "peyvand.sqlite3").stat().st_size
    done = migrated.run("compact", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    after = (migrated.data / "peyvand.sqlite3").stat().st_size
    assert (told["before"], told["after"]) == (size, after)
    assert after < size - ROWS * 900
    assert contents(migrated) == before


def test_a_running_peyvand_is_not_kept_from_writing(migrated: Installation) -> None:
    migrated.serve()
    swollen(migrated)
    until(lambda: any('INSERT INTO "core_heartbeat"' in line for line in contents(migrated)), every=0.1)
    size = (migrated.data / "peyvand.sqlite3").stat().st_size
    refused = migrated.run("compact")
    assert (refused.returncode, "Stop it first" in refused.stderr) == (1, True)
    assert (migrated.data / "peyvand.sqlite3").stat().st_size >= size


@pytest.mark.django_db(transaction=True)
def test_doctor_tells_of_much_room_inside_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL looks after this itself")
    monkeypatch.setattr(records, "MUCH_FREED", 1 << 20)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE swollen (words text)")
        cursor.executemany("INSERT INTO swollen VALUES (%s)", [["x" * 1000]] * 8000)
        assert [state for state, _words in records.database()] == ["ok"]
        cursor.execute("DROP TABLE swollen")
        states, words = zip(*records.database(), strict=True)
        cursor.execute("VACUUM")
    assert states == ("ok", "note")
    assert "MB of it hold nothing since rows were deleted" in words[1]
    assert [state for state, _words in records.database()] == ["ok"]
