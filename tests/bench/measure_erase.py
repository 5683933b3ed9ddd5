"""How long it takes to forget somebody, and to let go of a day's worth, at a million customers and twenty million interactions.

On a copy of the store that measure_records fills (with PEYVAND_BENCH_KEEP: of the kept one, which stays as it is), while somebody reads.
"""

import itertools
import json
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg

from tests.bench.figures import Figure
from tests.bench.measure_records import INTERACTIONS, LIST, OWNER, PAGE_LIMIT, VISITS, p95, page_of, records_store
from tests.bench.serving import PASSWORD, PEYVAND, Running, environment, server
from tests.bench.stores import Store, copied_store
from tests.bench.tile import identities
from tests.bench.visiting import Visitor

FLAT = "CREATE TABLE gone (id INTEGER PRIMARY KEY, who INTEGER, kind INTEGER, at BIGINT, words TEXT)"
FLAT_ROWS = 1_000_000
BETWEEN = 0.05  # seconds between two pages of a reader
STEADY, WHALE = "a customer of 30 interactions", "a customer of 20,000 interactions"


def measure() -> Iterator[Figure]:
    """On both databases; the steady customer first, since who is left is asked for by pages."""
    for kind in ("SQLite", "PostgreSQL"):
        with records_store(kind) as kept:
            if kept is None:
                continue
            with copied_store(kept) as store:
                where = f"{INTERACTIONS / 1e6:g} M interactions on {kind}"
                print(f"lake of {store.name}: {_does(store, 'lake')['seconds']:.0f} s", file=sys.stderr, flush=True)
                with server(store.words(str(PEYVAND), "web", "--port"), "/readyz", store.folder) as running:
                    yield from _measured(where, store, _Reader(running))


def _measured(where: str, store: Store, reader: "_Reader") -> Iterator[Figure]:
    for name, value in ((STEADY, identities(1, "000x")[0].value), (WHALE, identities(0)[0].value)):
        copied = _does(store, "bare", value)["seconds"]
        told, pages = reader.meanwhile(lambda value=value: _does(store, "erase", value))  # type: ignore[misc]
        yield _figure(f"{where}: {name} forgotten in the records", told["forget"], _deleted(store, int(told["rows"])))
        yield Figure(f"{where}: {name}, what was deleted wiped from the database", told["wipe"], "s")
        yield Figure(
            f"{where}: {name} forgotten in the lake, old files gone", told["lake"], "s", baseline=copied,
            baseline_name="s, its files written once by DuckDB without them",
        )  # fmt: skip
        yield _read(f"{where}: a page while {name} is forgotten, p95", pages, reader.alone)
    told, pages = reader.meanwhile(lambda: _does(store, "day"))
    for name, called in (("first", "a rule's first round"), ("later", "a rule's round of every day")):
        rows = int(told[f"{name} rows"])
        yield _figure(f"{where}: {called}, {rows:,} interactions parted", told[name], _deleted(store, rows))
    yield Figure(f"{where}: both rounds followed by the lake", told["lake"], "s")
    yield _read(f"{where}: a page while a rule takes a day's worth, p95", pages, reader.alone)


def _figure(name: str, value: float, bare: float) -> Figure:
    return Figure(name, value, "s", baseline=bare, baseline_name="s, as many rows deleted from one flat table")


def _read(name: str, taken: list[float], alone: float) -> Figure:
    return Figure(name, p95(taken), "ms", limit=PAGE_LIMIT, baseline=alone, baseline_name="ms, the same pages while nothing is forgotten")


def _does(store: Store, *words: str) -> dict[str, float]:
    """Have a step done by a process of its own."""
    command = store.words(sys.executable, "-m", "tests.bench.erasing", *words)
    said = subprocess.run(command, env=environment(store.folder), check=True, stdout=subprocess.PIPE, text=True).stdout
    told: dict[str, float] = json.loads(said.strip().splitlines()[-1])
    return told


def _deleted(store: Store, rows: int) -> float:
    """The least this machine needs: as many rows, spread over one flat table with an index, deleted by one statement that is on disk."""
    apart = max(1, FLAT_ROWS // max(1, rows))
    with _flat(store) as ask:
        ask("DROP TABLE IF EXISTS gone")
        ask(FLAT)
        numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {FLAT_ROWS}) "
        ask(f"INSERT INTO gone {numbers}SELECT i, CASE WHEN i % {apart} = 0 THEN 0 ELSE i END, i % 20, i, 'words of somebody' FROM n")
        ask("CREATE INDEX gone_who ON gone (who)")
        begin = time.perf_counter()
        ask("DELETE FROM gone WHERE who = 0")
        took = time.perf_counter() - begin
        ask("DROP TABLE gone")
        return took


@contextmanager
def _flat(store: Store) -> Iterator[Callable[[str], Any]]:
    if store.url:
        with psycopg.connect(store.url, autocommit=True) as server_:
            yield lambda statement: server_.execute(statement.encode())
        return
    with closing(sqlite3.connect(store.folder / "flat.sqlite3", isolation_level=None)) as file:
        file.execute("PRAGMA journal_mode = WAL")
        file.execute("PRAGMA synchronous = FULL")
        yield file.execute


class _Reader:
    """Somebody who opens one page after the other: the list, and customers."""

    def __init__(self, running: Running) -> None:
        self._visitor = Visitor(running.port)
        self._visitor.sign_in(OWNER, PASSWORD)
        customers = [page_of(self._visitor, identities(who, "000x")[0].value) for who in range(2, 12)]
        self._paths = [*customers, *(f"{LIST}?n={n}" for n in range(len(customers)))]
        self._open(VISITS, [])
        before: list[float] = []
        self._open(VISITS, before)
        self.alone = p95(before)

    def meanwhile(self, do: Callable[[], dict[str, float]]) -> tuple[dict[str, float], list[float]]:
        """What came of something, and how long each page took in milliseconds while it was done."""
        taken: list[float] = []
        ended = threading.Event()

        def read() -> None:
            while not ended.wait(BETWEEN):
                self._open(1, taken)

        reading = threading.Thread(target=read)
        reading.start()
        try:
            told = do()
        finally:
            ended.set()
            reading.join()
        return told, taken

    def _open(self, times: int, taken: list[float]) -> None:
        for path in itertools.islice(itertools.cycle(self._paths), len(taken), len(taken) + times):
            answer = self._visitor.get(path)
            if answer.status != 200:
                raise RuntimeError(f"{path} answered {answer.status}")
            taken.append(answer.seconds * 1000)
