"""One customer told to every door, and every address with something in each of its places, for the test of the log."""

import json
import re
import sqlite3
import tomllib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import httpx

from peyvand.config.tests.running import Installation
from peyvand.core.ids import public_id

NAME, MAIL, PHONE, WORDS = "سارا قناری", "sara.canary@qanari.ir", "09127654321", "قناری‌ام دیر رسید"
PASSWORD, TOKEN = "canary-Passw0rd-xyz", "canarytokencanarytoken"
FURNISHED: Final = ("صبوری", "sara doe", "راستین", "post.example", "0912000001", "فنجان")  # whom tests.e2e.furnishing brings in
SIGNS: Final = (
    "قناری", "canary", "qanari", "7654321", "۷۶۵۴۳۲۱", quote("قناری").lower(), "\\u0642\\u0646\\u0627\\u0631\\u06cc", *FURNISHED,
)  # fmt: skip
ADDRESSES: Final = Path(__file__).parents[4] / "tests" / "architecture" / "addresses.toml"
BRAND: Final = "/w/narenj/"
PLACE: Final = re.compile(r"<(?:(\w+):)?(\w+)>|\(\?P<(\w+)>[^)]*\)")
ROWS: Final = 12  # a furnished brand has fewer of anything a page shows by its id
PERSON = {
    "name": NAME,
    "identities": [{"type": "phone", "value": PHONE}, {"type": "email", "value": MAIL}],
    "attributes": {"note": WORDS},
}
FORM = {
    "q": NAME, "name": NAME, "email": MAIL, "phone": PHONE, "login": MAIL, "password": PASSWORD, "text": WORDS, "note": WORDS,
    "value": MAIL, "message": WORDS, "title": NAME, "slug": TOKEN, "token": TOKEN, "other": TOKEN, "sender": MAIL,
}  # fmt: skip
KINDS: Final = (("email", MAIL), ("phone", PHONE), ("number", "3"), ("score", "3"), ("at", "2026-06-15"), ("date", "2026-06-15"))


def order(**changed: Any) -> dict[str, Any]:
    """An order of the customer, as the ingest door takes it."""
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
        """Run a command and keep what it said."""
        done = self.place.run(*words, **more)
        self.said += [line for line in done.stderr.splitlines() if line.startswith("{")]
        return done

    def at(self, path: str) -> str:
        """The address of a path."""
        return f"http://127.0.0.1:{self.place.port}{path}"

    def get(self, path: str, **given: Any) -> httpx.Response:
        """Open an address."""
        return self.client.get(self.at(path), **given)

    def post(self, path: str, **given: Any) -> httpx.Response:
        """Send to an address, as its own page would."""
        headers = {"x-csrftoken": self.client.cookies.get("csrftoken", ""), "referer": self.at("/"), **given.pop("headers", {})}
        return self.client.post(self.at(path), headers=headers, **given)

    def sign_in(self) -> None:
        """The owner comes in, under the customer's own name."""
        self.get("/accounts/login/")
        answer = self.post("/accounts/login/", data=FORM)
        assert answer.status_code == 302, answer.text[:300]


def addresses() -> list[tuple[str, str]]:
    """Every address of the table with what opens it; that of the API with its method."""
    return sorted(tomllib.loads(ADDRESSES.read_text(encoding="utf-8")).items())


class Console:
    """The pages, each with an id of the brand's own in its place where one leads somewhere."""

    def __init__(self, story: Story, links: list[str]) -> None:
        with closing(sqlite3.connect(story.place.data / "peyvand.sqlite3")) as database:
            (key,) = database.execute("SELECT id_key FROM workspaces_workspace WHERE slug = 'narenj'").fetchone()
        self._story, self._key, self._links = story, bytes(key), links
        self._own: dict[str, str] = {}

    def paths(self) -> Iterator[str]:
        """Every address but the one that ends the session; personal ones as they were handed out, too."""
        for route, access in addresses():
            if " " in route or "logout" in route:
                continue
            public = access.startswith(("public", "library", "signed in")) and not route.startswith("settings/")
            yield self._filled("/" if public else BRAND, route)
        yield from self._links

    def _filled(self, before: str, route: str) -> str:
        route = route.replace("^", "").replace("$", "").replace("\\", "")
        beginning, place, _rest = route.partition("<pid:")
        pid = self._of(before + beginning) if place else ""
        return before + PLACE.sub(lambda found: pid if found[1] == "pid" else _word(found[2] or found[3]), route)

    def _of(self, beginning: str) -> str:
        if beginning not in self._own:
            tried = [public_id(self._key, n) for n in range(1, ROWS)]
            there = (pid for pid in tried if self._story.get(f"{beginning}{pid}/").status_code == 200)
            self._own[beginning] = next(there, tried[0])
        return self._own[beginning]


