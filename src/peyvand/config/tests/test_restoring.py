"""A restore whatever came between: who was forgotten stays so, a kill costs a second run, a full disk costs nothing."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest
from tests.moulds import cast
from tests.waiting import until

from peyvand.config.tests.running import Installation

pytestmark = pytest.mark.slow
NEWER = "peyvand.config.tests.growing"
MAIL = "sara@post.example"
DISK_KB = 1200  # an installation's backup is larger; what stands on it before is small


@pytest.fixture
def places(places: tuple[Installation, Installation]) -> tuple[Installation, Installation]:
    """An installation with two customers, and an empty place of the same kind."""
    return cast(places[0], filled), places[1]


def filled(place: Installation) -> None:
    for words in (("upgrade",), ("createworkspace", "نارنج", "--slug", "narenj")):
        assert place.run(*words).returncode == 0
    made = json.loads(place.run("createkey", "--scope", "ingest", "--json").stdout)
    key = next(value for value in made.values() if isinstance(value, str) and len(value) > 30)
    place.serve()
    items = [
        {
            "kind": "order.placed",
            "occurred_at": "2026-06-15T09:00:00Z",
            "source": "shop",
            "external_id": mail,
            "customer": {"name": mail.partition("@")[0], "identities": [{"type": "email", "value": mail}]},
        }
        for mail in (MAIL, "omid@post.example")
    ]
    address = f"http://127.0.0.1:{place.port}/api/v1/interactions"
    assert httpx.post(address, json=items, headers={"authorization": f"Bearer {key}"}, timeout=30).status_code == 200
    place.stop()


def mails(place: Installation) -> list[str]:
    return [value for (value,) in place.ask("SELECT value FROM identities_identity WHERE value LIKE '%@%' ORDER BY value")]


def backed_up(place: Installation, path: Path) -> Path:
    done = place.run("backup", str(path))
    assert done.returncode == 0, done.stderr
    return path


def forget(place: Installation) -> None:
    """Forget Sara by the command, which is ended once it only waits for readers of the lake."""
    command = place.start("erase-person", MAIL, "--workspace", "narenj", "--yes")
    until(lambda: MAIL not in mails(place) and (place.data / "erasures.jsonl").exists(), "she was not forgotten", every=0.1)
    command.kill()
    command.wait()


def run_python(place: Installation, program: str, *words: str) -> int:
    environment = {**place.environ, "DJANGO_SETTINGS_MODULE": "peyvand.config.settings"}
    return subprocess.run([sys.executable, "-c", program, *words], env=environment, check=False).returncode


def restored_without_her(source: Installation, target: Installation, saved: Path) -> None:
    target.data.mkdir()
    (target.data / "erasures.jsonl").write_bytes((source.data / "erasures.jsonl").read_bytes())
    done = target.run("restore", str(saved), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["erased_again"] == 1
    assert mails(target) == ["omid@post.example"]
    assert target.ask("SELECT count(*) FROM timeline_interaction") == [(2,)], "what happened is counted on without them"
    assert not (target.data / "restoring.json").exists()


def test_who_was_forgotten_after_the_backup_stays_forgotten(places: tuple[Installation, Installation], tmp_path: Path) -> None:
    source, target = places
    saved = backed_up(source, tmp_path / "saved.tar.gz")
    forget(source)
    restored_without_her(source, target, saved)


def test_who_is_forgotten_while_the_backup_is_written_stays_forgotten(places: tuple[Installation, Installation], tmp_path: Path) -> None:
    source, target = places
    saved, go = tmp_path / "saved.tar.gz", tmp_path / "go"
    writing = threading.Thread(target=run_python, args=(source, WAITING, str(saved), str(go)))
    writing.start()
    until(go.exists, "the records were not written")
    forget(source)
    go.unlink()
    writing.join()
    restored_without_her(source, target, saved)


WAITING = """
import sys, time
import django; django.setup()
from pathlib import Path
from peyvand.config.backups import keeping
saved, go = Path(sys.argv[1]), Path(sys.argv[2])
engine = keeping.sqlite if keeping.is_sqlite() else keeping.postgres
dump = engine.dump
def slowly(*given):
    counts = dump(*given)
    go.touch()
    while go.exists():
        time.sleep(0.05)
    return counts
