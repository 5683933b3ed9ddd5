"""/metrics: for this machine or the token, in text Prometheus reads, bounded labels, nobody named; what cannot be read is left out."""

from datetime import timedelta
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from peyvand.core import beats, clock, jobs
from peyvand.core.models import Job, JobState
from peyvand.edge import gauges
from peyvand.edge.counting import door_of
from peyvand.edge.doors import doors
from peyvand.edge.tests.conftest import Shop
from peyvand.edge.tests.serving import ask, serving
from peyvand.timeline.tests.settling import settle

ITEM = {
    "kind": "order.placed",
    "occurred_at": "2026-06-15T09:00:00Z",
    "external_id": "c-1",
    "customer": {"identities": [{"type": "email", "value": "sara.canary@example.ir"}]},
}


def read(port: int, **headers: str) -> tuple[int, dict[str, dict[tuple[tuple[str, str], ...], float]]]:
    lines = [
        "GET /metrics HTTP/1.1",
        "host: localhost",
        "connection: close",
        *(f"{k.replace('_', '-')}: {v}" for k, v in headers.items()),
        "",
        "",
    ]
    status, _headers, body = ask(port, "\r\n".join(lines).encode())
    found: dict[str, dict[tuple[tuple[str, str], ...], float]] = {}
    if status == 200:
        for family in text_string_to_metric_families(body.decode()):
            for sample in family.samples:
                found.setdefault(sample.name, {})[tuple(sorted(sample.labels.items()))] = sample.value
    return status, found


@pytest.mark.parametrize(
    ("token", "headers", "status"),
    [
        ("", {}, 200),
        ("", {"x_forwarded_for": "203.0.113.9"}, 403),
        ("", {"forwarded": "for=203.0.113.9"}, 403),
        ("", {"x_real_ip": "127.0.0.1"}, 403),
        ("", {"via": "1.1 caddy"}, 403),
        ("", {"x_forwarded_for": "203.0.113.9", "authorization": "Bearer "}, 403),
        ("tok", {"x_forwarded_for": "203.0.113.9", "authorization": "Bearer tok"}, 200),
        ("tok", {"x_forwarded_for": "203.0.113.9", "authorization": "Bearer toc"}, 403),
        ("tok", {}, 200),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_it_opens_for_this_machine_or_for_the_token(settings: Any, token: str, headers: dict[str, str], status: int) -> None:
    settings.PEYVAND_METRICS_TOKEN = token
    for proxies in ((), ("127.0.0.1",)):
        with serving(None, proxies=proxies, doors=(doors()[-1],)) as port:
            assert read(port, **headers)[0] == status


def test_every_address_falls_into_one_of_a_few_doors() -> None:
    paths = [
        "/",
        "/customers/xyz/",
        "/s/token/",
        "/static/a.css",
        "/api/v1/x",
        "/api/v1/interactions",
        "/../../etc/passwd",
        "*",
        "",
        "//evil",
        "/نارنج",
    ]
    assert {path: door_of(path) for path in paths} == {
        "/": "page", "/customers/xyz/": "page", "/s/token/": "survey", "/static/a.css": "static", "/api/v1/x": "api",
        "/api/v1/interactions": "ingest", "/../../etc/passwd": "page", "*": "page", "": "page", "//evil": "page", "/نارنج": "page",
    }  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_what_is_counted_and_read_is_told_and_nobody_is_named(shop: Shop) -> None:
    _status, before = read(shop.port)
    ingest = (("door", "ingest"), ("status", "2"))
    assert shop.post([ITEM]).status == 200
    assert shop.post(b"{").status == 400
    settle()
    Job.objects.create(name="insights.refresh", due_at=clock.now() - timedelta(seconds=90))
    Job.objects.create(name="insights.refresh", state=JobState.DEAD)
    beats.beat("machine:7:abc", "worker", {"cpu": 1.5, "jobs": {"insights.refresh": [4, 1]}})
    beats.beat("machine:8:abc", "web")
    status, after = read(shop.port)
    assert status == 200
    counted = after["peyvand_requests_total"]
    assert counted[ingest] == before.get("peyvand_requests_total", {}).get(ingest, 0) + 1
    assert counted[(("door", "ingest"), ("status", "4"))] >= 1
    assert after["peyvand_jobs"] == {(("state", "waiting"),): 1, (("state", "running"),): 0, (("state", "dead"),): 1}
    assert 90 <= after["peyvand_job_lag_seconds"][()] < 120
    assert after["peyvand_lake_unread"] == {(): 1}
    assert set(after["peyvand_subscription_unread"].values()) == {1}
    assert after["peyvand_worker_jobs_total"] == {
        (("job", "insights.refresh"), ("outcome", "done"), ("worker", "machine:7")): 4,
        (("job", "insights.refresh"), ("outcome", "failed"), ("worker", "machine:7")): 1,
    }
    assert after["peyvand_processes"] == {(("role", "web"),): 1, (("role", "worker"),): 1}
    assert after["peyvand_database_bytes"][()] > 10_000
    assert after["peyvand_unreadable"] == {(): 0}
    assert "canary" not in str(after)
    assert shop.workspace.slug not in str(after)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_unused: object) -> timedelta:
        raise RuntimeError("sara.canary@example.ir")

    monkeypatch.setattr(jobs, "oldest_due", fails)


@pytest.mark.django_db(transaction=True)
def test_a_figure_that_cannot_be_read_takes_none_of_the_others_along(shop: Shop, broken: None) -> None:
    status, told = read(shop.port)
    assert (status, told["peyvand_unreadable"][()], "peyvand_job_lag_seconds" in told) == (200, 1, False)
    assert {f"peyvand_{figure.name}" for figure in gauges.FIGURES if figure.name in {"jobs", "dead_letters", "lake_unread"}} <= set(told)