def _word(name: str) -> str:
    known = {"measure": "csat", "step": "score", "dimension": "branch", "slug": "narenj", "uidb36": "1", "name": "0" * 20, "kind": "email"}
    return known.get(name, TOKEN)


class Api:
    """The operations of the API, by a key that may do everything: with bodies made from their own description."""

    def __init__(self, story: Story, key: str) -> None:
        self._story, self._headers = story, {"authorization": f"Bearer {key}"}
        self._described = story.get("/api/openapi.json").json()

    def tell(self) -> list[httpx.Response]:
        """Call every operation: as it wants to be called, with everything it could be told, and with what it cannot read."""
        answers = []
        for method, path in self._operations():
            operation = self._described["paths"].get(f"/{_braced(path)}", {}).get(method.lower(), {})
            where, bodies = self._story.at(f"/{self._filled(path)}"), self._bodies(operation)
            known = {"q": NAME} if any(one["name"] == "q" for one in operation.get("parameters", ())) else {}
            for params, body in [({"q": NAME}, bodies[0]), *((known, body) for body in bodies)]:
                answers.append(self._story.client.request(method, where, params=params, content=body, headers=self._headers))
        return answers

    def _operations(self) -> list[tuple[str, str]]:
        """What takes away comes last, and the key that opens all of this last of all."""
        written = [route.split(" ", 1) for route, _access in addresses() if " " in route]
        return sorted(((method, path) for method, path in written), key=lambda one: (one[0] == "DELETE", "keys" in one[1], one[1]))

    def _bodies(self, operation: dict[str, Any]) -> list[bytes]:
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if content is None:
            return [b""]
        made = [self._made(content["schema"], "", whole=whole) for whole in (False, True)]
        return [*(json.dumps(one).encode() for one in made), json.dumps(order()).encode(), json.dumps(made[1]).encode()[:-2]]

    def _made(self, schema: dict[str, Any], name: str, *, whole: bool) -> Any:
        """Something that a description allows, of the customer wherever it is a text; whole: with what may be left out, too."""
        if "$ref" in schema:
            return self._made(self._described["components"]["schemas"][schema["$ref"].rpartition("/")[2]], name, whole=whole)
        if choices := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
            return self._made(choices[0], name, whole=whole)
        if "enum" in schema or "const" in schema:
            return schema.get("enum", [schema.get("const")])[0]
        kind = schema.get("type", "string")
        if kind == "object":
            wanted = schema.get("properties", {})
            return {key: self._made(one, key, whole=whole) for key, one in wanted.items() if whole or key in schema.get("required", ())}
        if kind == "array":
            return [self._made(schema.get("items", {}), name, whole=whole)]
        return {"integer": 1, "number": 1, "boolean": True, "null": None}.get(kind, value(name))

    def _filled(self, path: str) -> str:
        listed, place, _rest = path.partition("<")
        pid = self._first(listed) if place else ""
        return PLACE.sub(lambda found: "csat" if found[2] == "measure" else pid, path)

    def _first(self, listed: str) -> str:
        answer = self._story.get(f"/{listed.rstrip('/')}", headers=self._headers)
        items = answer.json().get("items", []) if answer.status_code == 200 else []
        return str(items[0].get("id", TOKEN)) if items else TOKEN


def _braced(path: str) -> str:
    return PLACE.sub(lambda found: f"{{{found[2]}}}", path)


def value(name: str) -> str:
    """What a field of that name would hold of the customer."""
    return next((said for part, said in KINDS if part in name.split("_") or part == name), NAME)
