"""The public door: what a web page may tell, what it may not, and that it never learns anything."""

import json
from pathlib import Path

import pytest

from peyvand.catalogue.models import Term
from peyvand.core import clock
from peyvand.edge import snippet
from peyvand.edge.limits import Buckets, network_of
from peyvand.edge.snippet import Script, device_class
from peyvand.identities.models import Customer, Identity
from peyvand.timeline.models import Interaction
from peyvand.timeline.reading import events, read_ids
from peyvand.timeline.services import record
from peyvand.timeline.tests.conftest import make_item
from peyvand.workspaces.services.keys import create_key

BROWSER = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36"
DEVICE = {"type": "device", "value": "d" * 32}


@pytest.fixture
def page(shop):
    """A web page that holds the public key of the shop."""
    _key, public = create_key(workspace=shop.workspace, name="site", scopes=["snippet"])

    def send(body, *, key=public, **headers):
        usual = {"authorization": "", "content_type": "text/plain;charset=UTF-8", "user_agent": BROWSER, "origin": "https://shop.example"}
        return shop.post(body, path=f"/api/v1/snippet?key={key}", **(usual | headers))

    return send


def visit(n=0, **fields):
    at = clock.now().isoformat()
    return {
        "kind": "site.visited", "occurred_at": at, "external_id": f"v-{n}", "customer": {"identities": [DEVICE]},
        "properties": {"url": "/shoes"}, **fields,
    }  # fmt: skip


def recorded():
    return events(read_ids(list(Interaction.objects.values_list("pk", flat=True))))


def test_a_visit_is_recorded_under_its_device(shop, page):
    answered = page([visit()])
    assert (answered.status, answered.json) == (200, [{"status": "recorded"}])
    assert answered.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answered.headers
    event = recorded()[0]
    assert (event.kind, event.source, event.properties) == ("site.visited", "snippet", {"url": "/shoes"})
    assert event.codes == {"channel": "web", "touchpoint": "website", "stage": "before", "device": "phone"}
    assert Identity.objects.get().value == DEVICE["value"]


def test_a_repeat_has_one_effect_and_no_id_is_told(page):
    assert page([visit(), visit()]).json == [{"status": "recorded"}, {"status": "duplicate"}]
    assert page(visit()).json == {"status": "duplicate"}
    assert Interaction.objects.count() == 1


def test_a_stranger_cannot_attach_himself_to_a_known_customer(shop, page):
    record(shop.workspace.pk, make_item(who="09120000001"))
    claims = [DEVICE, {"type": "phone", "value": "09120000001"}, {"type": "own_id", "value": "alice"}]
    page([visit(customer={"identities": claims, "name": "Alice", "attributes": {"vip": True}})])
    assert Customer.objects.count() == 2
    assert set(Identity.objects.values_list("type", flat=True)) == {2, 5}
    event = recorded()[-1]
    assert event.properties == {"url": "/shoes", "told": {"phone": "09120000001", "own_id": "alice"}}
    assert Customer.objects.get(pk=event.customer_id).name == ""


def test_what_a_page_may_not_say_is_left_out(page):
    page([visit(properties={"url": "/", "customer": {"consents": []}, "told": {"a": 1}, "deep": {"a": 1}, "long": "x" * 3000, "n": 3})])
    assert recorded()[0].properties == {"url": "/", "long": "x" * 1000, "n": 3}


def test_a_page_makes_no_terms_of_its_own(shop, page):
    page([visit(1)])
    before = set(Term.objects.values_list("dimension", "code"))
    page(
        [
            visit(
                2,
                product="spam",
                touchpoint="spam",
                source="spam",
                branch="spam",
                perceptions=[{"measure": "spam", "value": 1, "scale": [0, 1]}],
            )
        ]
    )
    assert set(Term.objects.values_list("dimension", "code")) == before
    assert Interaction.objects.count() == 2


@pytest.mark.parametrize("kind", ["order.placed", "customer.updated", "opinion.spoken", "no.such"])
def test_other_kinds_are_refused(page, kind):
    answered = page([visit(kind=kind), visit(1)])
    assert [one["status"] for one in answered.json] == ["rejected", "recorded"]
    assert answered.json[0]["field"] == "kind"


@pytest.mark.parametrize("at", ["2099-01-01T00:00:00Z", "1999-01-01T00:00:00Z"])
def test_a_browser_with_a_wrong_clock_is_recorded_now(page, at):
    page([visit(occurred_at=at)])
    assert abs((clock.now() - recorded()[0].occurred_at).total_seconds()) < 60


def test_a_secret_key_is_not_taken_in_a_page(shop, page):
    answered = page([visit()], key=shop.secret)
    assert (answered.status, answered.json["code"]) == (403, "forbidden")


@pytest.mark.parametrize("key", ["", "pk_nobody", "%00", "pk_%FF"])
def test_without_a_key_nothing_is_recorded(page, key):
    answered = page([visit()], key=key)
    assert (answered.status, answered.json["code"]) == (401, "unauthorised")
    assert answered.headers["access-control-allow-origin"] == "*"
    assert not Interaction.objects.exists()


def test_the_public_key_opens_nothing_else(shop, page):
    _key, public = create_key(workspace=shop.workspace, name="site", scopes=["snippet"])
    assert shop.post(visit(), authorization=f"Bearer {public}").status == 403