engine.dump = slowly
keeping.back_up(saved, lambda what: lambda n: None)
"""  # between the records and the rest it waits for a sign


def test_a_restore_killed_half_way_is_not_served_and_is_run_again(places: tuple[Installation, Installation], tmp_path: Path) -> None:
    source, target = places
    saved = backed_up(source, tmp_path / "saved.tar.gz")
    target.data.mkdir()
    (target.data / "secret.key").write_text("what was here before\n")
    assert run_python(target, KILLED, str(saved)) == -signal.SIGKILL
    assert mails(target) == sorted([MAIL, "omid@post.example"]), "the records are back, the secret is not"
    served = target.run("web")
    assert (served.returncode, "a restore was cut short" in served.stderr) == (78, True), served.stderr
    done = target.run("restore", str(saved))
    assert done.returncode == 0, done.stderr
    assert (target.data / "secret.key").read_text() == (source.data / "secret.key").read_text()
    assert (target.data / "secret.key.before-restore").read_text() == "what was here before\n"
    assert not (target.data / "restoring.json").exists()
    target.serve()


KILLED = """
import os, signal, sys
import django; django.setup()
from pathlib import Path
from peyvand.config.backups import keeping
keeping._put = lambda *given, **more: os.kill(os.getpid(), signal.SIGKILL)
keeping.restore(Path(sys.argv[1]), lambda what: lambda n: None)
"""  # killed after the records, before files and secret


def test_going_back_leaves_it_to_the_former_release_to_forget_again(places: tuple[Installation, Installation]) -> None:
    place, _unused = places
    place.apps = NEWER
    (place.data / "kill").unlink(missing_ok=True)
    assert place.run("upgrade").returncode == 0
    forget(place)
    back = place.run("upgrade", "--back")
    assert back.returncode == 0, back.stderr
    assert MAIL in mails(place), "as it was before the upgrade"
    place.apps = ""
    place.serve()
    assert mails(place) == ["omid@post.example"]
    assert not (place.data / "restoring.json").exists()


def test_a_backup_of_an_older_release_comes_back_into_a_newer_one_and_not_the_other_way(
    places: tuple[Installation, Installation], tmp_path: Path
) -> None:
    source, target = places
    old = backed_up(source, tmp_path / "old.tar.gz")
    target.apps = NEWER
    done = target.run("restore", str(old))
    assert done.returncode == 0, done.stderr
    assert target.run("migrate", "--check").returncode == 0, "and has the newer shape"
    assert target.ask("SELECT id FROM growing_thing") == [(1,)]
    new = backed_up(target, tmp_path / "new.tar.gz")
    before = source.ask("SELECT * FROM workspaces_workspace")
    refused = source.run("restore", str(new), "--force")
    assert (refused.returncode, "this backup knows changes that this release does not, such as growing.0001" in refused.stderr) == (1, True)
    assert source.ask("SELECT * FROM workspaces_workspace") == before


@pytest.mark.parametrize("keep", [0.5, 0.99])
def test_an_archive_cut_short_is_refused(places: tuple[Installation, Installation], tmp_path: Path, keep: float) -> None:
    source, target = places
    whole = backed_up(source, tmp_path / "whole.tar.gz").read_bytes()
    short = tmp_path / "short.tar.gz"
    short.write_bytes(whole[: int(len(whole) * keep)])
    done = target.run("restore", str(short))
    assert (done.returncode, "cannot be read as a backup" in done.stderr, "Traceback" in done.stderr) == (1, True, False), done.stderr
    assert not (target.data / "restoring.json").exists()


def test_a_disk_that_fills_up_costs_the_new_backup_and_not_the_one_before(
    places: tuple[Installation, Installation], tmp_path: Path
) -> None:
    source, _target = places
    (source.data / "files").mkdir(exist_ok=True)
    (source.data / "files" / "picture.png").write_bytes(os.urandom(DISK_KB * 1024))
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_KB}k", "tmpfs", disk], check=False, capture_output=True)
    if mounted.returncode:
        pytest.skip("only root may mount a small disk")
    try:
        (disk / "saved.tar.gz").write_bytes(b"the backup of yesterday")
        done = source.run("backup", str(disk / "saved.tar.gz"), "--force")
        assert done.returncode == 75, done.stderr
        assert "full" in done.stderr
        assert "Traceback" not in done.stderr
        assert [path.name for path in disk.iterdir()] == ["saved.tar.gz"], "no half is left behind"
        assert (disk / "saved.tar.gz").read_bytes() == b"the backup of yesterday"
    finally:
        subprocess.run(["umount", disk], check=False)
