"""`peyvand doctor`: says what is wrong once, and what to do; a check that cannot be made never hides the others."""

import json

from peyvand.config.tests.running import Installation


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


def test_a_sound_installation_lacks_only_its_worker(anywhere: Installation) -> None:
    assert anywhere.run("migrate").returncode == 0
    code, found = states(anywhere, "--deep")
    assert code == 1
    assert [check for check, state in found.items() if state == "fault"] == ["worker"]
    assert found["integrity"] == "ok"
    (anywhere.data / "secret.key").chmod(0o644)
    assert states(anywhere)[1]["data folder"] == "fault"
