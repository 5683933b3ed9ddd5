"""Two webs and two workers over PostgreSQL and Redis are one Peyvand: started by `script/cluster`, some of it killed, nothing lost."""

import os
import re
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import httpx
import pytest

from tests.e2e.clustering import BATCHES, cluster, emptied, ingested, key_of, of_role, settled
from tests.e2e.running import OWNER, PASSWORD, Site, prepared
from tests.ports import free_port
from tests.waiting import until


@pytest.fixture(scope="module")
def database(postgres_url: str) -> Iterator[str]:
    """An empty database, gone afterwards."""
    with emptied(postgres_url) as made:
        yield made


@pytest.fixture(scope="module")
def spread(tmp_path_factory, database: str, redis_url: str) -> Iterator[list[Site]]:
    """The two doors of a cluster with the workspace `narenj` and its owner."""
    shared = {"PEYVAND_DATABASE_URL": database, "PEYVAND_REDIS_URL": f"{redis_url.rpartition('/')[0]}/11"}
    site = replace(prepared(tmp_path_factory.mktemp("cluster"), **shared, PEYVAND_API_A_MINUTE="500"), port=free_port(2))
    with cluster(site) as doors:
        yield doors


def test_whoever_signed_in_at_one_web_goes_on_at_the_other(spread: list[Site]) -> None:
    one, other = (door.url for door in spread)
    with httpx.Client(follow_redirects=True, timeout=60) as visitor:  # cookies of a host hold at each of its ports
        form = visitor.get(f"{one}/accounts/login/")
        signed = visitor.post(f"{other}/accounts/login/", data={"login": OWNER, "password": PASSWORD, "csrfmiddlewaretoken": token(form)})
        assert signed.url.path.startswith("/w/narenj/"), "the form of one web is taken by the other"
        assert visitor.get(f"{one}/w/narenj/settings/").status_code == 200
        visitor.post(f"{one}/accounts/logout/", data={"csrfmiddlewaretoken": token(visitor.get(f"{one}/w/narenj/settings/"))})
        assert visitor.get(f"{other}/w/narenj/settings/").url.path == "/accounts/login/"


def test_what_is_counted_at_one_web_counts_at_the_other(spread: list[Site]) -> None:
    key = {"Authorization": f"Bearer {key_of(spread[0], 'read')}"}

    def left_of(door: Site) -> int:
        return int(httpx.get(f"{door.url}/api/v1/measures/nps", headers=key, timeout=60).headers["RateLimit-Remaining"])

    counts = [left_of(spread[n % 2]) for n in range(8)]
    assert sum(before - after == 1 for before, after in pairwise(counts)) >= 6, "a new minute may begin once"
    with httpx.Client(follow_redirects=True, timeout=60) as stranger:
        for n in range(5):
            answer = sign_in(stranger, spread[n % 2], "wrong")
        assert answer.status_code in {403, 429}
        assert [sign_in(stranger, door, PASSWORD).status_code for door in spread] == [answer.status_code] * 2


def sign_in(visitor: httpx.Client, door: Site, password: str) -> httpx.Response:
    url = f"{door.url}/accounts/login/"
    return visitor.post(url, data={"login": OWNER, "password": password, "csrfmiddlewaretoken": token(visitor.get(url))})


def test_nothing_is_lost_or_doubled_where_a_web_and_a_worker_die_under_load(spread: list[Site], tmp_path_factory) -> None:
    first_web, first_worker = (of_role(spread[0], role)[0] for role in ("web", "worker"))
    sent = threading.Semaphore(0)

    def kill() -> None:
        for _ in range(BATCHES // 2):
            sent.acquire()
        os.kill(first_web, signal.SIGKILL)
        os.kill(first_worker, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    ingested(spread, sent.release)
    killer.join()
    spread_figures = settled(spread)
    until(lambda: len(of_role(spread[0], "web")) == len(of_role(spread[0], "worker")) == 2)

    alone = prepared(tmp_path_factory.mktemp("alone"))
    with alone.served():
        ingested([alone], lambda: None)
        assert settled([alone]) == spread_figures


def token(page: httpx.Response) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert found, page.text[:500]
    return found[1]
