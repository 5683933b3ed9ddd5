"""How many interactions a second the ingest door takes in on a new database: worker running, load on the same machine.

On SQLite, and on PostgreSQL where there is one. Every batch is resolved to customers: three in ten new, half by phone.
"""

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

import psycopg

from tests.bench.figures import Figure
from tests.bench.loading import bodies
from tests.bench.serving import Running, environment, processor_seconds
from tests.bench.stores import Store, new_store

SECONDS = float(os.environ.get("PEYVAND_BENCH_SECONDS", "6"))
RUNS = 3  # of which the middle one counts: a shared machine is now fast, now slow
LIMITS = {"SQLite": 25_000, "PostgreSQL": 20_000}
SINGLE_LIMIT = 4_000  # on SQLite; on PostgreSQL half of what the same server does that stores nothing
SINGLE_P99 = 150  # milliseconds
WEBHOOK_P99 = 500  # milliseconds
SETTLE_SECONDS = 6  # a server loads what pages need after its first answer, what the lake needs after its first items, once each
TURNS = 7
REST_SECONDS = 2
BATCH = 500
BATCH_CONNECTIONS = 8
SINGLE_CONNECTIONS = 64
FLAT = "CREATE TABLE flat (kind text, at text, who text, channel text, touchpoint text, product text, amount bigint, external_id text)"


def measure() -> Iterator[Figure]:
    """Single events, webhooks, then batches, each beside its baseline; the other way round single events met a database of 600,000 items,
    of which the worker had most still before it.
    """
    for kind, limit in LIMITS.items():
        with new_store(kind) as store:
            if store is None:
                continue
            flat = flat_sqlite(store) if kind == "SQLite" else flat_postgres(store)
            with store.served() as running:
                singles, ceiling = _in_turns(store, running)
                shop = _webhooks(store, running)
                batches = middle(_runs(store, running, size=BATCH, connections=BATCH_CONNECTIONS, seed=10))
        yield Figure(
            f"ingest on {kind}, batches of {BATCH}", batches["a_second"], "items/s", limit=limit, more_is_better=True, baseline=flat,
            baseline_name="rows/s, one flat table",
        )  # fmt: skip
        yield Figure(f"ingest on {kind}, batches, the fastest of {RUNS} runs", batches["fastest"], "items/s")
        yield Figure(f"ingest on {kind}, batches, p99", batches["p99_ms"], "ms")
        yield Figure(f"ingest on {kind}, batches, processor time of web and worker", batches["processor_us"], "µs/item")
        yield Figure(
            f"ingest on {kind}, single events", singles["a_second"], "items/s",
            limit=SINGLE_LIMIT if kind == "SQLite" else ceiling["a_second"] / 2, more_is_better=True,
            baseline=ceiling["a_second"], baseline_name="items/s, the same server storing nothing",
        )  # fmt: skip
        yield Figure(
            f"ingest on {kind}, single events, p99",
            singles["p99_ms"],
            "ms",
            limit=SINGLE_P99,
            baseline=ceiling["p99_ms"],
            baseline_name="ms, storing nothing",
        )
        yield Figure(
            f"ingest on {kind}, signed webhooks of a shop", shop["orders"]["a_second"], "items/s",
            baseline=shop["pings"]["a_second"], baseline_name="items/s, its pings, which store nothing",
        )  # fmt: skip
        yield Figure(
            f"ingest on {kind}, signed webhooks of a shop, p99", shop["orders"]["p99_ms"], "ms", limit=WEBHOOK_P99,
            baseline=shop["pings"]["p99_ms"], baseline_name="ms, its pings",
        )  # fmt: skip


def _in_turns(store: Store, running: Running) -> tuple[dict[str, Any], dict[str, Any]]:
    """Single events, stored and not stored in turns, since a shared machine is half as fast from one minute to the next."""
    with store.unstored() as bare:
        time.sleep(SETTLE_SECONDS)
        load(store, running, size=BATCH, connections=4, seconds=1, seed=1)
        load(store, bare, size=1, connections=SINGLE_CONNECTIONS, seconds=1, seed=2)
        time.sleep(SETTLE_SECONDS)
        stored: list[dict[str, Any]] = []
        unstored: list[dict[str, Any]] = []
        for n in range(TURNS):
            for told, server in ((unstored, bare), (stored, running)):
                told.append(load(store, server, size=1, connections=SINGLE_CONNECTIONS, seconds=SECONDS / 2, seed=20 + n))
            time.sleep(REST_SECONDS)  # the worker's turn: it would slow the next one, which stores nothing
    return middle(stored), middle(unstored)


