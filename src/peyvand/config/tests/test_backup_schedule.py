"""The worker's own backups: one a day once the hour has struck, the newest few kept, none that would fill the disk; their age is told."""

import fcntl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from peyvand.config.backups import schedule
from peyvand.config.backups.schedule import Schedule, is_due, prune
from peyvand.config.diagnosis import backup
from peyvand.config.tests.running import Installation
from peyvand.core import backups, clock
from peyvand.core.backups import NIGHTLY, last_of, nightly
from peyvand.workspaces.models import Workspace
from peyvand.workspaces.services import audit

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(settings: Any, tmp_path: Path, frozen_clock: clock.Frozen) -> Path:
    """Backups at 3 o'clock of this machine; it is noon there, and the installation is a month old."""
    made = tmp_path / "backups"
    made.mkdir()
    settings.PEYVAND_BACKUP_FOLDER, settings.PEYVAND_BACKUP_HOUR, settings.PEYVAND_BACKUP_KEEP = made, 3, 2
    frozen_clock.move_to(frozen_clock.at.astimezone().replace(hour=12))
    MigrationRecorder.Migration.objects.update(applied=clock.now() - timedelta(days=30))
    return made


def put(folder: Path, hours_ago: float) -> Path:
    path = folder / f"{clock.now() - timedelta(hours=hours_ago):{NIGHTLY}}"
    path.write_bytes(b"x")
    return path


def test_one_is_due_once_the_hour_has_struck_since_the_last(folder: Path, settings: Any) -> None:
    assert is_due(), "there is none yet, and the installation is old"
    old = put(folder, 10)
    assert is_due(), "it was written at two"
    put(folder, 8)
    assert not is_due(), "it was written at four"
    old.unlink()
    settings.PEYVAND_BACKUP_HOUR = 11
    assert is_due()
    settings.PEYVAND_BACKUP_HOUR = 13
    assert not is_due(), "thirteen struck yesterday"
    settings.PEYVAND_BACKUP_HOUR = -1
    assert not is_due()


def test_a_new_installation_waits_for_the_hour(folder: Path) -> None:
    MigrationRecorder.Migration.objects.update(applied=clock.now() - timedelta(hours=1))
    assert not is_due()


def test_the_newest_few_are_kept_and_other_files_left(folder: Path) -> None:
    other = folder / "peyvand-before-the-move.tar.gz"
    other.write_bytes(b"mine")
    paths = [put(folder, hours) for hours in (50, 26, 2)]
    prune()
    assert sorted(folder.iterdir()) == sorted([other, *paths[1:]])
    assert [path for _moment, path in nightly()] == [paths[2], paths[1]]


def test_what_an_upgrade_or_a_restore_put_aside_goes_after_thirty_days(
    folder: Path, settings: Any, data_folder: Path, frozen_clock: clock.Frozen
) -> None:
    frozen_clock.move_to(datetime.now(UTC))  # noqa: TID251 - what a file system says when something was put aside
    names = [f"{why}-1.0.0-{clock.now():%Y%m%d-%H%M%S}.tar.gz" for why in ("before-upgrade", "left-by-return")]
    made = [folder / name for name in names]
    by_hand = folder / "before-upgrade-of-mine.tar.gz"
    aside = [data_folder / "peyvand.sqlite3.before-restore", data_folder / "files.before-restore"]
    for path in (*made, by_hand, aside[0]):
        path.write_bytes(b"x")
    (aside[1] / "deeper").mkdir(parents=True)
    settings.PEYVAND_BACKUP_HOUR = -1
    worker = Schedule(settle=0)
    frozen_clock.advance(timedelta(days=29))
    assert not worker.turn(threading.Event())
    assert {path for path in (*made, *aside) if not path.exists()} == set(), "the way back of the last upgrade stays"
    frozen_clock.advance(timedelta(days=1, hours=2))
    worker.turn(threading.Event())
    assert [*folder.iterdir(), *data_folder.glob("*.before-restore")] == [by_hand]


