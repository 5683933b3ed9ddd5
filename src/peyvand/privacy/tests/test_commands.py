"""`peyvand export-person`, `peyvand erase-person`, and erasures made again after a restore."""

import argparse
import datetime as dt
import json
import zipfile

import pytest

from peyvand.config.command import Abort
from peyvand.config.commands import erase_person, export_person
from peyvand.core import clock
from peyvand.core.backups import BEFORE_UPGRADE, ENDING, NIGHTLY, STAMP, let_go
from peyvand.core.ids import public_id
from peyvand.identities.models import Identity
from peyvand.privacy.models import Erasure
from peyvand.privacy.queries import left_of
from peyvand.privacy.services.marking import FILE, noted, take_over
from peyvand.privacy.services.restoring import erase_again
from peyvand.privacy.services.wiping import beyond_reach
from peyvand.privacy.tests.canaries import MAIL, PHONE_WRITTEN, found, live

pytestmark = pytest.mark.django_db(transaction=True)


def said(command, *words: str) -> int:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return int(command.run(parser.parse_args(list(words))))


def test_a_person_is_exported_by_any_of_their_identities(brand, tmp_path, capsys):
    customer = live(brand)
    path = tmp_path / "negar.zip"
    assert said(export_person, PHONE_WRITTEN, "--out", str(path), "--json") == 0
    assert json.loads(capsys.readouterr().out)["customer"] == public_id(bytes(brand.id_key), customer.pk)
    assert path.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == ["person.json", "person.html"]
    with pytest.raises(Abort, match="exists"):
        said(export_person, MAIL, "--out", str(path))
    with pytest.raises(Abort, match="has no customer"):
        said(export_person, "09120000099", "--out", str(tmp_path / "x.zip"))


def test_a_person_is_erased_by_the_id_of_their_page_once_it_is_meant(brand, no_waiting, capsys):
    pid = public_id(bytes(brand.id_key), live(brand).pk)
    with pytest.raises(Abort, match="--yes"):
        said(erase_person, pid)
    assert not Erasure.objects.exists()
    assert said(erase_person, pid, "--yes", "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["customer"], answer["left"], answer["interactions"] > 8) == (pid, beyond_reach(), True)
    assert "rewritten" not in answer
    assert found() == set()
    with pytest.raises(Abort, match="has no customer"):
        said(erase_person, MAIL, "--yes")


def test_what_a_restore_put_aside_is_named(brand, no_waiting, capsys, data_folder):
    live(brand)
    (data_folder / "peyvand.sqlite3.before-restore").write_bytes(b"old")
    assert said(erase_person, MAIL, "--yes") == 0
    assert "before-restore" in capsys.readouterr().err


def test_backups_that_still_hold_the_person_are_named_with_the_day_on_which_the_last_goes(brand, no_waiting, capsys, settings, tmp_path):
    settings.PEYVAND_BACKUP_FOLDER = tmp_path
    before = tmp_path / f"{BEFORE_UPGRADE}-1.0.0-{clock.now() - dt.timedelta(days=1):{STAMP}}{ENDING}"
    before.write_bytes(b"old")
    live(brand)
    assert said(erase_person, MAIL, "--yes") == 0
    erasure = Erasure.objects.get()
    codes, until = left_of(erasure)
    assert codes == [*beyond_reach(), "backups"]
    assert f"The last of them goes by itself on {until.astimezone().date()}." in capsys.readouterr().err
    with clock.frozen(clock.now() + dt.timedelta(days=30)):
        (tmp_path / f"{clock.now():{NIGHTLY}}").write_bytes(b"without her")
        let_go()
        assert left_of(erasure) == (beyond_reach(), None)


def test_whom_a_backup_brings_back_is_erased_again(brand, no_waiting):
    since = clock.now()
    live(brand)
    said(erase_person, MAIL, "--yes", "--json")
    live(brand)  # as the records of an earlier day would
    assert Identity.objects.filter(value=MAIL).exists()
    assert erase_again(clock.now() + dt.timedelta(seconds=1)) == 0
    assert erase_again(since) == 1
    assert {place for place in found() if "/lake/" not in place} == set()
    assert Erasure.objects.exclude(state=Erasure.State.DONE).count() == 1
    assert erase_again(since) == 0


def test_the_file_of_erasures_is_joined_with_that_of_a_backup_and_bears_a_crash(data_folder, tmp_path):
    kept = data_folder / FILE
    kept.write_text('{"workspace": 1, "at": "2026-01-02T00:00:00+00:00", "marks": ["b"]}\n{"workspace": 1, "at"')
    other = tmp_path / FILE
    other.write_text('{"workspace": 1, "at": "2026-01-01T00:00:00+00:00", "marks": ["a"]}\n')
    take_over(other)
    assert [one.marks for one in noted()] == [("a",), ("b",)]
    take_over(tmp_path / "none")
    assert [one.marks for one in noted()] == [("a",), ("b",)]
