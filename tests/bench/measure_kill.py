"""Whether anything acknowledged is lost or doubled when the processes of `serve` are killed under load, on both databases.

`PEYVAND_BENCH_KILLS=200 script/bench kill` kills as often as that.
"""

import json
import os
from collections.abc import Iterator

import psycopg

from tests.bench.figures import Figure
from tests.bench.killing import Keys, kill_under_load
from tests.bench.stores import Store, new_store, say

ROUNDS = int(os.environ.get("PEYVAND_BENCH_KILLS", "20"))
LONGEST_AWAY = 5.0


def measure() -> Iterator[Figure]:
    """Rounds of SIGKILL, web and worker in turns; afterwards every row and index is looked at."""
    for kind in ("SQLite", "PostgreSQL"):
        with new_store(kind) as store:
            if store is None:
                continue
            read = say(store, "createkey", "--workspace", "bench", "--scope", "read").strip().splitlines()[-1]
            with store.served() as running:
                truth = kill_under_load(running.port, running.process, Keys(store.key, read), rounds=ROUNDS)
            sound = is_sound(store)
            with store.served() as running:
                clean = running.seconds
        what = f"{ROUNDS} kills on {kind}"
        yield Figure(
            f"{what}: acknowledged and lost", truth.lost, "items", limit=0, baseline=truth.acknowledged, baseline_name="acknowledged"
        )
        again = sum(times for status, times in truth.statuses.items() if status != 200)
        yield Figure(f"{what}: doubled", truth.doubled, "items", limit=0, baseline=again, baseline_name="requests sent again")
        yield Figure(f"{what}: stored but never acknowledged", truth.unasked, "items", limit=0)
        yield Figure(f"{what}: people doubled", truth.doubled_people, "people", limit=0)
        yield Figure(f"{what}: stores an integrity check finds damaged", not sound, "stores", limit=0)
        yield Figure(
            f"{what}: longest until it served again", truth.away_seconds, "s", limit=LONGEST_AWAY,
            baseline=clean, baseline_name="s, a clean start of the same store",
        )  # fmt: skip
        yield Figure(f"{what}: figures caught up after", truth.caught_up_seconds, "s")


def is_sound(store: Store) -> bool:
    """Whether doctor finds every row and index sound; raises RuntimeError where it did not look."""
    if store.url:
        with psycopg.connect(store.url) as database:
            database.execute("CREATE EXTENSION IF NOT EXISTS amcheck")
    found = [one for one in json.loads(say(store, "doctor", "--deep", "--json", fails=True))["findings"] if one["check"] == "integrity"]
    if not found or any(one["state"] == "note" for one in found):
        raise RuntimeError(f"the integrity of {store.name} was not looked at: {found}")
    return all(one["state"] == "ok" for one in found)
