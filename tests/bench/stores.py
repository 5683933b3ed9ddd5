"""New stores to measure on: SQLite in a folder, and a database of its own on PostgreSQL. Called by the measurements of ingest."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.bench.serving import PEYVAND, Running, environment, server

USUAL = "postgres://postgres@127.0.0.1:5432/postgres"
HOUSE = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Store:
    """A migrated Peyvand with one workspace and its key; `url` is empty on SQLite."""

    name: str
    folder: Path
    url: str
    key: str

    def words(self, *program: str) -> list[str]:
        """A command that runs on this store."""
        paths = os.pathsep.join([str(HOUSE / "src"), str(HOUSE)])
        return [
            "env",
            f"PEYVAND_DATABASE_URL={self.url}",
            "DJANGO_SETTINGS_MODULE=peyvand.config.settings",
            f"PYTHONPATH={paths}",
            *program,
        ]

    @contextmanager
    def served(self) -> Iterator[Running]:
        """`peyvand serve` on it: web and worker."""
        with server(self.words(str(PEYVAND), "serve", "--port"), "/readyz", self.folder) as running:
            yield running

    @contextmanager
    def unstored(self) -> Iterator[Running]:
        """The same web process, storing nothing."""
        with server(self.words(sys.executable, "-m", "tests.bench.unstored"), "/readyz", self.folder) as running:
            yield running


@contextmanager
def new_store(kind: str) -> Iterator[Store | None]:
    """A store that is gone afterwards: `SQLite`, or `PostgreSQL` where a server answers (else None, and a word why)."""
    with tempfile.TemporaryDirectory(prefix="peyvand-bench-") as folder:
        if kind == "SQLite":
            yield prepared(kind, Path(folder), "")
            return
        server_url = os.environ.get("PEYVAND_TEST_POSTGRES_URL", USUAL)
        try:
            admin = psycopg.connect(server_url, autocommit=True, connect_timeout=3)
        except psycopg.OperationalError as error:
            print(f"not measured on PostgreSQL: {error}", file=sys.stderr)
            yield None
            return
        name = f"peyvand_bench_{os.getpid()}"
        with admin:
            admin.execute(f'CREATE DATABASE "{name}"')
            try:
                yield prepared(kind, Path(folder), f"{server_url.rpartition('/')[0]}/{name}")
            finally:
                admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def prepared(kind: str, folder: Path, url: str) -> Store:
    """A store in a folder or database that holds nothing yet."""
    store = Store(kind, folder, url, "")
    say(store, "migrate")
    say(store, "createworkspace", "Bench", "--slug", "bench")
    key = say(store, "createkey", "--workspace", "bench", "--scope", "ingest").strip().splitlines()[-1]
    return Store(kind, folder, url, key)


def say(store: Store, *words: str, fails: bool = False) -> str:
    """Run `peyvand …` on a store and return what it said; with `fails`, also where it ends as a failure."""
    command = store.words(str(PEYVAND), *words)
    return subprocess.run(command, env=environment(store.folder), check=not fails, stdout=subprocess.PIPE, text=True).stdout
