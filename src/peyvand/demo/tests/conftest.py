"""One simulated brand for all tests of the demo: a fifth of the real size, made once."""

from datetime import datetime

import pytest

from peyvand.demo.seasons import ZONE
from peyvand.demo.simulation import Simulation, build
from peyvand.timeline.types import Item

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=ZONE)
CUSTOMERS = 4_000


@pytest.fixture(scope="session")
def brand() -> Simulation:
    return build(1405, NOON, CUSTOMERS)


@pytest.fixture(scope="session")
def items(brand: Simulation) -> list[Item]:
    return list(brand.items())