def test_a_database_that_was_put_aside_elsewhere_is_known_and_goes_too(
    folder: Path, tmp_path: Path, frozen_clock: clock.Frozen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backups, "is_sqlite", lambda: True)
    monkeypatch.setitem(connection.settings_dict, "NAME", tmp_path / "elsewhere.sqlite3")
    aside = tmp_path / "elsewhere.sqlite3.before-restore"
    aside.write_bytes(b"rows")
    assert backups.put_aside() == [aside]
    frozen_clock.move_to(datetime.now(UTC) + timedelta(days=31))  # noqa: TID251 - what a file system says when something was put aside
    prune()
    assert (backups.put_aside(), aside.exists()) == ([], False)


def test_nightly_ones_go_after_thirty_days_where_no_more_are_written(folder: Path, settings: Any) -> None:
    settings.PEYVAND_BACKUP_HOUR = -1
    paths = [put(folder, hours) for hours in (31 * 24, 29 * 24, 2)]
    prune()
    assert sorted(folder.iterdir()) == paths[1:]


def test_the_day_on_which_the_last_goes_is_known(folder: Path) -> None:
    assert last_of(clock.now()) is None
    put(folder, 31)
    newest = (clock.now() - timedelta(hours=7)).replace(microsecond=0)
    put(folder, 7)
    assert last_of(newest) == newest + timedelta(days=1), "two are kept, so it goes with the next"
    assert last_of(clock.now()) == newest + timedelta(days=2)
    (folder / f"before-upgrade-1.0.0-{newest:%Y%m%d-%H%M%S}.tar.gz").write_bytes(b"x")
    assert last_of(clock.now()) == newest + timedelta(days=30)
    assert last_of(newest) == newest + timedelta(days=1)


def test_none_is_begun_that_would_fill_the_disk_and_only_one_worker_begins(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "_write", lambda *_unused: pytest.fail("begun"))
    with (folder / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert not Schedule(settle=0).turn(threading.Event())
    monkeypatch.setattr(schedule, "LEFT_FREE", 1 << 60)
    assert not Schedule(settle=0).turn(threading.Event())
    assert not Schedule().turn(threading.Event()), "a worker that just started waits"
    assert nightly() == []


def test_doctor_tells_the_age_of_the_last(folder: Path, settings: Any) -> None:
    ((state, words),) = backup.age()
    assert (state, words.partition(".")[0]) == ("fault", "no backup was ever written")
    put(folder, 30)
    assert [state for state, _words in backup.age()] == ["fault"]
    settings.PEYVAND_BACKUP_HOUR = -1
    assert list(backup.age()) == [("ok", "the last backup was written 30 h ago")]
    workspace = Workspace.objects.create(slug="narenj", names={"fa": "نارنج"})
    audit(workspace=workspace, actor=None, action="backup.taken", detail={})
    settings.PEYVAND_BACKUP_HOUR = 3
    assert list(backup.age()) == [("ok", "the last backup was written 0 s ago")], "one by hand counts too"


@pytest.mark.slow
def test_the_worker_writes_one_that_comes_back(
    migrated: Installation, settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings.PEYVAND_BACKUP_FOLDER, settings.PEYVAND_BACKUP_HOUR = tmp_path / "backups", datetime.now(UTC).astimezone().hour  # noqa: TID251 - real
    MigrationRecorder.Migration.objects.update(applied=clock.now() - timedelta(days=30))
    for name, value in migrated.environ.items():
        monkeypatch.setenv(name, value)
    assert Schedule(settle=0).turn(threading.Event())
    ((_moment, path),) = nightly()
    assert not is_due()
    done = migrated.run("verify-backup", str(path))
    assert (done.returncode, "restored into a temporary place" in done.stdout) == (0, True), done.stderr
    assert not list(migrated.data.glob(".verify-*")), "nothing is left of the trial"
    stopping = threading.Event()
    stopping.set()
    path.unlink()
    assert not Schedule(settle=0).turn(stopping), "a worker that ends gives up"
    assert nightly() == []
