"""`POST /api/v1/snippet`: what a brand's web pages tell, under a key that everybody can read; and `/snippet.js` itself.

See docs/reference/snippet.md for what is let in and why.
"""

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs

from django.contrib.staticfiles import finders

from peyvand.core import clock
from peyvand.edge import answers
from peyvand.edge.answers import Answer, problem
from peyvand.edge.asgi import Headers, Receive, Scope, Send
from peyvand.edge.bodies import Bodies, GoneError, Refusal
from peyvand.edge.intake import BUSY, Intake
from peyvand.edge.limits import Buckets
from peyvand.edge.reading import Request
from peyvand.edge.wire import Read
from peyvand.identities.types import VALUE_LENGTH
from peyvand.timeline.types import CustomerIn, Item, Refused
from peyvand.workspaces.types import Scope as KeyScope

KINDS: Final = frozenset({"site.visited", "site.searched", "product.viewed", "cart.changed"})
SOURCE: Final = "snippet"
MOST_BYTES: Final = 64 * 1024
MOST_ITEMS: Final = 50
MOST_PROPERTIES: Final = 30
LONGEST_VALUE: Final = 1000
LATE: Final = dt.timedelta(days=30)
BURST, A_SECOND = 200, 10.0
ITEM_BYTES: Final = 2048  # a larger one counts as several
TOLD: Final = "told"  # the property under which a page's word for who somebody is stands, unverified
CORS: Final[Headers] = [(b"access-control-allow-origin", b"*"), (b"cross-origin-resource-policy", b"cross-origin")]
PREFLIGHT: Final[Headers] = [
    *CORS,
    (b"access-control-allow-methods", b"POST"),
    (b"access-control-allow-headers", b"content-type"),
    (b"access-control-max-age", b"86400"),
]
NO_KEY: Final = problem(401, "unauthorised", "Name the page's key: /api/v1/snippet?key=pk_…")
ROBOT: Final = re.compile(rb"bot\b|crawl|spider|slurp|headless|preview|monitor|lighthouse", re.IGNORECASE)


