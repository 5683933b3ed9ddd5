"""Random histories of the spine against a simple model: records, repeats, batches, readers, letters, jobs,
merges, shared values, erasures, clocks that jump, and deaths amid each.

`PEYVAND_TEST_HISTORIES=5000` plays so many; `PEYVAND_TEST_HISTORY=17` plays the one of that seed.
"""

import os
from collections.abc import Iterator

import pytest

from tests.replay import store
from tests.replay.playing import fault_in, shortened
from tests.replay.steps import history

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
HISTORIES = int(os.environ.get("PEYVAND_TEST_HISTORIES", "100"))
ONLY = os.environ.get("PEYVAND_TEST_HISTORY")
GROUPS = 4


@pytest.fixture
def _tables(transactional_db) -> Iterator[None]:
    store.lay_tables()
    yield
    store.drop_tables()


@pytest.mark.usefixtures("_tables")
@pytest.mark.parametrize("group", range(GROUPS))
def test_every_history_ends_as_the_model_says(group):
    for seed in range(group, HISTORIES, GROUPS) if ONLY is None else [int(ONLY)] * (group == 0):
        if fault_in(history(seed), seed) is not None:
            steps = shortened(history(seed), seed)
            story = "\n".join(map(str, steps))
            raise AssertionError(f"PEYVAND_TEST_HISTORY={seed} differs from the model; shortened:\n{story}") from fault_in(steps, seed)
