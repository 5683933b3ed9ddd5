"""Bodies that nobody sends by mistake, at every door that takes one: refused or passed over, cheaply; the server is well afterwards."""

import gzip
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.bench.killing import ask, child
from tests.e2e.running import Site, prepared
from tests.waiting import PATIENCE

pytestmark = pytest.mark.slow
MOST_CPU_SECONDS = 0.2
MOST_MB = 50.0
TRIES = 3  # of a body that cost too much: on a machine at work on other things, processor time varies twofold
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PARTS = {"Content-Type": "multipart/form-data; boundary=x"}
ITEM = b'{"kind":"order.placed","occurred_at":"2026-05-01T10:00:00Z","properties":{"x":%s}}'
PART = b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\nv\r\n'
MADE_KEY = """
import django
django.setup()
from peyvand.workspaces.models import Member
from peyvand.workspaces.services import create_key
from peyvand.workspaces.types import Scope
owner = Member.objects.select_related("workspace", "user").get()
scopes = [Scope(scope) for scope in ("customers.write", "surveys.manage", "catalogue.manage", "settings.manage")]
print(create_key(workspace=owner.workspace, name="api", scopes=scopes, actor=owner.user)[1])
"""

BODIES: dict[str, bytes] = {
    "nothing": b"",
    "deep": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "never closed": b"[" * 5_000_000,
    "deep inside": ITEM % (b"[" * 900 + b"]" * 900),
    "not a number": ITEM % b"NaN",
    "infinite": ITEM % b"-Infinity",
    "too large a number": ITEM % b"1e999",
    "a long number": ITEM % (b"9" * 4_000_000),
    "a key twice": ITEM % b'{"a":1,"a":2}',
    "half a surrogate pair": ITEM % b'"\\ud800"',
    "an escaped NUL": ITEM % b'"\\u0000"',
    "a NUL": ITEM % b'"\x00"',
    "bad UTF-8": ITEM % b'"\xff\xfe\xed\xa0\x80"',
    "UTF-16": '{"kind":"x"}'.encode("utf-16"),
    "no object": b"1",
    "null": b"null",
    "a million items": b"[" + b"{}," * 1_000_000 + b"{}]",
    "a million lists": ITEM % (b"[" + b"[]," * 1_000_000 + b"1]"),
    "many keys": b"{" + b",".join(b'"k%d":1' % n for n in range(100_000)) + b"}",
    "empty lines": b"\n" * 5_000_000,
    "many fields": b"&".join(b"a%d=1" % n for n in range(400_000)),
    "broken escapes": b"score=%ff%00%ed%a0%80&text=%u0000&csrfmiddlewaretoken=%00",
    "many parts": b"".join(PART % (b"a%d" % n) for n in range(40_000)) + b"--x--\r\n",
    "a part without end": (PART % b"a") + b"--x\r\nContent-Disposition: form-data; name=" + b"a" * 1_000_000,
    "a file with a bad name": b'--x\r\nContent-Disposition: form-data; name="file"; filename="..\\u200b/\x00.html"\r\n\r\nv\r\n--x--\r\n',
    "a hundred megabytes": b" " * (100 << 20),
}
PACKED = {
    "a bomb": gzip.compress(b"[" * (300 << 20), 9),
    "no gzip": b"\x1f\x8b" + b"x" * 100,
    "cut short": gzip.compress(ITEM % b"1")[:-4],
    "packed twice": gzip.compress(gzip.compress(ITEM % b"1")),
}


@dataclass(frozen=True)
class Door:
    """An address that takes a body. `polite`: a person's form, which answers nonsense with a page that asks again."""

    path: str
    headers: dict[str, str]
    polite: bool = False

    @property
    def head(self) -> bytes:
        """The head of a call, to which a length and a body are added."""
        return "".join([f"POST {self.path} HTTP/1.1\r\nHost: localhost\r\n", *(f"{k}: {v}\r\n" for k, v in self.headers.items())]).encode()


@dataclass(frozen=True)
class Tried:
    """A served site, its doors, and the web process they stand in."""

    site: Site
    doors: dict[str, Door]
    serve: int

    def web(self) -> Path:
        return Path(f"/proc/{child(self.serve, 'web')}")

    def cost(self, door: Door, body: bytes, headers: dict[str, str]) -> tuple[int, float, float]:
        """The status, and what the answer took: processor seconds and MiB of memory, of the web process."""
        web = self.web()
        (web / "clear_refs").write_text("5", encoding="ascii")  # the peak begins anew
        before, memory = _seconds(web), _mib(web, "VmRSS")
        status, _answer = ask(self.site.port, "POST", door.path, {"Host": "localhost", **door.headers, **headers}, body)
        return status, _seconds(web) - before, _mib(web, "VmHWM") - memory


