"""Looks at a running server from outside again and again (processes, stores, queues) and tells what grew. Called by measure_soak."""

import statistics
import threading
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from tests.bench.serving import Running
from tests.bench.stores import Store

MB = 1 << 20
PARTS = ("web", "worker")
KEPT_LOG = "SELECT coalesce(sum(size), 0)::float FROM pg_ls_waldir()"  # of the whole server
DEAD = "SELECT coalesce(sum(n_dead_tup), 0)::float / greatest(sum(n_live_tup), 1) FROM pg_stat_user_tables"


@dataclass
class Series:
    """Values by the second of each look."""

    seconds: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)

    def second_half(self) -> "Series":
        """The later half, in which what a process only loads once is loaded."""
        middle = len(self.seconds) // 2
        return Series(self.seconds[middle:], self.values[middle:])

    def drift(self) -> float:
        """By how much it grew from its beginning to its end, along the line of Theil and Sen, which no single peak can tilt."""
        return slope(self.seconds, self.values) * (self.seconds[-1] - self.seconds[0]) if len(self.seconds) > 1 else 0.0

    def usual(self) -> float:
        """The median."""
        return statistics.median(self.values)


def slope(seconds: Sequence[float], values: Sequence[float]) -> float:
    """The median of the slopes between all pairs (Theil 1950, Sen 1968)."""
    count = len(seconds)
    pairs = ((first, second) for first in range(count) for second in range(first + 1, count) if seconds[second] > seconds[first])
    return statistics.median((values[second] - values[first]) / (seconds[second] - seconds[first]) for first, second in pairs)


class Watch:
    """Looks every few seconds until it is stopped; `series` holds what it saw by name."""

    def __init__(self, store: Store, running: Running, every: float) -> None:
        self._store, self._running, self._every = store, running, every
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.series: dict[str, Series] = {}
        self.missed = 0

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_unused: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        began = time.monotonic()
        while not self._stop.wait(self._every):
            try:
                seen = {**processes(self._running.process), **self._stores(), **lags(self._running.port)}
            except (OSError, psycopg.Error, DeltaError):
                self.missed += 1
                continue
            for name, value in seen.items():
                series = self.series.setdefault(name, Series())
                series.seconds.append(time.monotonic() - began)
                series.values.append(value)

    def _stores(self) -> dict[str, float]:
        data = Path(self._store.folder, "data")
        lake = {"files of the lake": _read_now(data / "lake"), "all files of the lake": _lying(data / "lake")}
        if self._store.url:
            with psycopg.connect(self._store.url) as database:
                dead, kept = (database.execute(one).fetchone() or (0.0,) for one in (DEAD, KEPT_LOG))
            return {**lake, "dead rows": dead[0] * 100, "kept log": kept[0] / MB}
        wal = data / "peyvand.sqlite3-wal"
        return {**lake, "write-ahead log": wal.stat().st_size / MB if wal.exists() else 0.0}


def _read_now(lake: Path) -> int:
    """How many files a reader reads. What was compacted lies an hour longer, so that all files grow for an hour whatever happens."""
    return sum(len(DeltaTable(str(table.parent)).file_uris()) for table in lake.glob("*/_delta_log"))


def _lying(folder: Path) -> int:
    return sum(1 for path in folder.rglob("*") if path.is_file())


def processes(supervisor: int) -> dict[str, float]:
    """Memory of its own (not of mapped files), descriptors and threads of each process under the supervisor."""
    told: dict[str, float] = {}
    for child in Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text(encoding="utf-8").split():
        words = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
        name = next((part for part in PARTS if part.encode() in words), "")
        if name:
            status = Path(f"/proc/{child}/status").read_text(encoding="utf-8")
            lines = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
            told[f"memory of {name}"] = int(lines["RssAnon"].split()[0]) / 1024
            told[f"threads of {name}"] = int(lines["Threads"])
            told[f"descriptors of {name}"] = sum(1 for _path in Path(f"/proc/{child}/fd").iterdir())
    return told


LAGS: dict[str, tuple[str, Callable[[list[float]], float]]] = {
    "job lag": ("peyvand_job_lag_seconds", max),
    "subscription lag": ("peyvand_subscription_age_seconds", max),
    "lake lag": ("peyvand_lake_age_seconds", max),
    "dead letters": ("peyvand_dead_letters", sum),
    "database": ("peyvand_database_bytes", sum),
}


def lags(port: int) -> dict[str, float]:
    """What waits, as the server itself tells."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        lines = [line for line in answer.read().decode().splitlines() if not line.startswith("#")]
    values = [(line.partition("{")[0].split(" ")[0], float(line.rpartition(" ")[2])) for line in lines]
    found = {name: ([value for metric, value in values if metric == wanted], how) for name, (wanted, how) in LAGS.items()}
    return {name: how(told) for name, (told, how) in found.items() if told}
