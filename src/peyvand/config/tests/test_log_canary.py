"""No person in the log: one customer is told to every door, page and command, faults included, and looked for in every line of it."""

import gzip
import json
import re
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from peyvand.config.tests.running import Installation

pytestmark = pytest.mark.slow
NAME, MAIL, PHONE, WORDS = "سارا قناری", "sara.canary@qanari.ir", "09127654321", "قناری‌ام دیر رسید"
PASSWORD, TOKEN = "canary-Passw0rd-xyz", "canarytokencanarytoken"
SIGNS = ("قناری", "canary", "qanari", "7654321", "۷۶۵۴۳۲۱", quote("قناری").lower(), "\\u0642\\u0646\\u0627\\u0631\\u06cc")
ADDRESSES = Path(__file__).parents[4] / "tests" / "architecture" / "addresses.toml"
PERSON = {
    "name": NAME,
    "identities": [{"type": "phone", "value": PHONE}, {"type": "email", "value": MAIL}],
    "attributes": {"note": WORDS},
}
FORM = {
    "q": NAME, "name": NAME, "email": MAIL, "phone": PHONE, "login": MAIL, "password": PASSWORD, "text": WORDS, "note": WORDS,
    "value": MAIL, "message": WORDS, "title": NAME, "slug": TOKEN, "token": TOKEN, "other": TOKEN, "sender": MAIL,
}  # fmt: skip


def order(**changed: Any) -> dict[str, Any]:
    felt = [{"measure": "csat", "value": 2, "scale": [1, 5], "text": WORDS}]
    usual = {
        "kind": "order.placed",
        "occurred_at": "2026-06-15T09:00:00Z",
        "source": TOKEN,
        "external_id": TOKEN,
        "customer": PERSON,
        "perceptions": felt,
    }
    return usual | {"subject": {"type": "order", "id": TOKEN}} | changed


@dataclass
class Story:
    """An installation, what its commands wrote to standard error, and a client of its server."""

    place: Installation
    said: list[str] = field(default_factory=list)
    client: httpx.Client = field(default_factory=lambda: httpx.Client(follow_redirects=False, timeout=60))

    def run(self, *words: str, **more: str) -> Any:
        done = self.place.run(*words, **more)
        self.said += [line for line in done.stderr.splitlines() if line.startswith("{")]
        return done

    def at(self, path: str) -> str:
        return f"http://127.0.0.1:{self.place.port}{path}"

    def post(self, path: str, **given: Any) -> httpx.Response:
        headers = {"x-csrftoken": self.client.cookies.get("csrftoken", ""), "referer": self.at("/"), **given.pop("headers", {})}
        return self.client.post(self.at(path), headers=headers, **given)


@pytest.fixture
def story(here: Installation) -> Iterator[Story]:
    here.apps = "peyvand.config.tests.spilling"
    made = Story(here)
    yield made
    made.client.close()


def _commands(story: Story, folder: Path) -> str:
    """Run every command that meets people, with good and with bad input; returns a key."""
    assert story.run("migrate").returncode == 0
    assert story.run("createworkspace", NAME, "--slug", "narenj").returncode == 0
    assert story.run("createowner", "--email", MAIL, "--name", NAME, PEYVAND_OWNER_PASSWORD=PASSWORD).returncode == 0
    key = json.loads(story.run("createkey", "--scope", "ingest", "--scope", "read", "--json").stdout)
    good, bad = folder / "orders.csv", folder / "bad.csv"
    good.write_text(
        f"order_id,customer_name,phone,email,total,ordered_at\n1,{NAME},{PHONE},{MAIL},1000,2026-06-01\n2,{NAME},zz,{MAIL},x,{WORDS}\n"
    )
    bad.write_bytes(f"{NAME};{PHONE}\n\x00\xff{MAIL}".encode("utf-8", "replace") + b"\xff\xfe")
    for words in (
        ("import", str(good), "--workspace", "narenj"),
        ("import", str(bad), "--workspace", "narenj"),
        ("import", str(good), "--workspace", TOKEN),
        ("analyze", str(good), "--score", NAME, "--measure", "nps"),
        ("createowner", "--email", MAIL, "--workspace", TOKEN),
        ("createkey", "--workspace", TOKEN, "--scope", "read"),
        ("backup", str(folder / f"{TOKEN}.tar.gz")),
        ("restore", "--check", str(bad)),
        ("doctor",),
    ):
        story.run(*words)
    return str(next(value for value in key.values() if isinstance(value, str) and len(value) > 30))


