"""A PostgreSQL of a test's own, which may be stopped."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from house.private import Postgres as Cluster
from house.private import postgres, why_no_postgres

from tests.ports import free_port

__all__ = ["Cluster", "cluster"]


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A running one that is gone afterwards; skips the test where PostgreSQL's programs are absent."""
    if missing := why_no_postgres():
        pytest.skip(missing)
    with postgres(free_port()) as made:
        yield made
