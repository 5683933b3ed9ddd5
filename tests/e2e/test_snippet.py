"""The site snippet on a shop's own page, of another origin, in a real browser: what it tells, and what it cannot."""

import json
import os
import shutil
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.conftest import BROWSERS, LONGEST, PHONE
from tests.e2e.running import Site
from tests.waiting import PATIENCE, until

BROWSER = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36"
FORGED = [
    {"kind": "order.placed", "occurred_at": "2026-01-05T10:00:00Z"},
    {
        "kind": "site.visited",
        "occurred_at": "2026-01-05T10:00:00Z",
        "perceptions": [{"measure": "nps", "value": 0}],
        "touchpoint": "forged",
    },
]
SHOP = """<!doctype html><html lang="fa"><head><meta charset="utf-8"><title>کاسه‌ها</title>
<script>window.peyvand = window.peyvand || function () {{ (peyvand.q = peyvand.q || []).push(arguments); }};</script>
<script async src="{url}/snippet.js" data-key="{key}"></script></head><body><h1>کاسه‌ها</h1></body></html>"""


def key_of(site: Site, scope: str) -> str:
    return site.command("createkey", "--workspace", "narenj", "--scope", scope).strip().splitlines()[-1]


@pytest.fixture
def public_key(site: Site) -> str:
    return key_of(site, "snippet")


@pytest.fixture
def shop(site: Site, public_key: str) -> Iterator[str]:
    """A shop's own web server, of another origin than Peyvand; gives its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = SHOP.format(url=site.url, key=public_key).encode()
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Page]:
    """A customer's browser; whatever its console complains of fails the test.

    It says what it is by its own start: the name a window takes on is not sent with the beacon of a page that is left, and the
    door records no robots.
    """
    path = os.environ.get("PEYVAND_TEST_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    unboxed = ["--no-sandbox"] if os.geteuid() == 0 else []
    own = browser.browser_type.launch(executable_path=path, args=[*unboxed, f"--user-agent={BROWSER}"])
    page = own.new_page(viewport=PHONE)
    page.set_default_timeout(LONGEST)
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" and "favicon" not in said.text else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    own.close()
    assert complaints == []


def told(site: Site, key: str, asked: str = "source=snippet") -> list[dict[str, Any]]:
    """What the snippet, or whoever is asked for, has told so far, in order."""
    items: list[dict[str, Any]] = []
    page: dict[str, Any] = {"next": "", "more": True}
    while page["more"]:
        address = f"{site.url}/api/v1/interactions?{asked}&limit=500&after={page['next']}"
        request = urllib.request.Request(address, headers={"Authorization": f"Bearer {key}"})
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            page = json.load(answer)
        items += page["items"]
    return items


def test_visits_searches_products_and_carts_of_a_shops_page_are_told(site, shop, visitor):
    reader = key_of(site, "read")
    before = len(told(site, reader))
    visitor.goto(f"{shop}/bowls?utm_source=sms&card=secret")
    with visitor.expect_response("**/api/v1/snippet?**") as answer:
        visitor.evaluate(
            """() => { peyvand("search", {query: "کاسه", results: 0}); peyvand("product", {sku: "B-2", name: "کاسهٔ لعابی", price: 4500000});
            peyvand("cart", {action: "added", sku: "B-2", quantity: 2}); }"""
        )
    assert answer.value.status == 200
    items = told(site, reader)[before:]
    assert [one["kind"] for one in items] == ["site.visited", "site.searched", "product.viewed", "cart.changed"]
    assert {(one["channel"], one["device"]) for one in items} == {("web", "phone")}
    assert (items[0]["properties"]["url"], items[0]["properties"]["title"]) == ("/bowls?utm_source=sms", "کاسه‌ها")
    assert items[1]["properties"] == {"query": "کاسه", "results": 0}
    assert len({one["customer"] for one in items}) == 1
    assert items[0]["customer"] is not None


def test_what_waits_when_a_page_is_left_goes_with_it(site, shop, visitor):
    reader = key_of(site, "read")
    before = len(told(site, reader))
    visitor.goto(f"{shop}/first")
    visitor.wait_for_function("() => localStorage.getItem('peyvand.waiting')")  # the snippet came and keeps the visit
    visitor.evaluate("() => peyvand('cart', {action: 'added', sku: 'left'})")
    visitor.goto(f"{shop}/second")

    def seen(name: str) -> list[str]:
        return [one["properties"].get(name) for one in told(site, reader)[before:]]

    until(lambda: {"/first", "/second"} <= set(seen("url")), lambda: f"only {seen('url')} were told", every=0.2)
    assert seen("sku").count("left") == 1


def test_a_page_can_take_nobodys_identity_and_invent_no_order(site, shop, visitor, public_key):
    ingest, reader = key_of(site, "ingest"), key_of(site, "read")
    known = {"type": "email", "value": "mina@mail.example"}
    order = {"kind": "order.placed", "occurred_at": "2026-01-05T10:00:00Z", "customer": {"identities": [known]}, "external_id": "of-mina"}
    request = urllib.request.Request(
        f"{site.url}/api/v1/interactions",
        json.dumps(order).encode(),
        {"Authorization": f"Bearer {ingest}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        assert json.load(answer)["status"] == "recorded"
    before = len(told(site, reader))
    visitor.goto(f"{shop}/")
    with visitor.expect_response("**/api/v1/snippet?**"):
        visitor.evaluate("() => peyvand('identify', {email: 'mina@mail.example', own_id: '1'})")
    sent = visitor.evaluate(
        """async ([url, forged]) => (await fetch(url, {method: "POST", body: JSON.stringify(forged)})).json()""",
        [f"{site.url}/api/v1/snippet?key={public_key}", FORGED],
    )
    assert [one["status"] for one in sent] == ["rejected", "recorded"]
    items = told(site, reader)[before:]
    [visit] = [one for one in items if one["properties"].get("told")]
    assert visit["properties"]["told"] == {"email": "m•••@mail.example", "own_id": "1"}  # this key may not see contacts
    [mina] = [one["customer"] for one in told(site, reader, "kind=order.placed") if one["external_id"] == "of-mina"]
    assert mina not in {one["customer"] for one in items}
    assert all(one["perceptions"] == [] and one["touchpoint"] == "website" for one in items)


@pytest.mark.parametrize("address", ["/api/v1/interactions?limit=1", "/api/v1/measures/nps"])
def test_the_public_key_reads_nothing(site, public_key, address):
    request = urllib.request.Request(f"{site.url}{address}", headers={"Authorization": f"Bearer {public_key}"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=30)
    assert refused.value.code in {401, 403}
