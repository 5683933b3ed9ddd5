"""The whole as it runs on many machines, webs and workers over PostgreSQL, Redis and a Spark cluster, held to the embedded stores."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e.clustering import BATCHES, SIZE, cluster, emptied, ingested, left, of_role, settled
from tests.e2e.running import prepared
from tests.ports import free_port

pytestmark = pytest.mark.slow
PATIENCE = 600  # seconds: each process that asks starts a Java of its own, and five questions are five plans


def test_postgresql_redis_and_spark_tell_the_figures_of_the_embedded_stores(
    tmp_path_factory: pytest.TempPathFactory, postgres_url: str, redis_url: str
) -> None:
    with emptied(postgres_url) as database:
        shared = {"PEYVAND_DATABASE_URL": database, "PEYVAND_REDIS_URL": f"{redis_url.rpartition('/')[0]}/12"}
        site = replace(prepared(tmp_path_factory.mktemp("spread"), **shared, PEYVAND_API_A_MINUTE="2000"), port=free_port(2))
        with cluster(site, "--spark", seconds=PATIENCE) as doors:
            ingested(doors, lambda: None)
            spread = settled(doors, PATIENCE)
            assert [len(of_role(site, role)) for role in ("web", "worker")] == [2, 2]
            assert all(b"PEYVAND_ANALYTICS=spark://" in Path(f"/proc/{pid}/environ").read_bytes() for pid in of_role(site, "web"))
            asking = [pid for pid in left(site) if b"deploy.SparkSubmit" in Path(f"/proc/{pid}/cmdline").read_bytes()]
            assert len(asking) >= 2, "both webs had Spark count"
    alone = prepared(tmp_path_factory.mktemp("alone"), PEYVAND_API_A_MINUTE="2000")
    with alone.served():
        ingested([alone], lambda: None)
        assert settled([alone], PATIENCE) == spread
    assert len(spread) == 5
    assert {figure["n"] for figure in spread[:3]} == {BATCHES * SIZE // 2}
    assert all(figure["groups"] for figure in spread), "none of them is empty"
