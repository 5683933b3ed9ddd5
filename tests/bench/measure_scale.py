"""How soon figures answer on a lake of twenty million perceptions: single questions and Pulse, several readers at once.

Every question is about days nobody asked about before, so nothing is remembered. PEYVAND_BENCH_PERCEPTIONS makes another size,
which has limits of its own; PEYVAND_BENCH_KEEP names a folder where the lake is kept, so that a later run need not make it.
"""

import datetime as dt
import json
import os
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlencode

import duckdb

from tests.bench.figures import Figure
from tests.bench.large_store import EMAIL, Made, large_store
from tests.bench.serving import PASSWORD, PEYVAND, Running, server
from tests.bench.stores import Store
from tests.bench.visiting import Visitor

PERCEPTIONS = int(os.environ.get("PEYVAND_BENCH_PERCEPTIONS", "20_000_000"))
READERS = 4
TIMES = 12  # each question, by all readers together
ALONE = 9  # each question that one reader asks
# Milliseconds up to a size: of any tile asked by several readers at once, and of an unfiltered trend from rollups asked by one.
LIMITS = {20_000_000: (300, 300), 100_000_000: (1500, 100)}
Tile = tuple[str, int, dict[str, object]]  # measure, days, more
TREND = "CSAT by month, two years"
TILES: dict[str, Tile] = {
    "NPS of 90 days beside the 90 before": ("nps", 90, {"compare": "previous"}),
    TREND: ("csat", 730, {"by": "month"}),
    "CSAT by touchpoint, 90 days": ("csat", 90, {"by": "touchpoint"}),
    "CSAT by product, 90 days": ("csat", 90, {"by": "product"}),
    "CES of a channel in a branch by month, a year": ("ces", 365, {"by": "month", "where": ["channel=channel-1", "branch=branch-3"]}),
    "NPS of a product by employee, 90 days": ("nps", 90, {"by": "employee", "where": "product=product-7"}),
    "NPS of 90 days as it was known on their last day": ("nps", 90, {"as_of": "until"}),
}
BARE = "/api/v1/workspace"
# Several figures at once, each of an earlier day that nobody asked about before: `{day}`, and `{since}` 90 days before it.
BOARDS = {
    "all figures of a quarter, now and then": "/api/v1/figures?time=quarter&against=previous&as_of={day}",
    "what moved in a quarter, and where it comes from": "/api/v1/figures/moved?time=quarter&against=previous&as_of={day}",
    "the chain of a quarter": "/api/v1/chain?time=quarter&against=previous&as_of={day}",
    "a branch beside another, 90 days": "/api/v1/comparisons?one_since={since}&one_until={day}&one_where=branch%3Dbranch-1"
    "&other_since={since}&other_until={day}&other_where=branch%3Dbranch-2",
}
# By hand, of those that read rows; its months are those of the files, not of the workspace's calendar, which is less to do.
COUNTED = (
    "SELECT {keys}, value, low, high, count(*) FROM read_parquet({files}) "
    "WHERE workspace = {workspace} AND occurred_at >= ? AND occurred_at < ?"
)
PLAIN = {
    "CES of a channel in a branch by month, a year": (
        f"{COUNTED} AND measure = {{ces}} AND channel = {{channel-1}} AND branch = {{branch-3}} GROUP BY ALL",
        "month",
    ),
    "NPS of a product by employee, 90 days": (f"{COUNTED} AND measure = {{nps}} AND product = {{product-7}} GROUP BY ALL", "employee"),
}