def middle(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """The middle one of some runs, by what was taken in a second; it tells the fastest too."""
    runs.sort(key=lambda told: float(told["a_second"]))
    return runs[len(runs) // 2] | {"fastest": runs[-1]["a_second"]}


def _runs(store: Store, running: Running, *, size: int, connections: int, seed: int) -> list[dict[str, Any]]:
    runs = []
    for n in range(RUNS):
        used = processor_seconds(running.process)
        told = load(store, running, size=size, connections=connections, seconds=SECONDS, seed=seed + n)
        runs.append(told | {"processor_us": (processor_seconds(running.process) - used) / told["items"] * 1e6})
    return runs


def load(
    store: Store, running: Running, *, size: int, connections: int, seconds: float, seed: int, copies: int = 0, rising: bool = False
) -> dict[str, Any]:
    """Send load for so many seconds; raises RuntimeError when anything was not simply recorded. `copies`: of a store of large_records."""
    count = int(seconds * (60 if size > 1 else 12_000))  # more than any machine takes in
    words = {
        "port": running.port,
        "key": store.key,
        "size": size,
        "count": count,
        "connections": connections,
        "seconds": seconds,
        "seed": seed,
        "copies": copies,
        "rising": int(rising),
    }
    told = _told(store, "tests.bench.loading", *(f"--{name}={value}" for name, value in words.items()))
    _check(told)
    return told


def _told(store: Store, sender: str, *words: str) -> dict[str, Any]:
    """What a process tells that sends load."""
    command = store.words(sys.executable, "-m", sender, *words)
    told: dict[str, Any] = json.loads(
        subprocess.run(command, env=environment(store.folder), check=True, stdout=subprocess.PIPE, text=True).stdout
    )
    return told


def _check(told: dict[str, Any]) -> None:
    if told["odd"]:
        raise RuntimeError(f"the door answered otherwise: {told['odd']}")


def _webhooks(store: Store, running: Running) -> dict[str, dict[str, Any]]:
    """Orders of a shop, and pings; raises RuntimeError when any was not simply taken."""
    told = _told(store, "tests.bench.shop", str(running.port), str(SECONDS))
    for each in told.values():
        _check(each)
    return told


def _rows(count: int) -> list[tuple[Any, ...]]:
    items = [item for body in bodies(9, count // BATCH, BATCH) for item in json.loads(body)]
    return [
        (item["kind"], item["occurred_at"], item["customer"]["identities"][0]["value"], item["channel"], item["touchpoint"],
         item["product"],
         item["amount"], item["external_id"])
        for item in items
    ]  # fmt: skip


def _pieces(rows: Sequence[tuple[Any, ...]]) -> Iterator[Sequence[tuple[Any, ...]]]:
    return (rows[start : start + BATCH] for start in range(0, len(rows), BATCH))


def flat_sqlite(store: Store) -> float:
    """The least this machine needs: the same values in one table without an index, 500 a commit that is on disk."""
    rows = _rows(50_000)
    with closing(sqlite3.connect(store.folder / "flat.sqlite3")) as flat:
        flat.execute("PRAGMA journal_mode = WAL")
        flat.execute("PRAGMA synchronous = FULL")
        flat.execute("DROP TABLE IF EXISTS flat")  # of a run before, where the store was kept
        flat.execute(FLAT)
        begin = time.perf_counter()
        for piece in _pieces(rows):
            flat.executemany("INSERT INTO flat VALUES (?, ?, ?, ?, ?, ?, ?, ?)", piece)
            flat.commit()
        return len(rows) / (time.perf_counter() - begin)


def flat_postgres(store: Store) -> float:
    """The same by COPY."""
    rows = _rows(50_000)
    with psycopg.connect(store.url, autocommit=True) as flat:
        flat.execute("DROP TABLE IF EXISTS flat")  # of a run before, where the store was kept
        flat.execute(FLAT)
        begin = time.perf_counter()
        for piece in _pieces(rows):
            with flat.transaction(), flat.cursor().copy("COPY flat FROM STDIN") as copy:
                for row in piece:
                    copy.write_row(row)
        return len(rows) / (time.perf_counter() - begin)