def _seconds(process: Path) -> float:
    fields = (process / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _mib(process: Path, name: str) -> float:
    found = re.search(rf"{name}:\s+(\d+) kB", (process / "status").read_text(encoding="utf-8"))
    assert found is not None
    return int(found[1]) / 1024


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tried]:
    site = prepared(tmp_path_factory.mktemp("odd"))
    environment = site.environment | {"DJANGO_SETTINGS_MODULE": "peyvand.config.settings"}

    def run(*words: str) -> str:
        done = subprocess.run([sys.executable, *words], env=environment, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def key(scope: str) -> str:
        return site.command("createkey", "--workspace", "narenj", "--scope", scope).strip().splitlines()[-1]

    links = json.loads(run("-m", "tests.e2e.furnishing", "narenj"))
    api = {"Authorization": f"Bearer {run('-c', MADE_KEY)}", **JSON}
    ingest = {"Authorization": f"Bearer {key('ingest')}"}
    doors = {
        "ingest": Door("/api/v1/interactions", {**ingest, **JSON}),
        "ingest by line": Door("/api/v1/interactions", {**ingest, "Content-Type": "application/x-ndjson"}, polite=True),
        "snippet": Door(f"/api/v1/snippet?key={key('snippet')}", {"Content-Type": "text/plain"}),
        "customers": Door("/api/v1/customers", api),
        "names": Door("/api/v1/names", api),
        "webhooks": Door("/api/v1/webhooks", api),
        "surveys": Door("/api/v1/surveys", api),
        "hook": Door("/hooks/woocommerce/nobody/", {**JSON, "X-WC-Webhook-Topic": "order.created"}),
        "survey": Door(links[1], FORM, polite=True),
        "survey in parts": Door(links[1], PARTS, polite=True),
        "stop": Door(links[2], FORM, polite=True),
        "sign in": Door("/accounts/login/", FORM),
        "language": Door("/language/", PARTS),
        "set up": Door("/setup/", FORM),
    }
    with site.served() as serve:
        found = Tried(site, doors, serve)
        for door in doors.values():  # the first call of a page loads it
            found.cost(door, b"{}", {})
        yield found


def fault(tried: Tried, door: Door, body: bytes, headers: dict[str, str]) -> str:
    """What is wrong with the answer, if anything; a cost is tried again, since others may be at work on this machine."""
    for _ in range(TRIES):
        status, seconds, mib = tried.cost(door, body, headers)
        wanted = range(200, 500) if door.polite else range(400, 500)
        if status not in wanted:
            return f"answered {status}"
        if seconds < MOST_CPU_SECONDS and mib < MOST_MB:
            return ""
    return f"{status} took {seconds:.2f} s of the processor and {mib:.0f} MiB"


def test_no_odd_body_costs_much_or_is_a_fault(tried):
    packed = [(f"packed, {name}", body, {"Content-Encoding": "gzip"}) for name, body in PACKED.items()]
    plain = [(name, body, {}) for name, body in BODIES.items()]
    before, faults = tried.web(), []
    for at, door in tried.doors.items():
        for name, body, headers in plain + (packed if at.startswith("ingest") else []):
            if why := fault(tried, door, body, headers):
                faults.append(f"{at}, {name}: {why}")
    assert faults == []
    assert tried.web() == before  # the same process, all the while
    assert ask(tried.site.port, "GET", "/readyz", {})[0] == 200


FRAMES: dict[str, bytes] = {
    "a length of words": b"Content-Length: abc\r\n\r\n{}",
    "a negative length": b"Content-Length: -5\r\n\r\n{}",
    "two lengths": b"Content-Length: 2\r\nContent-Length: 5\r\n\r\n{}abc",
    "a length no number holds": b"Content-Length: 99999999999999999999999\r\n\r\n{}",
    "a length no disk holds": b"Content-Length: 1000000000000\r\n\r\n{}",
    "pieces and a length": b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "no such coding": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "a piece of no size": b"Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
    "a negative piece": b"Transfer-Encoding: chunked\r\n\r\n-1\r\nabc\r\n0\r\n\r\n",
    "a piece no number holds": b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nabc\r\n0\r\n\r\n",
    "two hundred thousand pieces": b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\n \r\n" * 200_000 + b"0\r\n\r\n",
    "a hundred thousand trailers": b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n" + b"X-A: b\r\n" * 100_000 + b"\r\n",
    "five thousand headers": b"".join(b"X-%d: a\r\n" % n for n in range(5000)) + b"Content-Length: 2\r\n\r\n{}",
    "a header of a megabyte": b"X: " + b"a" * 1_000_000 + b"\r\nContent-Length: 2\r\n\r\n{}",
    "a NUL in a header": b"X: a\0b\r\nContent-Length: 2\r\n\r\n{}",
    "more than was promised": b"Content-Length: 2\r\n\r\n{}and more",
    "an upgrade": b"Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 2\r\n\r\n{}",
}


def answered(port: int, data: bytes) -> int:
    """The status of the first answer to these very bytes; 0 where the connection was ended without one."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as wire:
        try:
            wire.sendall(data)
            head = wire.recv(65536)
        except ConnectionError:
            return 0
        return int(head[9:12]) if head.startswith(b"HTTP/1.1 ") else 0


@pytest.mark.parametrize("name", ["ingest", "snippet", "names", "hook", "survey", "sign in"])
def test_no_odd_frame_is_a_fault(tried, name):
    door = tried.doors[name]
    told = {frame: answered(tried.site.port, door.head + rest) for frame, rest in FRAMES.items()}
    assert [(frame, status) for frame, status in told.items() if status and not 200 <= status < 500] == []
    assert {told[frame] for frame in ("a length of words", "two lengths", "a piece of no size")} == {400}
    assert ask(tried.site.port, "GET", "/readyz", {})[0] == 200


def test_a_slow_body_holds_nobody_up(tried):
    door = tried.doors["names"]
    slow = [socket.create_connection(("127.0.0.1", tried.site.port), timeout=PATIENCE) for _ in range(200)]
    try:
        for one in slow:
            one.sendall(door.head + b"Content-Length: 100\r\n\r\n{")
        begin = time.monotonic()
        assert ask(tried.site.port, "GET", "/accounts/login/", {"Host": "localhost"})[0] == 200
        assert time.monotonic() - begin < 20, "a body that does not come is waited for thirty seconds"
    finally:
        for one in slow:
            one.close()
