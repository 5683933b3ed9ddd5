"""An hour at half of what the machine bears: ingest, survey answers, pages and worker at once. What grows is a leak.

PEYVAND_BENCH_SOAK_MINUTES makes it shorter or longer. Where both databases are soaked at once, PEYVAND_BENCH_SOAK_ON names one and
PEYVAND_BENCH_SOAK_SHARE its share of what the machine bears. That is found first: what goes in at full speed, over the time until worker
and lake have caught up with it.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator

from tests.bench.figures import Figure
from tests.bench.serving import PASSWORD, Running, environment
from tests.bench.soaking import BATCH, EMAIL, Load, Pace
from tests.bench.stores import Store, new_store, say
from tests.bench.watching import Series, Watch, lags

MINUTES = float(os.environ.get("PEYVAND_BENCH_SOAK_MINUTES", "60"))
KINDS = os.environ.get("PEYVAND_BENCH_SOAK_ON", "SQLite PostgreSQL").split()
SHARE = float(os.environ.get("PEYVAND_BENCH_SOAK_SHARE", "0.5"))
FULL_SECONDS = 10.0  # at full speed, to find what is borne
MOST_WAIT = 600.0
LOOKS = 240  # in all, but no more often than every two seconds
CAUGHT_UP = 3.0  # seconds of lag
ANSWERS_A_SECOND = 1.0
PAGES_A_SECOND = 1.0
# How much may be more at the end of the second half than at its beginning, and its unit. A leak in an hour is far above it.
LIMITS: dict[str, tuple[float, str]] = {
    "memory of web": (16, "MB"),
    "memory of worker": (32, "MB"),
    "threads of web": (4, ""),  # pools of libraries fill as their work first comes
    "threads of worker": (8, ""),
    "descriptors of web": (4, ""),
    "descriptors of worker": (8, ""),
    "write-ahead log": (16, "MB"),
    "kept log": (1024, "MB"),  # PostgreSQL's: between two checkpoints it comes and goes by gigabytes
    "dead rows": (10, "% of the living"),
    "files of the lake": (150, ""),
    "job lag": (3, "s"),
    "subscription lag": (5, "s"),
    "lake lag": (10, "s"),
    "dead letters": (0, ""),
}


def measure() -> Iterator[Figure]:
    """On SQLite, and on PostgreSQL where there is one."""
    for kind in KINDS:
        with new_store(kind) as store:
            if store is not None:
                yield from _soaked(kind, store)


def _soaked(kind: str, store: Store) -> Iterator[Figure]:
    say(store, "createowner", "--workspace", "bench", "--email", EMAIL)
    tokens = _tokens(store, int((MINUTES + 1) * 60 * ANSWERS_A_SECOND) + 100)
    with store.served() as running:
        borne = _borne(store, running)
        pace = Pace(items=borne * SHARE, answers=ANSWERS_A_SECOND, pages=PAGES_A_SECOND)
        every = max(2.0, MINUTES * 60 / LOOKS)
        with Load(running.port, store.key, tokens, pace) as load, Watch(store, running, every) as watch:
            time.sleep(MINUTES * 60)
        told = load.told
    yield Figure(f"soak on {kind}: what is borne with worker and lake", borne, "items/s")
    yield Figure(f"soak on {kind}: taken in over {MINUTES:g} minutes", told.items / (MINUTES * 60), "items/s", baseline=borne * SHARE,
                 baseline_name=f"items/s, {SHARE:g} of it")  # fmt: skip
    yield Figure(f"soak on {kind}: requests that failed", len(told.faults), "", limit=0)
    yield Figure(f"soak on {kind}: ingest p99", told.p99("items"), "ms")
    yield Figure(f"soak on {kind}: page p99", told.p99("pages"), "ms")
    yield Figure(f"soak on {kind}: answer p99", told.p99("answers"), "ms")
    for name, (limit, unit) in LIMITS.items():
        if name in watch.series:
            yield from _drift(kind, name, watch.series[name].second_half(), limit, unit)
    yield Figure(f"soak on {kind}: all files of the lake at the end", watch.series["all files of the lake"].values[-1], "")
    yield Figure(f"soak on {kind}: the database, an item", _bytes_an_item(watch.series["database"], told.items), "B")
    yield Figure(f"soak on {kind}: looks that failed", watch.missed, "", limit=0)
    for fault in told.faults[:5]:
        print(f"{kind}: {fault}", file=sys.stderr)


def _drift(kind: str, name: str, half: Series, limit: float, unit: str) -> Iterator[Figure]:
    usual = half.usual() or None
    yield Figure(f"soak on {kind}: {name}, drift", half.drift(), unit, limit=limit, baseline=usual, baseline_name=f"{unit} usually".strip())


def _bytes_an_item(database: Series, items: int) -> float:
    return (database.values[-1] - database.values[0]) / max(items, 1)


def _borne(store: Store, running: Running) -> float:
    """Items a second, worker and lake included: at full speed for a while, then until nothing waits any more."""
    time.sleep(5)
    with Load(running.port, store.key, [], Pace(items=1e9, answers=0, pages=PAGES_A_SECOND)) as load:
        began = time.monotonic()
        time.sleep(FULL_SECONDS)
    while max(lags(running.port).get(name, 0.0) for name in ("job lag", "subscription lag", "lake lag")) > CAUGHT_UP:
        if time.monotonic() - began > MOST_WAIT:
            raise RuntimeError(f"the worker did not catch up within {MOST_WAIT:.0f} s: {lags(running.port)}")
        time.sleep(0.5)
    if load.told.faults:
        raise RuntimeError(f"at full speed {len(load.told.faults)} requests failed, such as {load.told.faults[0]}")
    return max(load.told.items / (time.monotonic() - began), 2.0 * BATCH)


def _tokens(store: Store, count: int) -> list[str]:
    words = store.words(sys.executable, "-m", "tests.bench.inviting", "bench", str(count))
    given = environment(store.folder) | {"PEYVAND_OWNER_PASSWORD": PASSWORD}
    said = subprocess.run(words, env=given, check=True, stdout=subprocess.PIPE, text=True).stdout
    return list(json.loads(said.splitlines()[-1]))
