"""A PostgreSQL and a Redis of one's own: each in a temporary folder, on loopback alone, without a password, ended with the block.

Used by `house.cluster` and by tests that stop a PostgreSQL.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from house.services import listening

USER = "postgres"
START_PATIENCE = 80  # quarters of a second


class PrivateError(Exception):
    """It does not run here; the message says why."""


@dataclass(frozen=True, slots=True)
class Postgres:
    """A PostgreSQL made by initdb and run by a user who is not root: its programs, its folder, its port."""

    programs: Path
    folder: Path
    port: int

    @property
    def url(self) -> str:
        """Its database for maintenance, as whoever may do everything there."""
        return f"postgres://{USER}@127.0.0.1:{self.port}/postgres"

    def make(self) -> None:
        """Lay out an empty one."""
        self._run("initdb", "-D", f"{self.folder}/data", "-U", USER, "--auth=trust", "-E", "UTF8", "--no-locale")

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1"
        self._run("pg_ctl", "-D", f"{self.folder}/data", "-w", "-t", "60", "-l", f"{self.folder}/log", "-o", options, "start")

    def stop(self, how: str) -> None:
        """Stop it: `fast` ends connections first, `immediate` is as good as a crash."""
        self._run("pg_ctl", "-D", f"{self.folder}/data", "-w", "-t", "60", "-m", how, "stop")

    def _run(self, program: str, *words: str) -> None:
        as_user = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--init-groups"] if os.geteuid() == 0 else []
        command = [*as_user, str(self.programs / program), *words]
        done = subprocess.run(
            command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False
        )
        if done.returncode:
            log = self.folder / "log"
            told = log.read_text(encoding="utf-8", errors="replace")[-1000:] if log.exists() else ""
            raise PrivateError(f"{program}: {done.stderr.decode(errors='replace')}{told}")


def _programs() -> list[Path]:
    """Where PostgreSQL's programs are, the newest last."""
    found = shutil.which("initdb")
    return [Path(found).resolve().parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))


def why_no_postgres() -> str:
    """What is missing here for a PostgreSQL; empty where nothing is."""
    if not _programs():
        return "there are no programs of PostgreSQL (initdb, pg_ctl) on this machine"
    if os.geteuid() == 0 and (shutil.which("setpriv") is None or USER not in {user.pw_name for user in pwd.getpwall()}):
        return f"PostgreSQL does not run as root, and there is no setpriv or no user {USER}"
    return ""


@contextmanager
def postgres(port: int) -> Iterator[Postgres]:
    """A running PostgreSQL. Raises PrivateError."""
    if missing := why_no_postgres():
        raise PrivateError(missing)
    with tempfile.TemporaryDirectory(prefix="peyvand-pg-", dir="/tmp") as name:  # the path of its socket must be short
        if os.geteuid() == 0:
            shutil.chown(name, USER, USER)
        made = Postgres(_programs()[-1], Path(name), port)
        made.make()
        try:
            made.start()
            yield made
        finally:
            with suppress(PrivateError):  # it did not start, or was stopped meanwhile
                made.stop("immediate")


@contextmanager
def redis(port: int) -> Iterator[str]:
    """The address of a running Redis. Raises PrivateError."""
    program = shutil.which("redis-server")
    if program is None:
        raise PrivateError("there is no redis-server on this machine")
    url = f"redis://127.0.0.1:{port}/0"
    with tempfile.TemporaryDirectory(prefix="peyvand-redis-") as name:
        words = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", name]
        # A group of its own: Ctrl-C in a terminal ends first those who ask it, then it.
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, process_group=0)
        try:
            if not listening(url, patience=START_PATIENCE):
                raise PrivateError("redis-server was started, but does not answer")
            yield url
        finally:
            process.terminate()
            process.wait(30)
