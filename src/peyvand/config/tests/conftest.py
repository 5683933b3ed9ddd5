"""Installations of a test's own: an empty one, and one whose database is ready."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from peyvand.config.tests.running import Installation


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Installation]:
    """A folder in which nothing was made yet; what the test starts there is ended."""
    made = Installation(tmp_path / "installation")
    yield made
    made.stop()


@pytest.fixture(scope="session")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `peyvand migrate` leaves in an empty folder, to be copied: laying it takes seconds."""
    made = Installation(tmp_path_factory.mktemp("laid") / "installation")
    assert made.run("migrate").returncode == 0
    return made.data


@pytest.fixture
def migrated(here: Installation, laid: Path) -> Installation:
    """An installation with an empty database."""
    shutil.copytree(laid, here.data)
    return here


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def anywhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    """A folder in which nothing was made yet, with SQLite or with an empty database of its own on PostgreSQL."""
    made = Installation(tmp_path / "installation")
    if request.param == "sqlite":
        yield made
        made.stop()
        return
    server, name = request.getfixturevalue("postgres_url"), f"peyvand_here_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as database:
        database.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
        database.execute(f"CREATE DATABASE {name}".encode())
        made.url = f"{server.rpartition('/')[0]}/{name}"
        yield made
        made.stop()
        database.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
