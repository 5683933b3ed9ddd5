"""`script/cluster` where no stores are named: it finds or starts them, two webs and two workers over them, and leaves nothing behind."""

import os
import re
import shutil
import subprocess
import sys
import urllib.request
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from house import cluster, private
from house.services import listening
from house.steps import ROOT

from tests.e2e.clustering import left, of_role
from tests.e2e.running import Site
from tests.ports import free_port
from tests.waiting import PATIENCE, until

NOWHERE = """
from house import cluster
cluster.POSTGRES_URL, cluster.REDIS_URL = "postgres://postgres@127.0.0.1:{}/postgres", "redis://127.0.0.1:{}/0"
raise SystemExit(cluster.main())
"""


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


@pytest.mark.slow
def test_where_nothing_answers_everything_is_started_and_ends_together(tmp_path: Path) -> None:
    if missing := private.why_no_postgres() or ("" if shutil.which("redis-server") else "there is no redis-server on this machine"):
        pytest.skip(missing)
    port, log, here = free_port(2), tmp_path / "log", tmp_path / "here"
    here.mkdir()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PEYVAND_", "DJANGO_"))}
    command = [sys.executable, "-c", NOWHERE.format(free_port(), free_port()), "--port", str(port)]
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=here, env=environment | {"PYTHONPATH": str(ROOT / "script")}, stdout=out, stderr=out)
    try:
        until(lambda: process.poll() is not None or (answers(port) and answers(port + 1)), log.read_text, every=0.2)
        assert process.poll() is None, log.read_text()
        settings = dict(re.findall(r"PEYVAND_(\w+)=(\S+)", log.read_text()))
        site = Site(Path(settings["DATA"]), port)
        until(lambda: len(of_role(site, "web")) == len(of_role(site, "worker")) == 2, log.read_text)
        with psycopg.connect(settings["DATABASE_URL"]) as database:
            assert database.execute("SELECT current_database(), count(*) FROM workspaces_workspace").fetchone() == ("peyvand_cluster", 0)
        assert listening(settings["REDIS_URL"])
    finally:
        process.terminate()
        code = process.wait(PATIENCE)
    assert code == 0
    assert left(site) == []
    assert not any(listening(settings[name]) for name in ("DATABASE_URL", "REDIS_URL"))
    assert not site.folder.exists(), "what stands there belongs to a database that is gone"
    assert list(here.iterdir()) == []


@pytest.mark.slow
def test_told_to_end_before_there_is_a_web_it_leaves_no_server_behind(tmp_path: Path) -> None:
    if missing := private.why_no_postgres():
        pytest.skip(missing)
    log = tmp_path / "log"
    environment = os.environ | {"PYTHONPATH": str(ROOT / "script"), "TMPDIR": str(tmp_path)}
    waiting = "import time; from house import cluster; cluster.prepare = lambda: time.sleep(600)"
    named = ["--data", str(tmp_path / "data"), "--postgres", "", "--redis", "redis://127.0.0.1:1/0"]
    command = [sys.executable, "-c", waiting + NOWHERE.format(free_port(), free_port()), *named]
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
    until(lambda: process.poll() is not None or "PEYVAND_DATABASE_URL" in log.read_text(), log.read_text, every=0.1)
    settings = dict(re.findall(r"PEYVAND_(\w+)=(\S+)", log.read_text()))
    assert listening(settings["DATABASE_URL"])
    process.terminate()
    assert process.wait(PATIENCE) == 143
    assert not listening(settings["DATABASE_URL"])


@pytest.mark.postgres
def test_a_server_that_is_there_gets_a_database_of_its_own_once(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"peyvand_cluster_{os.getpid()}"
    monkeypatch.setattr(cluster, "DATABASE", name)
    monkeypatch.setattr(cluster, "POSTGRES_URL", postgres_url)
    try:
        made = [cluster.found_records("", ExitStack()) for _again in range(2)]
        assert made == [(f"{postgres_url.rpartition('/')[0]}/{name}", False)] * 2
        with psycopg.connect(made[0][0]) as database:
            assert database.execute("SELECT current_database()").fetchone() == (name,)
    finally:
        with psycopg.connect(postgres_url, autocommit=True) as server:
            server.execute(f"DROP DATABASE IF EXISTS {name}".encode())


def test_what_is_named_is_used_as_it_is() -> None:
    named = "postgres://somebody@db.example/theirs"
    assert cluster.found_records(named, ExitStack()) == (named, False)
    assert cluster.found_redis("redis://cache.example/3", ExitStack()) == "redis://cache.example/3"
