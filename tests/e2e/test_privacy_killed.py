"""Somebody is erased, or a rule takes what is old, and the process is killed between two steps: whoever goes on comes to the same end.

Some borders of each; `PEYVAND_TEST_ALL_KILLS=1` kills at every one.
"""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.e2e.killed import Worker
from tests.e2e.private_postgres import cluster
from tests.e2e.running import Site, prepared

pytestmark = pytest.mark.slow
ALL = "PEYVAND_TEST_ALL_KILLS" in os.environ
SAMPLE = 6


class Teller(Worker):
    """Such a process that also tells what stands."""

    def tells(self) -> dict[str, Any]:
        """What stands."""
        *_said, state, _borders, ended = self.does("tell")
        assert ended == "ended with 0"
        told: dict[str, Any] = json.loads(state.removeprefix("state "))
        return told


class Lived:
    """A site in which somebody lived, and the way back to it."""

    def __init__(self, site: Site, kept: Path, server: str) -> None:
        self.site, self.kept, self.server = site, kept, server
        self.worker = Teller(site, "privacy_process")

    def keep(self) -> None:
        shutil.copytree(self.site.folder, self.kept)
        self._ask("CREATE DATABASE kept TEMPLATE peyvand")

    def again(self) -> None:
        """As it was when it was kept."""
        shutil.rmtree(self.site.folder)
        shutil.copytree(self.kept, self.site.folder)
        self._ask("DROP DATABASE peyvand WITH (FORCE)")
        self._ask("CREATE DATABASE peyvand TEMPLATE kept")

    def _ask(self, statement: str) -> None:
        if self.server:
            with psycopg.connect(self.server, autocommit=True) as server:
                server.execute(statement.encode())


@contextmanager
def lived(folder: Path, kind: str) -> Iterator[Lived]:
    """On SQLite, or on a PostgreSQL of its own."""
    if kind == "sqlite":
        yield Lived(prepared(folder / "site"), folder / "kept", "")
        return
    with cluster() as own:
        with psycopg.connect(own.url, autocommit=True) as server:
            server.execute("CREATE DATABASE peyvand")
        url = f"{own.url.rpartition('/')[0]}/peyvand"
        yield Lived(prepared(folder / "site", PEYVAND_DATABASE_URL=url), folder / "kept", own.url)


def ended_otherwise(told: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """In what two ends differ; nothing where they do not."""
    return {name: (told[name], other[name]) for name in told if told[name] != other[name]}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize("action", ["erase", "person", "texts", "whole"])
def test_whoever_goes_on_after_a_kill_comes_to_the_same_end(tmp_path, action, kind):
    with lived(tmp_path, kind) as here:
        try:
            assert here.worker.does("fill")[-1] == "ended with 0"
            here.keep()
            *_said, counted, ended = here.worker.does(action)
            assert ended == "ended with 0"
            whole, borders = here.worker.tells(), int(counted.removeprefix("borders "))
            assert whole["left over"] == [0, 0, 0]
            assert action != "erase" or (whole["found"], len(whole["erasures"]), whole["noted"]) == ([], 1, 1)
            for number in range(1, borders + 1) if ALL else sorted({1 + k * (borders - 1) // (SAMPLE - 1) for k in range(SAMPLE)}):
                here.again()
                assert here.worker.does(action, number)[-1] == "killed"
                assert here.worker.does(action)[-1] == "ended with 0"
                assert ended_otherwise(whole, here.worker.tells()) == {}, f"after a kill at border {number} of {borders}"
        finally:
            here.worker.process.kill()
            here.worker.process.communicate()
