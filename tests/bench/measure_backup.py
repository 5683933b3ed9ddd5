"""A backup of a million interactions while the door takes in: how long, how large, what callers feel, and how long it takes back.

PEYVAND_BENCH_BACKUP_ITEMS makes another size.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.bench.figures import Figure
from tests.bench.serving import PEYVAND, Running, environment
from tests.bench.soaking import Load, Pace, Told
from tests.bench.stores import Store, new_store
from tests.bench.watching import Watch

ITEMS = int(os.environ.get("PEYVAND_BENCH_BACKUP_ITEMS", "1_000_000"))
GROUP = 500
PACE = Pace(items=1000, answers=0, pages=0)  # a busy shop's hour; far from what the door bears
QUIET_SECONDS = 30.0
SETTLE_SECONDS = 10.0
MOST_TIMES = 4.0  # callers may wait so many times as long while a backup is written


def measure() -> Iterator[Figure]:
    """On SQLite, and on PostgreSQL where there is one."""
    for kind in ("SQLite", "PostgreSQL"):
        with new_store(kind) as store:
            if store is not None:
                yield from _measured(kind, store)


def _measured(kind: str, store: Store) -> Iterator[Figure]:
    path = Path(store.folder, "backup.tar.gz")
    with store.served() as running:
        _fill(store, running)
        time.sleep(SETTLE_SECONDS)
        with Load(running.port, store.key, [], PACE) as quiet:
            time.sleep(QUIET_SECONDS)
        with Watch(store, running, 0.5) as watch, Load(running.port, store.key, [], PACE) as busy:
            said = _said(store, "backup", str(path), "--json")
    _check(quiet.told, busy.told)
    rows, size = sum(said["tables"].values()), said["bytes"] / (1 << 20)
    yield Figure(
        f"backup on {kind} of {rows:,} rows under load", said["seconds"], "s", baseline=ITEMS / 1e6, baseline_name="M interactions"
    )
    yield Figure(f"backup on {kind}, the file", size, "MB")
    before = quiet.told.p99("items")
    yield Figure(f"ingest p99 while a backup is written on {kind}", busy.told.p99("items"), "ms", limit=MOST_TIMES * max(before, 50.0),
                 baseline=before, baseline_name="ms, without one")  # fmt: skip
    if "write-ahead log" in watch.series:
        yield Figure(f"the write-ahead log meanwhile on {kind}", max(watch.series["write-ahead log"].values), "MB")
    began = time.monotonic()
    if not _said(store, "verify-backup", str(path), "--json")["restored"]:
        raise RuntimeError("the backup was read, but not restored")
    yield Figure(f"the backup on {kind} restored for proof", time.monotonic() - began, "s")


def _fill(store: Store, running: Running) -> None:
    """Let the door take in all but as fast as it can."""
    words = {"port": running.port, "key": store.key, "size": GROUP, "count": ITEMS // GROUP, "connections": 4, "seconds": 3600, "seed": 5}
    command = store.words(sys.executable, "-m", "tests.bench.loading", *(f"--{name}={value}" for name, value in words.items()))
    done = subprocess.run(command, env=environment(store.folder), check=True, stdout=subprocess.PIPE, text=True)
    told = json.loads(done.stdout)
    if told["odd"] or told["items"] < ITEMS // GROUP * GROUP:
        raise RuntimeError(f"only {told['items']} of {ITEMS} items were taken in: {told['odd']}")


def _check(*told: Told) -> None:
    if faults := [fault for one in told for fault in one.faults]:
        raise RuntimeError(f"{len(faults)} requests failed, such as {faults[0]}")


def _said(store: Store, *words: str) -> Any:
    done = subprocess.run(store.words(str(PEYVAND), *words), env=environment(store.folder), check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)
