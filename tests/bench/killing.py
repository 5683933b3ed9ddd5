"""Trouble under load (processes killed, a store that fails), and what is true afterwards.

Called by measure_kill and tests/e2e/test_trouble.py.
"""

import http.client
import json
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from peyvand.core import clock
from tests.waiting import PATIENCE, until

SENDERS = 4
PEOPLE = 300
PAUSE = 0.05  # between two requests of a till: many moments to fail in count more than many items
PATH = "/api/v1/interactions"
Seen = Callable[[], Counter[int]]


@dataclass(frozen=True, slots=True)
class Keys:
    """The secrets of a workspace's keys."""

    ingest: str
    read: str


@dataclass(slots=True)
class Sender:
    """One till: sends orders one request after the other, each again until it is acknowledged.

    Even tills name their items by source and external_id, odd ones name their requests by Idempotency-Key.
    """

    port: int
    secret: str
    number: int
    stop: threading.Event
    acknowledged: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    odd: str = ""

    def run(self) -> None:
        """Send until told to stop; what is in hand then is still brought home."""
        chance = clock.random(self.number)
        n = 0
        while not self.stop.is_set() and not self.odd:
            names = [f"{self.number}-{n + k}" for k in range(chance.choice((1, 1, 20)))]
            n += len(names)
            items = [self._order(name, chance.randrange(PEOPLE)) for name in names]
            self._bring_home(json.dumps(items if len(items) > 1 else items[0]).encode(), f"k-{names[0]}")
            self.acknowledged += names
            time.sleep(PAUSE)

    def _order(self, name: str, who: int) -> dict[str, Any]:
        order: dict[str, Any] = {
            "kind": "order.placed",
            "occurred_at": "2026-05-01T10:00:00+03:30",
            "customer": {"identities": [{"type": "own_id", "value": f"c-{who}"}]},
            "employee": f"p-{who}",  # who it was, told beside, so that two customers of one person are seen
            "subject": {"type": "order", "id": name},
            "perceptions": [{"measure": "csat", "value": 1 + who % 5}],
            "source": f"till-{self.number}",
        }
        return order if self.number % 2 else order | {"external_id": name}

    def _bring_home(self, body: bytes, key: str) -> None:
        headers = {"Authorization": f"Bearer {self.secret}", "Content-Type": "application/json"}
        if self.number % 2:
            headers["Idempotency-Key"] = key
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            status, answer = ask(self.port, "POST", PATH, headers, body)
            self.statuses[status] += 1
            if status == 200 and b"rejected" not in answer:
                return
            if status not in (0, 503):
                self.odd = f"{status} {answer[:300].decode(errors='replace')}"
                return
            time.sleep(0.05)
        self.odd = f"not acknowledged in {PATIENCE:.0f} s: {status} {answer[:300].decode(errors='replace')}"


def ask(port: int, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None) -> tuple[int, bytes]:
    """One request on a connection of its own; status 0 where no whole answer came."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()


@dataclass(frozen=True, slots=True)
class Truth:
    """What is in the store, beside what was acknowledged."""

    acknowledged: int
    statuses: Counter[int]  # 0: no whole answer came
    lost: int
    doubled: int
    unasked: int
    doubled_people: int
    caught_up_seconds: float
    away_seconds: float = 0.0  # the longest from a kill until the door was ready again


def kill_under_load(port: int, serve: int, keys: Keys, *, rounds: int) -> Truth:
    """Kill web and worker in turns while tills send, then compare."""
    chance = clock.random(7)
    away = [0.0]

    def kill(_seen: Seen) -> None:
        for n in range(rounds):
            time.sleep(chance.uniform(0.3, 1.5))
            begin = time.monotonic()
            _kill(serve, ("web", "worker")[n % 2])
            until(lambda: _serves(port), "the web process did not come back", every=0.02)
            away.append(time.monotonic() - begin)

    return replace(under_load(port, keys, kill), away_seconds=max(away))


def _serves(port: int) -> bool:
    return ask(port, "GET", "/readyz", {})[0] == 200


def under_load(port: int, keys: Keys, disturb: Callable[[Seen], None]) -> Truth:
    """Disturb while tills send, wait until all they sent is acknowledged, then compare; raises RuntimeError where the door answered oddly.

    `disturb` is told how to see which answers the tills have had so far.
    """
    stop = threading.Event()
    tills = [Sender(port, keys.ingest, number, stop) for number in range(SENDERS)]
    threads = [threading.Thread(target=till.run) for till in tills]
    for thread in threads:
        thread.start()
    try:
        disturb(lambda: _statuses(tills))
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    if odd := next((till.odd for till in tills if till.odd), ""):
        raise RuntimeError(f"the door answered otherwise: {odd}")
    return _compare(port, keys, tills)


def _compare(port: int, keys: Keys, tills: list[Sender]) -> Truth:
    begin = time.monotonic()
    wanted = [name for till in tills for name in till.acknowledged]
    until(lambda: answered(port, keys) == len(wanted), lambda: f"figures know {answered(port, keys)} answers of {len(wanted)}", every=1)
    caught_up = time.monotonic() - begin
    stored, people = _stored(port, keys)
    return Truth(
        acknowledged=len(wanted),
        statuses=_statuses(tills),
        lost=sum(name not in stored for name in wanted),
        doubled=sum(times - 1 for times in stored.values()),
        unasked=len(set(stored) - set(wanted)),
        doubled_people=sum(len(customers) - 1 for customers in people.values()),
        caught_up_seconds=caught_up,
    )


def _statuses(tills: list[Sender]) -> Counter[int]:
    return sum((till.statuses.copy() for till in tills), Counter[int]())


def _stored(port: int, keys: Keys) -> tuple[Counter[str], dict[str, set[str]]]:
    """Every order by its number, and the customers of each person, as the API reads them."""
    stored: Counter[str] = Counter()
    people: dict[str, set[str]] = {}
    after, more = "", True
    while more:
        page = _read(port, keys, f"{PATH}?limit=500&after={after}")
        after, more = page["next"], page["more"]
        for item in page["items"]:
            stored[item["subject"]["id"]] += 1
            people.setdefault(item["employee"], set()).add(item["customer"])
    return stored, people


def answered(port: int, keys: Keys) -> int:
    """How many answers the figures know, which come from the lake; -1 where no answer came in time."""
    status, answer = ask(port, "GET", "/api/v1/measures/csat", {"Authorization": f"Bearer {keys.read}"})
    return int(json.loads(answer)["n"]) if status == 200 else -1


def _read(port: int, keys: Keys, path: str) -> Any:
    status, answer = ask(port, "GET", path, {"Authorization": f"Bearer {keys.read}"})
    if status != 200:
        raise RuntimeError(f"{path} answered {status}: {answer[:300].decode(errors='replace')}")
    return json.loads(answer)


def _kill(serve: int, name: str) -> None:
    """SIGKILL to one of the children, and wait until the next one of its kind is there."""
    victim = until(lambda: child(serve, name), f"there is no {name} process")
    os.kill(victim, signal.SIGKILL)
    until(lambda: child(serve, name) not in (0, victim), f"the {name} process did not come back")


def child(serve: int, name: str) -> int:
    """The process of one of the children of `serve`; 0 where there is none now."""
    for child in Path(f"/proc/{serve}/task/{serve}/children").read_text(encoding="utf-8").split():
        try:
            words = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if name.encode() in words:
            return int(child)
    return 0
