"""The load of the ingest door, in a process of its own: `python -m tests.bench.loading` sends made-up orders and tells what came back.

Called by the measurements. Everything is made before the first request, so that the sender costs the machine little.
"""

import argparse
import asyncio
import json
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import uvloop

from peyvand.core import clock
from tests.bench.tile import identities

NEW_SHARE = 0.3
KNOWN = 2_000
PEOPLE = 2_500  # of the tile that large_records copies
PATH = "/api/v1/interactions"


def orders(seed: int, count: int) -> Iterator[dict[str, object]]:
    """Orders of a shop: three in ten of somebody new, half by phone and half by own id, every other one with a score."""
    chance = clock.random(seed)
    first = seed % 900 * 10_000_000
    people = KNOWN
    for n in range(count):
        if chance.random() < NEW_SHARE:
            who, people = people, people + 1
        else:
            who = chance.randrange(people)
        identity = (
            {"type": "phone", "value": f"09{(first + who * 7919) % 10**9:09d}"}
            if who % 2
            else {"type": "own_id", "value": f"c-{seed}-{who}"}
        )
        order: dict[str, object] = {
            "kind": "order.placed",
            "occurred_at": f"2026-05-{1 + n % 28:02d}T{n % 24:02d}:{n % 60:02d}:{n % 59:02d}+03:30",
            "customer": {"identities": [identity]},
            "channel": "web",
            "touchpoint": "checkout",
            "product": f"sku-{who % 300}",
            "subject": {"type": "order", "id": f"o-{seed}-{n}"},
            "amount": 1_250_000 + who,
            "currency": "IRR",
            "properties": {"number": f"o-{seed}-{n}", "status": "paid"},
            "source": "bench",
            "external_id": f"e-{seed}-{n}",
        }
        if n % 2:
            order["perceptions"] = [{"measure": "csat", "value": chance.randint(1, 5)}]
        yield order


def regulars(seed: int, count: int, copies: int, *, rising: bool) -> Iterator[dict[str, object]]:
    """Orders at a store of large_records: half of somebody it knows, half of somebody new, from the source whose ids fill most of the
    store's index. Ids look like chance or rise, as order numbers and UUIDs of version 7 do; `seed` is a moment then, in seconds.
    """
    chance = clock.random(seed)
    for n, order in enumerate(orders(seed, count)):
        person = chance.randrange(2, PEOPLE)
        known = identities(person, f"{chance.randrange(copies):03d}x")[0]
        new = f"n{_key(chance, seed, n, rising=rising)}"
        who = {"type": known.type, "value": known.value} if n % 2 else {"type": "own_id", "value": new}
        number = f"o{chance.randrange(copies):03d}x{seed}-{n}"
        yield order | {
            "customer": {"identities": [who]},
            "subject": {"type": "order", "id": number},
            "properties": {"number": number, "status": "paid"},
            "source": "site",
            "external_id": _key(chance, seed, n, rising=rising),
        }


def _key(chance: random.Random, seed: int, number: int, *, rising: bool) -> str:
    """An id of 32 hexadecimal digits; one that rises begins with the moment in milliseconds (RFC 9562, 5.7)."""
    return f"{seed * 1000 + number // 30:012x}{chance.getrandbits(80):020x}" if rising else f"{chance.getrandbits(128):032x}"


def bodies(seed: int, count: int, size: int, copies: int = 0, *, rising: bool = False) -> list[bytes]:
    """Bodies of `size` items each; one item stands alone, without brackets. With `copies`, for a store of large_records."""
    made = regulars(seed, count * size, copies, rising=rising) if copies else orders(seed, count * size)
    batches = ([next(made) for _ in range(size)] for _ in range(count))
    return [json.dumps(batch if size > 1 else batch[0], separators=(",", ":")).encode() for batch in batches]


def request(body: bytes, secret: str, path: str = PATH, more: str = "") -> bytes:
    """A whole request, ready to be written to a connection; without a secret, one that no key signs."""
    key = f"Authorization: Bearer {secret}\r\n" if secret else ""
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{key}Content-Type: application/json\r\n{more}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


@dataclass
class Told:
    """What came back: seconds of each answer, how many of each status, and the first that was not as it should be."""

    taken: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    odd: str = ""


class Sender(asyncio.Protocol):
    """One connection: sends the next request as soon as the last was answered, until time is over."""

    def __init__(self, requests: Iterator[bytes], told: Told, end: float, ended: "asyncio.Future[None]") -> None:
        self._requests, self._told, self._end, self._ended = requests, told, end, ended
        self._taken = bytearray()
        self._sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._next()

    def data_received(self, data: bytes) -> None:
        self._taken += data
        head = self._taken.find(b"\r\n\r\n")
        if head < 0:
            return
        name = self._taken.find(b"content-length: ")
        length = int(self._taken[name + 16 : self._taken.find(b"\r", name)])
        if len(self._taken) < head + 4 + length:
            return
        self._tell(int(self._taken[9:12]), bytes(self._taken[head + 4 :]))
        self._taken.clear()
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._ended.done():
            self._ended.set_result(None)

    def _tell(self, status: int, body: bytes) -> None:
        self._told.taken.append(time.perf_counter() - self._sent)
        self._told.statuses[status] = self._told.statuses.get(status, 0) + 1
        if not self._told.odd and (status != 200 or b"rejected" in body or b"duplicate" in body):
            self._told.odd = f"{status} {body[:300].decode(errors='replace')}"

    def _next(self) -> None:
        following = next(self._requests, None) if time.perf_counter() < self._end else None
        if following is None:
            self._transport.close()
            return
        self._sent = time.perf_counter()
        self._transport.write(following)


async def send_all(port: int, requests: list[bytes], *, connections: int, seconds: float) -> tuple[float, Told]:
    """Send until all are sent or the time is over; returns the seconds it took and what was told."""
    loop = asyncio.get_running_loop()
    told, left, begin = Told(), iter(requests), time.perf_counter()
    ends = [loop.create_future() for _ in range(connections)]
    for end in ends:
        await loop.create_connection(lambda end=end: Sender(left, told, begin + seconds, end), "127.0.0.1", port)  # type: ignore[misc]
    await asyncio.gather(*ends)
    return time.perf_counter() - begin, told


def load(port: int, requests: list[bytes], *, connections: int, seconds: float, size: int = 1) -> dict[str, object]:
    """Send requests of `size` items each and tell what came back."""
    took, told = uvloop.run(send_all(port, requests, connections=connections, seconds=seconds))
    taken = sorted(told.taken) or [0.0]
    return {
        "seconds": took,
        "items": told.statuses.get(200, 0) * size,
        "a_second": told.statuses.get(200, 0) * size / took,
        "p50_ms": taken[len(taken) // 2] * 1000,
        "p99_ms": taken[int(len(taken) * 0.99)] * 1000,
        "statuses": told.statuses,
        "odd": told.odd,
        "sender_cpu": time.process_time(),
    }


def main() -> int:
    """Do what the command line asks and print one JSON object."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--size", type=int, default=500)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--copies", type=int, default=0)
    parser.add_argument("--rising", type=int, default=0)
    asked = parser.parse_args()
    made = [request(body, asked.key) for body in bodies(asked.seed, asked.count, asked.size, asked.copies, rising=bool(asked.rising))]
    print(json.dumps(load(asked.port, made, connections=asked.connections, seconds=asked.seconds, size=asked.size)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
