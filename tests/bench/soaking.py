"""The mixed load of a working day, at a pace: batches of items, answers to surveys, pages of the console. Called by measure_soak."""

import http.client
import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.bench.loading import PATH, orders
from tests.bench.serving import PASSWORD
from tests.bench.visiting import Visitor

EMAIL = "owner@peyvand.example"
BATCH = 50
SENDERS = 2
PAGES = ("/w/bench/", "/w/bench/customers/", "/w/bench/answers/", "/w/bench/follow-up/", "/w/bench/insights/")
OVER = 1_000_000


@dataclass(frozen=True, slots=True)
class Pace:
    """How many of each a second, in all; 0: none."""

    items: float
    answers: float
    pages: float


@dataclass
class Told:
    """Seconds that each request took, by what it was, the items acknowledged, and what went wrong."""

    taken: dict[str, list[float]] = field(default_factory=lambda: {"items": [], "answers": [], "pages": []})
    faults: list[str] = field(default_factory=list)
    items: int = 0

    def p99(self, what: str) -> float:
        """In milliseconds."""
        taken = sorted(self.taken[what]) or [0.0]
        return taken[int(len(taken) * 0.99)] * 1000


class Load:
    """Sends until the block ends."""

    def __init__(self, port: int, key: str, tokens: list[str], pace: Pace) -> None:
        self._port, self._key, self._tokens = port, key, iter(tokens)
        self._stop = threading.Event()
        self.told = Told()
        work: list[tuple[str, float, Callable[[], Iterator[None]]]] = [
            ("items", pace.items / BATCH / SENDERS, lambda n=n: self._items(n))
            for n in range(SENDERS)  # type: ignore[misc]
        ]
        work += [("answers", pace.answers, self._answers), ("pages", pace.pages, self._pages)]
        self._threads = [threading.Thread(target=self._run, args=one) for one in work if one[1]]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_unused: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self, what: str, a_second: float, steps: Callable[[], Iterator[None]]) -> None:
        """One step after the other, none before its time; who is late does not hurry to catch up."""
        due = time.perf_counter()
        try:
            turns = steps()
            while not self._stop.wait(max(0.0, due - time.perf_counter())):
                began = time.perf_counter()
                next(turns)
                self.told.taken[what].append(time.perf_counter() - began)
                due = max(due + 1 / a_second, began)
        except StopIteration:
            return
        except (OSError, http.client.HTTPException, RuntimeError) as error:
            self.told.faults.append(f"{what}: {type(error).__name__} {error}")

    def _items(self, number: int) -> Iterator[None]:
        seeds = itertools.count(OVER + number * OVER + time.monotonic_ns() % OVER)
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        for seed in seeds:
            made = list(orders(seed, BATCH * 200))
            for first in range(0, len(made), BATCH):
                connection.request("POST", PATH, json.dumps(made[first : first + BATCH]).encode(), headers)
                answer = connection.getresponse()
                self._check(answer.status, answer.read())
                self.told.items += BATCH
                yield

    def _check(self, status: int, body: bytes) -> None:
        if status != 200 or b"rejected" in body:
            raise RuntimeError(f"the door answered {status}: {body[:200].decode(errors='replace')}")

    def _answers(self) -> Iterator[None]:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        for n, token in enumerate(self._tokens):
            for path, said in ((f"/s/{token}/", f"score={n % 11}"), (f"/s/{token}/why/", "words=soak")):
                for method in ("GET", "POST"):
                    connection.request(method, path, said if method == "POST" else None, headers)
                    answer = connection.getresponse()
                    answer.read()
                    if answer.status not in (200, 303):
                        raise RuntimeError(f"{method} of a survey page answered {answer.status}")
            yield

    def _pages(self) -> Iterator[None]:
        visitor = Visitor(self._port)
        visitor.sign_in(EMAIL, PASSWORD)
        for path in itertools.cycle(PAGES):
            answer = visitor.get(path)
            if answer.status != 200:
                raise RuntimeError(f"{path} answered {answer.status}")
            yield
