"""New stores to measure on: SQLite in a folder, and a database of its own on PostgreSQL. Called by the measurements of ingest."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg

from tests.bench.serving import PEYVAND, Running, environment, server

USUAL = "postgres://postgres@127.0.0.1:5432/postgres"
HOUSE = Path(__file__).parents[2]
KEY = "key"  # the file that says a kept store is whole


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
        admin = _server()
        if admin is None:
            yield None
            return
        name = f"peyvand_bench_{os.getpid()}"
        with admin:
            admin.execute(f'CREATE DATABASE "{name}"')
            try:
                yield prepared(kind, Path(folder), _address(name))
            finally:
                admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def kept_store(kind: str, keep: Path) -> Store | None:
    """A store that stays, in a folder of `keep` or in the database `records_<name of keep>`: used again where it is whole.

    Whoever fills it calls `keep_key` at the end; what was left half filled is begun anew.
    """
    folder, name = keep / kind, f"records_{keep.name}"
    admin = None if kind == "SQLite" else _server()
    if kind != "SQLite" and admin is None:
        return None
    url = _address(name) if admin else ""
    if (folder / KEY).exists():
        store = Store(kind, folder, url, (folder / KEY).read_text(encoding="utf-8"))
        say(store, "migrate")
        return store
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{name}"')
        admin.execute(f'CREATE DATABASE "{name}"')
    return prepared(kind, folder, url)


@contextmanager
def copied_store(store: Store) -> Iterator[Store]:
    """A copy of a store that nobody uses meanwhile; it is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="copy-", dir=store.folder.parent) as name:
        folder = Path(name, store.folder.name)
        shutil.copytree(store.folder, folder)
        admin = _server() if store.url else None
        if admin is None:
            yield replace(store, folder=folder)
            return
        database, other = store.url.rpartition("/")[2], f"peyvand_bench_copy_{os.getpid()}"
        admin.execute(f'CREATE DATABASE "{other}" TEMPLATE "{database}"')
        try:
            yield replace(store, folder=folder, url=_address(other))
        finally:
            admin.execute(f'DROP DATABASE "{other}" WITH (FORCE)')


def keep_key(store: Store) -> None:
    """Note that a kept store is whole."""
    (store.folder / KEY).write_text(store.key, encoding="utf-8")


def _server() -> "psycopg.Connection[Any] | None":
    """The PostgreSQL that is measured on."""
    try:
        return psycopg.connect(os.environ.get("PEYVAND_TEST_POSTGRES_URL", USUAL), autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as error:
        print(f"not measured on PostgreSQL: {error}", file=sys.stderr)
        return None


def _address(database: str) -> str:
    return f"{os.environ.get('PEYVAND_TEST_POSTGRES_URL', USUAL).rpartition('/')[0]}/{database}"


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