class Snippet:
    """The ASGI application of the public door."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._bodies = Bodies(intake, KeyScope.SNIPPET, MOST_BYTES)
        self._buckets = Buckets(burst=BURST, a_second=A_SECOND)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "OPTIONS":
            await answers.give(send, Answer(204, b"", headers=PREFLIGHT))
            return
        try:
            given = await self._answer(scope, receive)
        except GoneError:
            return
        except Refusal as refusal:
            given = refusal.given
        await answers.give(send, given._replace(headers=[*given.headers, *CORS]))

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        if self._intake.is_full:
            return BUSY
        address = scope["client"][0] if scope.get("client") else ""
        if seconds := self._buckets.wait(address):
            again = [(b"retry-after", str(seconds).encode())]
            return problem(429, "too-many-requests", "This address sends too much; what it sent was not recorded.", headers=again)
        secret = parse_qs(scope["query_string"].decode("latin-1")).get("key", [""])[0]
        knows, bearer = self._intake.keys.recall(secret)
        if not secret or not secret.isascii() or (knows and bearer is None):
            return NO_KEY
        if self._intake.has_its_share(secret):
            return BUSY
        headers = dict(scope["headers"])
        body = await self._bodies.read(secret, headers, receive)
        browser = headers.get(b"user-agent", b"")
        if ROBOT.search(browser[:400]):
            return Answer(204, b"")
        items = 1

        def shape(found: Read) -> Read:
            nonlocal items
            items = min(found.total, MOST_ITEMS)
            return let_in(device_class(browser), found)

        given = await self._intake.answer(Request(secret, KeyScope.SNIPPET, body, shape=shape, tells_ids=False))
        self._buckets.charge(address, max(items, len(body) // ITEM_BYTES) - 1)
        return given


def device_class(browser: bytes) -> str:
    """What kind of device a browser says it runs on."""
    name = browser[:400].lower()
    if b"ipad" in name or b"tablet" in name or (b"android" in name and b"mobile" not in name):
        return "tablet"
    return "phone" if any(word in name for word in (b"mobile", b"iphone", b"ipod")) else "computer"


def let_in(device: str, found: Read) -> Read:
    """Of what a page sent, what a page may tell: the rest is refused or left out, since anybody can send it."""
    now = clock.now()
    items: list[Item] = []
    refused: dict[int, Refused] = {}
    given = iter(found.items)
    for n in range(found.total):
        if n in found.refused:
            refused[n] = found.refused[n]
            continue
        if n >= MOST_ITEMS:
            refused[n] = Refused("", f"stands behind the {MOST_ITEMS} items a page may send at once")
            continue
        try:
            items.append(_harmless(next(given), device, now))
        except Refused as error:
            refused[n] = error
    return Read(found.single, items, refused)


def _harmless(item: Item, device: str, now: dt.datetime) -> Item:
    if item.kind not in KINDS:
        raise Refused("kind", f"'{item.kind[:60]}' cannot be told by a web page")
    devices, told = _identities(item.customer)
    properties = _flat(item.properties)
    if told:
        properties[TOLD] = told
    at = item.occurred_at
    return Item(
        kind=item.kind,
        occurred_at=at if now - LATE < at <= now else now,  # the clocks of browsers are not to be trusted
        customer=CustomerIn(identities=devices) if devices else None,
        device=device,
        properties=properties,
        source=SOURCE,
        external_id=item.external_id,
    )


def _identities(customer: CustomerIn | None) -> tuple[list[Any], dict[str, str]]:
    """The device, which may link; and everything else a page says of who this is, which may not.

    A key that everybody can read must not let a stranger attach himself to a known customer.
    """
    given = customer.identities if customer is not None else []
    devices = [identity for identity in given if identity.type == "device"][:1]
    told = {identity.type[:16]: identity.value[:VALUE_LENGTH] for identity in given if identity.type != "device"}
    return devices, dict(list(told.items())[:5])


def _flat(properties: dict[str, Any]) -> dict[str, Any]:
    plain = {name: value for name, value in properties.items() if isinstance(value, str | int | float | bool) and len(name) <= 60}
    plain.pop("customer", None)
    plain.pop(TOLD, None)
    cut = {name: value[:LONGEST_VALUE] if isinstance(value, str) else value for name, value in plain.items()}
    return dict(list(cut.items())[:MOST_PROPERTIES])


class Script:
    """`/snippet.js`: one small file, kept by browsers for an hour and then asked about by its tag."""

    def __init__(self, find: Callable[[str], Any] = finders.find) -> None:
        self._find = find
        self._kept: dict[str, tuple[float, bytes]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        headers = dict(scope["headers"])
        accepted = headers.get(b"accept-encoding", b"")
        packed = next((ending for word, ending in ((b"br", ".br"), (b"gzip", ".gz")) if word in accepted and self._read(ending)), "")
        body = self._read(packed)
        if body is None:
            await answers.give(send, problem(404, "not-found", "The front end was not built; run script/setup."))
            return
        tag = f'"{self._tag(packed)}"'.encode()
        more: Headers = [*CORS, (b"cache-control", b"public, max-age=3600"), (b"etag", tag), (b"vary", b"accept-encoding")]
        if packed:
            more.append((b"content-encoding", {".br": b"br", ".gz": b"gzip"}[packed]))
        if headers.get(b"if-none-match", b"") == tag:
            await answers.give(send, Answer(304, b"", headers=more), safe=False)
            return
        shown = b"" if scope["method"] == "HEAD" else body
        await answers.give(send, Answer(200, shown, b"text/javascript; charset=utf-8", more), safe=False, length=len(body))

    def _read(self, ending: str) -> bytes | None:
        """The file with this ending, read again when it was built anew."""
        path = self._find("snippet.js")
        if path is None:
            return None
        file = Path(f"{path}{ending}")
        try:
            built = file.stat().st_mtime
            kept = self._kept.get(ending)
            if kept is None or kept[0] != built:
                kept = self._kept[ending] = (built, file.read_bytes())
        except OSError:
            return None
        return kept[1]

    def _tag(self, ending: str) -> str:
        built, body = self._kept[ending]
        return f"{int(built * 1000):x}-{len(body):x}{ending}"
