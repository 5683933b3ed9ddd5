"""Installations of a test's own: an empty one, and one whose database is ready."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.moulds import cast, databases, laid

from peyvand.config.tests.running import Installation


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Installation]:
    """A folder in which nothing was made yet; what the test starts there is ended."""
    made = Installation(tmp_path / "installation")
    yield made
    made.stop()


@pytest.fixture
def migrated(here: Installation) -> Installation:
    """An installation with an empty database."""
    return cast(here, laid)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def server(request: pytest.FixtureRequest) -> str:
    """Once SQLite, which is no server, and once a PostgreSQL."""
    return str(request.getfixturevalue("postgres_url")) if request.param == "postgres" else ""


@pytest.fixture
def anywhere(server: str, tmp_path: Path) -> Iterator[Installation]:
    """A folder in which nothing was made yet, with SQLite or with an empty database of its own on PostgreSQL."""
    with databases(server, "here") as (url,):
        made = Installation(tmp_path / "installation", url=url)
        yield made
        made.stop()


@pytest.fixture
def places(server: str, tmp_path: Path) -> Iterator[tuple[Installation, Installation]]:
    """Two of them, to bring something from one to the other."""
    with databases(server, "from", "to") as urls:
        made = Installation(tmp_path / "from", url=urls[0]), Installation(tmp_path / "to", url=urls[1])
        yield made
        for one in made:
            one.stop()
