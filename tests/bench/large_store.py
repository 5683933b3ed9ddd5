"""The store that scale is measured on: made for one run, or kept in the folder PEYVAND_BENCH_KEEP and found there by later runs."""

import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from peyvand.core import clock
from tests.bench.serving import environment
from tests.bench.stores import Store, prepared, say

EMAIL = "owner@peyvand.example"
NOTE = "made.json"


@dataclass(frozen=True, slots=True)
class Made:
    """How many perceptions were made, on which day, in how many seconds; the number of each code and of the workspace; a key to read."""

    count: int
    day: str
    seconds: float
    numbers: dict[str, Any]
    key: str

    def days_ago(self, number: int) -> dt.date:
        """The day so many days before the lake was made: what is asked of a kept lake stays the same."""
        return dt.date.fromisoformat(self.day) - dt.timedelta(days=number)


@contextmanager
def large_store(count: int) -> Iterator[tuple[Store, Made]]:
    """A store whose lake holds so many perceptions; raises ValueError where the kept one holds another number."""
    kept = os.environ.get("PEYVAND_BENCH_KEEP", "")
    if not kept:
        with tempfile.TemporaryDirectory(prefix="peyvand-bench-") as name:
            store = prepared("SQLite", Path(name), "")
            yield store, _made(store, count)
        return
    folder, note = Path(kept), Path(kept, NOTE)
    if not note.exists():
        folder.mkdir(parents=True, exist_ok=True)
        note.write_text(json.dumps(asdict(_made(prepared("SQLite", folder, ""), count))), encoding="utf-8")
    store, made = Store("SQLite", folder, "", ""), Made(**json.loads(note.read_text(encoding="utf-8")))
    if made.count != count:
        raise ValueError(f"{folder} keeps a lake of {made.count:,} perceptions, not {count:,}: name another folder, or that number")
    say(store, "migrate")
    yield store, made


def _made(store: Store, count: int) -> Made:
    say(store, "createowner", "--workspace", "bench", "--email", EMAIL)
    key = say(store, "createkey", "--workspace", "bench", "--scope", "read").strip().splitlines()[-1]
    begin = time.monotonic()
    words = store.words(sys.executable, "-m", "tests.bench.large_lake", "bench", str(count))
    said = subprocess.run(words, env=environment(store.folder), check=True, stdout=subprocess.PIPE, text=True).stdout
    numbers: dict[str, Any] = json.loads(said.splitlines()[-1])
    return Made(count, str(clock.now().date()), time.monotonic() - begin, numbers, key)
