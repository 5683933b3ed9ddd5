"""A process is killed while it copies to the lake, tends it or takes something out of it: the figures are those of the records."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from peyvand.core import clock
from tests.e2e.running import Site, prepared

pytestmark = pytest.mark.slow
KILLS = int(os.environ.get("PEYVAND_TEST_LAKE_KILLS", "32"))
LONGEST_LIFE = 300  # milliseconds; a step takes some fifty
WORK = ("flush", "tend", "flush", "sweep")


class Worker:
    """The process whose children work on the site's lake."""

    def __init__(self, site: Site) -> None:
        environment = site.environment | {"DJANGO_SETTINGS_MODULE": "peyvand.config.settings"}
        words = [sys.executable, "-m", "tests.e2e.lake_process"]
        self.process = subprocess.Popen(words, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def does(self, action: str, number: int = 0) -> list[str]:
        """Have something done and give what was said of it, the last line being how it ended."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{action} {number}\n")
        self.process.stdin.flush()
        said: list[str] = []
        while not said or not said[-1].startswith(("killed", "ended")):
            said.append(self.process.stdout.readline().strip())
            assert said[-1], f"the process ended amid {action} {number}"
        return said


def test_a_lake_whose_writers_are_killed_has_the_figures_of_the_records(tmp_path: Path):
    chance, worker = clock.random(11), Worker(prepared(tmp_path))
    try:
        for n in range(max(4, KILLS // len(WORK))):
            assert worker.does("fill", n) == ["ended with 0"]
            for action in WORK:
                assert worker.does(action, chance.randrange(5, LONGEST_LIFE)) == ["killed"]
        told, ended = worker.does("compare")
    finally:
        worker.process.kill()
        worker.process.communicate()
    rounds = max(4, KILLS // len(WORK))
    wrong, _held, counts = told.partition(" held: ")
    interactions, undone, parted = map(int, counts.split())
    assert (wrong, ended) == ("differs: []", "ended with 0")
    assert (interactions > 0, undone, parted > 0) == (True, rounds // 4, True)
