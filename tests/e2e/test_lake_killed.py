"""A process is killed while it copies to the lake, tends it or takes something out of it: the figures are those of the records."""

import os
from pathlib import Path

import pytest

from peyvand.core import clock
from tests.e2e.killed import Worker
from tests.e2e.running import prepared

pytestmark = pytest.mark.slow
KILLS = int(os.environ.get("PEYVAND_TEST_LAKE_KILLS", "32"))
LONGEST_LIFE = 300  # milliseconds; a step takes some fifty
WORK = ("flush", "tend", "flush", "sweep")


def test_a_lake_whose_writers_are_killed_has_the_figures_of_the_records(tmp_path: Path):
    chance, worker = clock.random(11), Worker(prepared(tmp_path), "lake_process")
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