def _doors(story: Story, key: str) -> None:
    """The fast doors, with good and bad bodies and keys."""
    bodies = [
        json.dumps([order()]), json.dumps([order(kind=NAME)]), json.dumps([order(customer={"identities": [MAIL]})]),
        json.dumps([order()])[:-9], json.dumps({"items": WORDS}), f'"{WORDS}', json.dumps([order(**{NAME: MAIL})]),
    ]  # fmt: skip
    for secret in (key, TOKEN):
        for body in bodies:
            headers = {"authorization": f"Bearer {secret}", "content-type": "application/json", "idempotency-key": TOKEN}
            story.post("/api/v1/interactions", content=body, headers=headers)
            story.post("/api/v1/snippet", content=body, headers=headers | {"origin": f"https://{TOKEN}.ir"})
            story.post("/api/v1/interactions", content=gzip.compress(body.encode())[:-3], headers=headers | {"content-encoding": "gzip"})
    recorded = story.post("/api/v1/interactions", json=[order()], headers={"authorization": f"Bearer {key}"})
    assert recorded.status_code == 200, recorded.text
    for path in (f"/{quote(NAME)}/", f"/s/{TOKEN}/", f"/u/{TOKEN}/", f"/customers/?q={quote(NAME)}", f"/%00{TOKEN}", f"/static/{TOKEN}.js"):
        story.client.get(story.at(path), headers={"user-agent": NAME.encode(), "x-forwarded-for": TOKEN, "cookie": f"sessionid={TOKEN}"})


def _sign_in(story: Story) -> None:
    story.client.get(story.at("/accounts/login/"))
    assert story.post("/accounts/login/", data=FORM | {"password": f"{PASSWORD} no"}).status_code == 200
    story.post("/accounts/password/reset/", data=FORM)
    assert story.post("/accounts/login/", data=FORM).status_code == 302, "signed in"


def _pages(story: Story) -> int:
    """Every address, asked and written to by its owner the customer in path, query and form; returns how many answered with a fault."""
    faults = 0
    for address in tomllib.loads(ADDRESSES.read_text(encoding="utf-8")):
        route = address.split(" ", 1)[-1]
        if "logout" in route or "(?P" in route:
            continue
        path = "/" + re.sub(r"<[^>]*>", TOKEN, route)
        for answer in (
            story.client.get(story.at(path), params=FORM),
            story.post(path, params={"q": NAME}, data=FORM),
            story.post(path, json=order()),
        ):
            faults += answer.status_code >= 500
    for path in ("fails", "collides", "asks"):
        assert story.client.get(story.at(f"/spilling/{path}/"), params=FORM).status_code == 500
        assert story.post(f"/spilling/{path}/", data=FORM).status_code == 500
    return faults


def _until_told(log: Path, events: set[str]) -> list[str]:
    end = time.monotonic() + 60
    while True:
        lines = log.read_text(encoding="utf-8").splitlines()
        found = {json.loads(line)["event"] for line in lines if line.startswith("{")}
        if events <= found:
            return lines
        assert time.monotonic() < end, f"never told: {events - found}"
        time.sleep(0.3)


def test_a_customer_told_to_every_door_page_and_command_stands_in_no_line_of_the_log(story: Story, tmp_path: Path) -> None:
    key = _commands(story, tmp_path)
    log = tmp_path / "serve.log"
    story.place.serve(log)
    _doors(story, key)
    _sign_in(story)
    faults = _pages(story)
    lines = _until_told(log, {"request failed", "job failed", "loop failed", "subscription.dead_letter"})
    told = [line for line in (*lines, *story.said) if any(sign in line.lower() for sign in SIGNS)]
    assert told == []
    others = [line for line in lines if not line.startswith("{")]
    assert others == [f"Peyvand serves at http://localhost:{story.place.port}"], "every line but the greeting is for a program"
    assert faults == 0, "no page of ours fails on what it was told"
