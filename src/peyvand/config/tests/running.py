"""Runs the `peyvand` command as a person would, in a folder of its own, for the tests of the command line."""

import os
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from tests.ports import free_port
from tests.waiting import PATIENCE, until


@dataclass
class Installation:
    """One data folder, and the environment that points to it."""

    data: Path
    url: str = ""
    port: int = 0
    apps: str = ""
    redis: str = ""
    running: list["subprocess.Popen[str]"] = field(default_factory=list)

    @property
    def environ(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PEYVAND_", "DJANGO_"))}
        ours = {
            "DATA": str(self.data),
            "DATABASE_URL": self.url,
            "PORT": str(self.port or 8000),
            "APPS": self.apps,
            "REDIS_URL": self.redis,
        }
        return kept | {f"PEYVAND_{name}": value for name, value in ours.items()}

    def run(self, *words: str, **more: str) -> "subprocess.CompletedProcess[str]":
        """Run a command to its end; `more` adds to the environment."""
        return subprocess.run(
            [sys.executable, "-m", "peyvand", *words],
            env={**self.environ, **more},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
            input="",
        )

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        """The rows that its database answers with."""
        if self.url:
            with psycopg.connect(self.url) as database:
                return [tuple(row) for row in database.execute(statement.encode()).fetchall()]
        with closing(sqlite3.connect(self.data / "peyvand.sqlite3", timeout=30)) as database:
            return database.execute(statement).fetchall()

    def write(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """Put rows straight into its database; a place in the statement is a question mark."""
        if self.url:
            with psycopg.connect(self.url) as server:
                server.cursor().executemany(statement.replace("?", "%s").encode(), rows)
            return
        with closing(sqlite3.connect(self.data / "peyvand.sqlite3", timeout=30)) as database, database:
            database.executemany(statement, rows)

    def start(self, *words: str, log: Path | None = None) -> "subprocess.Popen[str]":
        """Start a command and leave it running until `stop`."""
        with (log or self.data.parent / f"{words[0]}.log").open("a") as out:
            process = subprocess.Popen([sys.executable, "-m", "peyvand", *words], env=self.environ, stdout=out, stderr=out, text=True)
        self.running.append(process)
        return process

    def serve(self, *words: str, log: Path | None = None) -> "subprocess.Popen[str]":
        """Start `peyvand serve`, or what else serves, on a free port and wait until it answers."""
        self.port = free_port()
        process = self.start(*(words or ("serve",)), log=log)
        self.until_ready()
        return process

    def until_ready(self) -> None:
        """Wait until /readyz answers."""
        until(self._ready, "the server did not answer")

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5):
                return True
        except OSError:
            return False

    def stop(self) -> None:
        """End what was started."""
        for process in self.running:
            process.terminate()
        for process in self.running:
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
