"""A PostgreSQL of a test's own, which may be stopped: made by initdb, run by a user who is not root."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.ports import free_port

USER = "postgres"


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster: its programs, its folder, its port."""

    programs: Path
    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"postgres://{USER}@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1"
        self._run("pg_ctl", "-D", f"{self.folder}/data", "-w", "-t", "60", "-l", f"{self.folder}/log", "-o", options, "start")

    def stop(self, how: str) -> None:
        """Stop it: `fast` ends connections first, `immediate` is as good as a crash."""
        self._run("pg_ctl", "-D", f"{self.folder}/data", "-w", "-t", "60", "-m", how, "stop")

    def make(self) -> None:
        """Lay out an empty cluster."""
        self._run("initdb", "-D", f"{self.folder}/data", "-U", USER, "--auth=trust", "-E", "UTF8", "--no-locale")

    def _run(self, program: str, *words: str) -> None:
        as_user = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--init-groups"] if os.geteuid() == 0 else []
        command = [*as_user, str(self.programs / program), *words]
        done = subprocess.run(
            command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False
        )
        assert done.returncode == 0, f"{program}: {done.stderr.decode(errors='replace')}"


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A running cluster that is gone afterwards; skips the test where PostgreSQL's programs are absent."""
    found = shutil.which("initdb")
    programs = [Path(found).resolve().parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs:
        pytest.skip("there are no programs of PostgreSQL (initdb, pg_ctl) on this machine")
    if os.geteuid() == 0 and (shutil.which("setpriv") is None or USER not in {user.pw_name for user in pwd.getpwall()}):
        pytest.skip(f"PostgreSQL does not run as root, and there is no setpriv or no user {USER}")
    with tempfile.TemporaryDirectory(prefix="peyvand-pg-", dir="/tmp") as name:
        if os.geteuid() == 0:
            shutil.chown(name, USER, USER)
        made = Cluster(programs[-1], Path(name), free_port())
        made.make()
        made.start()
        try:
            yield made
        finally:
            made.stop("immediate")