def measure() -> Iterator[Figure]:
    """Make the lake, then ask each question from several readers at once, and alone where it stands beside one by hand."""
    of_tile, of_trend = limits(PERCEPTIONS)
    size = f"{PERCEPTIONS / 1e6:g} M perceptions"
    with large_store(PERCEPTIONS) as (store, made):
        yield Figure(f"{size}: the lake made", made.seconds, "s")
        with server(store.words(str(PEYVAND), "web", "--port"), "/readyz", store.folder) as running:
            _together(running, lambda visitor, n: _ask(visitor, made, TILES["CSAT by touchpoint, 90 days"], n + 100), READERS)
            bare = statistics.median(_together(running, lambda visitor, _n: _told(visitor, made, BARE)))
            least = f"ms, a call that counts nothing, {READERS} readers"
            for name, tile in TILES.items():
                taken = _together(running, lambda visitor, n, tile=tile: _ask(visitor, made, tile, n))  # type: ignore[misc]
                yield Figure(
                    f"{size}: {name}, {READERS} readers", statistics.median(taken), "ms", limit=of_tile, baseline=bare, baseline_name=least
                )
            for name, address in BOARDS.items():
                taken = _together(running, lambda visitor, n, address=address: _told(visitor, made, _dated(made, address, n)))  # type: ignore[misc]
                yield Figure(f"{size}: {name}, {READERS} readers", statistics.median(taken), "ms", baseline=bare, baseline_name=least)
            bare = statistics.median(_told(Visitor(running.port), made, BARE) for _ in range(ALONE))
            alone = statistics.median(_ask(Visitor(running.port), made, TILES[TREND], 40 + n) for n in range(ALONE))
            least = "ms, a call that counts nothing"
            yield Figure(f"{size}: {TREND}, alone", alone, "ms", limit=of_trend, baseline=bare, baseline_name=least)
            for name in PLAIN:
                ours, hand = _beside(running, store, made, name)
                yield Figure(f"{size}: {name}, alone", ours, "ms", limit=2 * hand, baseline=hand, baseline_name="ms, by hand in DuckDB")
            whole = statistics.median(_pages(running))
            yield Figure(f"{size}: Pulse of a channel, the whole page, the first time", whole, "ms", baseline=bare, baseline_name=least)


def limits(count: int) -> tuple[int, int]:
    """The limits of a lake of so many perceptions: those of the next size that has some, beyond the largest its own."""
    return LIMITS[next((size for size in sorted(LIMITS) if count <= size), max(LIMITS))]


def _together(running: Running, act: Callable[[Visitor, int], float], times: int = TIMES) -> list[float]:
    """Milliseconds of each time, by readers who ask at the same moment."""
    taken: list[float] = []
    left = iter(range(times))

    def read() -> None:
        visitor = Visitor(running.port)
        for n in left:
            taken.append(act(visitor, n))

    threads = [threading.Thread(target=read) for _ in range(READERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(taken) != times:
        raise RuntimeError(f"{times - len(taken)} of {times} questions were not answered")
    return taken


def _ask(visitor: Visitor, made: Made, tile: Tile, n: int) -> float:
    """Ask about the days up to `n` days ago; a question has no answer remembered from another `n`."""
    code, days, more = tile
    until = made.days_ago(35 + n)
    span = {"since": str(until - dt.timedelta(days=days)), "until": str(until)}
    said = {name: str(until) if value == "until" else value for name, value in more.items()}
    return _told(visitor, made, f"/api/v1/measures/{code}?{urlencode(span | said, doseq=True)}", counts=True)


def _dated(made: Made, address: str, n: int) -> str:
    day = made.days_ago(35 + n)
    return address.format(day=day, since=day - dt.timedelta(days=90))


def _told(visitor: Visitor, made: Made, address: str, *, counts: bool = False) -> float:
    visitor.headers["Authorization"] = f"Bearer {made.key}"
    answer = visitor.get(address)
    if answer.status != 200 or (counts and not json.loads(answer.text)["n"]):
        raise RuntimeError(f"{address} answered {answer.status}: {answer.text[:200]}")
    return answer.seconds * 1000


def _beside(running: Running, store: Store, made: Made, name: str) -> tuple[float, float]:
    """The medians of a question asked alone and of the same by hand, by turns: of the same days and files, with as many threads."""
    files = sorted(str(path) for path in (store.folder / "data/lake/perceptions").glob("month=*/*.parquet"))
    (sql, keys), days, ours, hand = PLAIN[name], dt.timedelta(days=TILES[name][1]), [], []
    with duckdb.connect(config={"threads": 2}) as engine:
        for n in range(ALONE):
            ours.append(_ask(Visitor(running.port), made, TILES[name], 40 + n))
            until = dt.datetime.combine(made.days_ago(75 + n), dt.time(), dt.UTC)
            begin = time.perf_counter()
            engine.execute(sql.format(keys=keys, files=files, **made.numbers), [until - days, until]).fetchall()
            hand.append((time.perf_counter() - begin) * 1000)
    return statistics.median(ours), statistics.median(hand)


def _pages(running: Running) -> list[float]:
    """Pulse of one channel after the other, so that each is counted for the first time."""
    visitor = Visitor(running.port)
    visitor.sign_in(EMAIL, PASSWORD)
    answers = [visitor.get(f"/w/bench/?time=quarter&channel=channel-{n}") for n in range(5)]
    if any(answer.status != 200 for answer in answers):
        raise RuntimeError(f"Pulse answered {[answer.status for answer in answers]}")
    return [answer.seconds * 1000 for answer in answers]
