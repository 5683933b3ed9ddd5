"""How long the invoices of UCI's Online Retail take to import, and how long pages take meanwhile.

The set lies in ../shared/data, or where PEYVAND_BENCH_DATA says; where it is absent, this measures nothing and says so.
"""

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from tests.bench.figures import Figure
from tests.bench.serving import PASSWORD, PEYVAND, command, environment, served
from tests.bench.visiting import HIDDEN, Visitor

OWNER = "owner@peyvand.example"
HOUSE = Path(__file__).parents[2]
CALM_SECONDS = 10
A_MOMENT = 0.02
ROWS_A_COMMIT = 500


def measure() -> Iterator[Figure]:
    """Pages alone, then pages beside the import; the same rows in one flat table of SQLite are the baseline."""
    file = Path(os.environ.get("PEYVAND_BENCH_DATA", HOUSE.parent / "shared" / "data"), "online_retail_uci.parquet")
    if not file.exists():
        print(f"not measured: there is no {file}", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory(prefix="peyvand-bench-") as folder:
        rows, flat = _flat(file, Path(folder, "flat.sqlite3"))
        command(folder, "migrate")
        command(folder, "createworkspace", "Bench", "--slug", "bench")
        command(folder, "createowner", "--workspace", "bench", "--email", OWNER)
        with served(folder) as running:
            visitor = Visitor(running.port)
            visitor.sign_in(OWNER, PASSWORD)
            end = time.monotonic() + CALM_SECONDS
            calm = _pages(visitor, lambda: time.monotonic() < end)
            words = [str(PEYVAND), "import", str(file), "--workspace", "bench", "--map", "online_retail_uci", "--json"]
            with subprocess.Popen(words, env=environment(folder), stdout=subprocess.PIPE, text=True) as importing:
                begin = time.monotonic()
                beside = _pages(visitor, lambda: importing.poll() is None)
                seconds = time.monotonic() - begin
                said = json.loads(importing.communicate()[0])
    if said["state"] != "done" or not said["recorded"]:
        raise RuntimeError(f"the import ended otherwise: {said}")
    yield Figure("online_retail_uci imported", seconds, "s", limit=60, baseline=flat, baseline_name="s, rows into one flat table")
    yield Figure(
        "online_retail_uci imported, pages read and written beside it", rows / seconds, "rows/s", limit=20_000, more_is_better=True,
        baseline=rows / flat, baseline_name="rows/s into one flat table",
    )  # fmt: skip
    for name in ("reading", "writing"):
        label = f"a {name} page beside the import, p99"
        yield Figure(label, _p99(beside[name]), "ms", limit=500, baseline=_p99(calm[name]), baseline_name="ms, without it")


def _flat(file: Path, place: Path) -> tuple[int, float]:
    """How many rows there are, and the least this machine needs: read the file, put them down unread, 500 a commit that is on disk."""
    from pyarrow import parquet  # noqa: PLC0415 - weight

    begin = time.monotonic()
    with closing(sqlite3.connect(place)) as store:
        store.execute("PRAGMA journal_mode = WAL")
        store.execute("PRAGMA synchronous = FULL")
        store.execute("CREATE TABLE flat (a, b, c, d, e, f, g, h)")
        for batch in parquet.ParquetFile(file).iter_batches(ROWS_A_COMMIT):
            rows = zip(*(column.cast("string").to_pylist() for column in batch.columns), strict=True)
            store.executemany("INSERT INTO flat VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
            store.commit()
    return parquet.ParquetFile(file).metadata.num_rows, time.monotonic() - begin


def _pages(visitor: Visitor, going_on: Callable[[], bool]) -> dict[str, list[float]]:
    """Open the list of customers and send a form of the settings in turn, as long as it goes on; milliseconds of each."""
    form = "/w/bench/settings/brand/"
    token = HIDDEN.search(visitor.get(form).text)
    if token is None:
        raise RuntimeError(f"{form} shows no form")
    taken: dict[str, list[float]] = {"reading": [], "writing": []}
    while going_on():
        n = len(taken["writing"])
        read = visitor.get("/w/bench/customers/")
        written = visitor.send(form, token[1], name_fa="سنجش", name_en=f"Bench {n}", colour="")
        if (read.status, written.status) != (200, 302):
            raise RuntimeError(f"a page answered {read.status}, a form {written.status}")
        taken["reading"].append(read.seconds * 1000)
        taken["writing"].append(written.seconds * 1000)
        time.sleep(A_MOMENT)
    return taken


def _p99(taken: list[float]) -> float:
    return sorted(taken)[int(len(taken) * 0.99)]
