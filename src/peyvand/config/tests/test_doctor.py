"""`peyvand doctor`: says what is wrong once, and what to do; a check that cannot be made never hides the others."""

import json

import pytest
from django.db import connection
from tests.moulds import cast, laid

from peyvand.config.diagnosis import records
from peyvand.config.tests.running import Installation
from peyvand.core.db import is_sqlite


def states(here: Installation, *words: str) -> tuple[int, dict[str, str]]:
    done = here.run("doctor", "--json", *words)
    return done.returncode, {finding["check"]: finding["state"] for finding in json.loads(done.stdout)["findings"]}


def test_an_old_database_is_one_fault_with_its_remedy(anywhere: Installation) -> None:
    done = anywhere.run("doctor")
    assert done.returncode == 1
    assert [line for line in done.stdout.splitlines() if line.startswith("FAULT")] == [
        next(line for line in done.stdout.splitlines() if "Run `peyvand migrate`." in line)
    ]


def test_a_database_out_of_reach_is_one_fault_and_the_rest_is_still_looked_at(here: Installation) -> None:
    here.url = "postgres://nobody@127.0.0.1:1/none"
    code, found = states(here)
    assert code == 1
    assert [check for check, state in found.items() if state == "fault"] == ["database"]
    assert {"data folder", "lake", "mail"} <= set(found)
    said = here.run("doctor").stdout
    assert "database: The database cannot be reached." in said


def test_a_sound_installation_lacks_only_its_processes(anywhere: Installation) -> None:
    cast(anywhere, laid)
    code, found = states(anywhere, "--deep")
    assert code == 1
    assert [check for check, state in found.items() if state == "fault"] == ["web", "worker"]
    assert found["integrity"] == ("note" if anywhere.url else "ok"), "PostgreSQL's are looked at where amcheck is installed"
    (anywhere.data / "secret.key").chmod(0o644)
    assert states(anywhere)[1]["data folder"] == "fault"


@pytest.mark.django_db
def test_a_large_postgresql_with_the_settings_of_a_small_one_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "LARGE", 0)
    monkeypatch.setattr(records, "ROOM", {"shared_buffers": (1 << 50, "too little"), "max_wal_size": (1, "too little")})
    noted = [words.partition(" is ")[0] for state, words in records.database() if state == "note"]
    assert [name for name in noted if name in records.ROOM] == ([] if is_sqlite() else ["shared_buffers"])


@pytest.mark.django_db
def test_a_postgresql_that_may_lose_what_it_acknowledged_is_a_fault() -> None:
    if is_sqlite():
        assert [state for state, _words in records.database()] == ["ok"]
        return
    told = {}
    for value in ("on", "off"):
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL synchronous_commit = {value}")
        told[value] = {words for state, words in records.database() if state == "fault"}
    assert told["off"] - told["on"] == {
        "synchronous_commit is off: what was acknowledged can be lost when the machine stops. Let PostgreSQL's administrator set it to on."
    }