def test_a_browser_may_ask_first(shop):
    answered = shop.post(b"", method="OPTIONS", path="/api/v1/snippet?key=x", authorization="", content_length="0")
    assert (answered.status, answered.body) == (204, b"")
    assert answered.headers["access-control-allow-methods"] == "POST"


def test_too_much_is_refused(page):
    assert page(b" " * 70_000).status == 413
    answered = page([visit(n) for n in range(60)])
    assert [one["status"] for one in answered.json] == ["recorded"] * 50 + ["rejected"] * 10
    assert page(b"{").status == 400


def test_one_address_cannot_send_without_end(page, monkeypatch):
    monkeypatch.setattr(snippet.Buckets, "wait", lambda _self, _address: 7)
    answered = page([visit()])
    assert (answered.status, answered.headers["retry-after"], answered.json["code"]) == (429, "7", "too-many-requests")
    assert answered.headers["access-control-allow-origin"] == "*"


def test_many_items_in_one_request_count_as_many(page):
    """Else one address could send five hundred items a second, thirty kilobytes each, for ever."""
    statuses = [page([visit(n * 50 + m) for m in range(50)]).status for n in range(12)]
    assert statuses[:4] == [200] * 4
    assert 429 in statuses
    assert Interaction.objects.count() == 50 * statuses.count(200)


def test_a_large_item_counts_as_several(page):
    large = {f"word{n}": "x" * 1000 for n in range(30)}
    statuses = [page([visit(n, properties=large)]).status for n in range(30)]
    assert 10 < statuses.index(429) < 20  # thirty kilobytes are some fifteen items


def test_robots_are_not_visitors(page):
    answered = page([visit()], user_agent="Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)")
    assert answered.status == 204
    assert not Interaction.objects.exists()


def test_a_bucket_empties_and_fills_again(frozen_clock):
    buckets = Buckets(burst=3, a_second=0.5)
    assert [buckets.wait("198.51.100.7") for _ in range(4)] == [0, 0, 0, 2]
    assert buckets.wait("198.51.100.8") == 0
    frozen_clock.advance(snippet.dt.timedelta(seconds=2))
    assert [buckets.wait("198.51.100.7") for _ in range(2)] == [0, 2]


def test_what_a_bucket_does_not_hold_is_owed(frozen_clock):
    buckets = Buckets(burst=3, a_second=1)
    assert buckets.wait("192.0.2.1") == 0
    buckets.charge("192.0.2.1", 6)
    assert buckets.wait("192.0.2.1") == 5
    assert buckets.wait("192.0.2.2") == 0
    buckets.charge("192.0.2.1", 10_000)
    assert buckets.wait("192.0.2.1") == 31


def test_an_ipv6_subscriber_is_one_address():
    assert network_of("2001:db8:1:2::1") == network_of("2001:db8:1:2:ffff::9") == "2001:db8:1:2::"
    assert network_of("2001:db8:1:3::1") == "2001:db8:1:3::"
    assert network_of("::ffff:198.51.100.7") == "198.51.100.7"


def test_buckets_do_not_grow_without_end(monkeypatch):
    monkeypatch.setattr("peyvand.edge.limits.MOST_KEPT", 10)
    buckets = Buckets(burst=1, a_second=1)
    for n in range(50):
        buckets.wait(f"198.51.100.{n}")
    assert len(buckets._kept) == 10


@pytest.mark.parametrize(
    ("browser", "device"),
    [
        (BROWSER, "phone"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)", "phone"),
        ("Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X)", "tablet"),
        ("Mozilla/5.0 (Linux; Android 13; SM-X200) AppleWebKit/537.36 Chrome/126.0 Safari/537.36", "tablet"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64)", "computer"),
        ("", "computer"),
    ],
)
def test_browsers_say_what_they_run_on(browser, device):
    assert device_class(browser.encode()) == device


@pytest.fixture
def script(tmp_path):
    (tmp_path / "snippet.js").write_text("peyvand()")
    (tmp_path / "snippet.js.gz").write_bytes(b"packed")
    return Script(lambda name: str(tmp_path / name))


async def _get(script: Script, method: str = "GET", **headers: str):
    sent: list = []

    async def send(message):
        sent.append(message)

    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    await script({"method": method, "headers": named}, None, send)
    return sent[0]["status"], dict(sent[0]["headers"]), sent[1]["body"]


def run(coroutine):
    with pytest.raises(StopIteration) as ended:
        coroutine.send(None)
    return ended.value.value


def test_the_script_is_served_to_other_sites_and_kept_for_an_hour(script):
    status, headers, body = run(_get(script))
    assert (status, body, headers[b"content-length"]) == (200, b"peyvand()", b"9")
    assert headers[b"content-type"] == b"text/javascript; charset=utf-8"
    assert headers[b"cache-control"] == b"public, max-age=3600"
    assert headers[b"cross-origin-resource-policy"] == b"cross-origin"
    assert run(_get(script, if_none_match=headers[b"etag"].decode()))[0] == 304
    assert run(_get(script, "HEAD"))[2] == b""


def test_the_script_is_served_packed_where_it_is_understood(script):
    status, headers, body = run(_get(script, accept_encoding="gzip, br"))
    assert (status, body, headers[b"content-encoding"]) == (200, b"packed", b"gzip")


def test_a_front_end_that_was_not_built_is_said_plainly(tmp_path: Path):
    status, _headers, body = run(_get(Script(lambda _name: None)))
    assert (status, json.loads(body)["code"]) == (404, "not-found")
