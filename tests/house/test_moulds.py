"""What is made once in a run: for each who asks a copy, which the next one does not see."""

import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from peyvand.config.tests.running import Installation
from tests.moulds import cast, databases

made = []


def noted(place: Installation) -> None:
    """Writes down that it was asked, in the folder and in the database."""
    made.append(place.data)
    place.data.mkdir()
    (place.data / "word").write_text("first")
    if place.url:
        with psycopg.connect(place.url) as database:
            database.execute("CREATE TABLE words AS SELECT 'first' AS word")
        return
    with closing(sqlite3.connect(place.data / "peyvand.sqlite3")) as database:
        database.execute("CREATE TABLE words AS SELECT 'first' AS word")


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_it_is_made_once_and_each_has_a_copy(request: pytest.FixtureRequest, tmp_path: Path, kind: str) -> None:
    server = request.getfixturevalue("postgres_url") if kind == "postgres" else ""
    made.clear()
    with databases(server, "one", "other") as urls:
        places = [Installation(tmp_path / name, url=url) for name, url in zip(("one", "other"), urls, strict=True)]
        for place in places:
            cast(place, noted)
            assert place.ask("SELECT word FROM words") == [("first",)]
            place.write("UPDATE words SET word = ?", [("mine",)])
            assert (place.data / "word").read_text() == "first"
            (place.data / "word").write_text("mine")
    assert len(made) == 1


@pytest.mark.postgres
def test_databases_are_gone_afterwards(postgres_url: str) -> None:
    with databases(postgres_url, "short") as (url,), psycopg.connect(url) as database:
        assert database.execute("SELECT 1").fetchone() == (1,)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(url)


def test_without_a_server_there_are_none() -> None:
    with databases("", "from", "to") as urls:
        assert urls == ["", ""]
