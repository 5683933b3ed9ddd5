"""DuckDB, chDB and a Spark cluster compute the same figures from the same lake, whatever screens may ask."""

import math
from collections.abc import Iterator
from typing import Any

import pytest
from house.spark import Spark
from house.spark import spark as running_spark

from peyvand.core import clock
from peyvand.insights import counting
from peyvand.insights.tests.conftest import NOON
from peyvand.timeline.engines import in_chdb, on_spark
from peyvand.timeline.tests.conftest import make_workspace
from peyvand.workspaces.models import Workspace
from tests.engines.lake import furnish
from tests.engines.questions import answered, answered_by_day

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture(scope="module")
def spark(tmp_path_factory) -> Iterator[Spark]:
    with pytest.MonkeyPatch.context() as environment, running_spark(tmp_path_factory.mktemp("spark")) as made:
        environment.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        yield made
        on_spark.end()


@pytest.fixture
def brands(transactional_db) -> Iterator[list[Workspace]]:
    """Two brands of one lake: one in Tehran with the Jalali calendar, one in London."""
    counting.forget()
    with clock.frozen(NOON):
        made = [make_workspace("Golestan"), make_workspace("Thames")]
        Workspace.objects.filter(pk=made[1].pk).update(time_zone="Europe/London", calendar="gregorian", currency="GBP")
        made[1].refresh_from_db()
        for brand in made:
            furnish(brand)
        yield made
    counting.forget()


def test_chdb_gives_the_figures_of_duckdb(brands, settings):
    expected = figures(brands)
    settings.PEYVAND_ANALYTICS = "chdb"
    assert differences(expected, figures(brands)) == []
    assert in_chdb._connected


def test_a_spark_cluster_gives_the_figures_of_duckdb(brands, settings, spark):
    expected = figures(brands)
    settings.PEYVAND_ANALYTICS = spark.url
    assert differences(expected, figures(brands)) == []
    [application] = spark.state()["activeapps"]
    assert (application["name"], application["cores"]) == ("peyvand", 2)


def figures(brands: list[Workspace]) -> dict[str, Any]:
    """All figures of the brand in Tehran, and by day those of the one in London."""
    found = {"Tehran": answered(brands[0]), "London": answered_by_day(brands[1])}
    assert found["Tehran"]["board all"]["totals"]["nps"]["now"]["n"] > 200
    return found


def differences(wanted: Any, got: Any, where: str = "") -> list[str]:
    """Where two answers differ: floats beyond a billionth of them, anything else at all."""
    if isinstance(wanted, dict) and isinstance(got, dict):
        keys = [*wanted, *(key for key in got if key not in wanted)]
        return [found for key in keys for found in differences(wanted.get(key, "absent"), got.get(key, "absent"), f"{where}/{key}")]
    if isinstance(wanted, list) and isinstance(got, list) and len(wanted) == len(got):
        return [found for n, pair in enumerate(zip(wanted, got, strict=True)) for found in differences(*pair, f"{where}[{n}]")]
    if isinstance(wanted, float) and isinstance(got, float) and math.isclose(wanted, got, rel_tol=1e-9, abs_tol=1e-12):
        return []
    return [] if type(wanted) is type(got) and wanted == got else [f"{where}: {wanted!r} is {got!r}"]
