"""Installations of a test's own: an empty one, and one whose database is ready."""

from collections.abc import Iterator
from pathlib import Path

import pytest

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
    assert here.run("migrate").returncode == 0
    return here
