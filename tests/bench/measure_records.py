"""How soon lists, searches and customers' pages answer at a million customers and twenty million interactions, and how much goes in then.

PEYVAND_BENCH_INTERACTIONS makes another size; PEYVAND_BENCH_KEEP names a folder whose stores are used again, PostgreSQL's being the
database `records_<name of that folder>`. A kept store grows by what each run sends to it.
"""

import datetime as dt
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from peyvand.core import clock
from peyvand.core.fields import to_micros
from tests.bench.figures import Figure
from tests.bench.measure_ingest import BATCH, RUNS, SECONDS, SETTLE_SECONDS, flat_postgres, flat_sqlite, load, middle
from tests.bench.serving import PASSWORD, PEYVAND, Running, environment, processor_seconds, server
from tests.bench.stores import Store, keep_key, kept_store, new_store, say
from tests.bench.tile import FIRST, LAST, identities
from tests.bench.visiting import Visitor

INTERACTIONS = int(os.environ.get("PEYVAND_BENCH_INTERACTIONS", "20_000_000"))
VISITS = 40  # of each page, each about something else
PAGE_LIMIT = 200  # milliseconds, p95
ITEMS_LIMIT = 8_000  # a second
BATCH_LIMIT = 500  # milliseconds, p99
CONNECTIONS = 4  # each waits for its answer: at 8,000 items a second twice as many would wait half a second on the average
WARM_SECONDS = 24.0  # of the same load: where it goes on for days, the leaves that are written to have been read from the disk long ago
MOST_WAIT = 180.0  # seconds
IDLE_SECONDS = 5
IDLE_SHARE = 0.15  # of a core
TOLD = "told.json"  # what large_records said of the store
OWNER = "owner@peyvand.example"
LIST = "/w/bench/customers/"
ROW = re.compile(r"/w/bench/customers/([0-9a-z]{13})/")
FILTERS = ("stage=loyal", "stage=lost", "felt=bad", "felt=mixed&seen=365", "channel=phone", "reach=email", "reach=none", "seen=30",
           "stage=at_risk&felt=bad", "stage=ambassador&channel=store", "bond=kept", "moved=lost.365", "felt=bad&seen=7&sort=name",
           "stage=first_time&reach=phone&sort=purchases")  # fmt: skip
SORTS = ("name", "purchases", "first_seen", "last_seen")


def measure() -> Iterator[Figure]:
    """Pages of a server without a worker, then batches with one."""
    for kind in ("SQLite", "PostgreSQL"):
        with records_store(kind) as store:
            if store is None:
                continue
            told: dict[str, Any] = json.loads((store.folder / TOLD).read_text(encoding="utf-8"))
            with server(store.words(str(PEYVAND), "web", "--port"), "/readyz", store.folder) as running:
                yield from _pages(f"{INTERACTIONS / 1e6:g} M interactions on {kind}", running, told["copies"])
            yield from _ingest(f"{INTERACTIONS / 1e6:g} M interactions on {kind}", store, told["copies"])


@contextmanager
def records_store(kind: str) -> Iterator[Store | None]:
    """The store that is measured on, filled: the kept one where there is one, else one that is gone afterwards."""
    keep = os.environ.get("PEYVAND_BENCH_KEEP", "")
    if keep:
        yield _filled(kept_store(kind, Path(keep)))
        return
    with new_store(kind) as store:
        yield _filled(store)


def _filled(store: Store | None) -> Store | None:
    if store is None or (store.folder / TOLD).exists():
        return store
    say(store, "createowner", "--workspace", "bench", "--email", OWNER)
    words = store.words(sys.executable, "-m", "tests.bench.large_records", "bench", str(INTERACTIONS))
    begin = time.monotonic()
    said = subprocess.run(words, env=environment(store.folder), check=True, stdout=subprocess.PIPE, text=True).stdout
    print(f"made {INTERACTIONS:,} interactions on {store.name} in {time.monotonic() - begin:.0f} s", file=sys.stderr, flush=True)
    (store.folder / TOLD).write_text(said, encoding="utf-8")
    keep_key(store)
    return store


def _pages(where: str, running: Running, copies: int) -> Iterator[Figure]:
    visitor = Visitor(running.port)
    visitor.sign_in(OWNER, PASSWORD)
    bare = p95(_taken(visitor, ["/w/bench/settings/brand/"] * VISITS))
    shown = ROW.findall(visitor.get(LIST).text)[-1]
    for name, paths in _addresses(visitor, shown, copies).items():
        _taken(visitor, paths[: VISITS // 10])
        yield Figure(
            f"{where}: {name}, p95", p95(_taken(visitor, paths)), "ms", limit=PAGE_LIMIT, baseline=bare,
            baseline_name="ms, a page without customers",
        )  # fmt: skip


def _addresses(visitor: Visitor, shown: str, copies: int) -> dict[str, Sequence[str]]:
    """What is opened, by what it is called."""
    now = clock.now()
    moments = [to_micros(now - dt.timedelta(days=17 * n + 1)) for n in range(VISITS)]
    people = [identities(2 + n * 37 % 2_400, f"{n * 7 % copies:03d}x") for n in range(3 * VISITS)]
    names = [f"{FIRST[n % 20]} {LAST[n * 7 % 20]}" for n in range(VISITS)]
    phones = [ways[-1].value for ways in people if ways[-1].type == "phone"][:VISITS]
    mails = [ways[-1].value for ways in people if ways[-1].type == "email"][:VISITS]
    steady = [page_of(visitor, identities(1, f"{n % copies:03d}x")[0].value) for n in range(min(VISITS, copies))]
    whale = page_of(visitor, identities(0)[0].value)
    return {
        "the list": [f"{LIST}?n={n}" for n in range(VISITS)],
        "a page deep in the list": [f"{LIST}?page=f.{at}.{shown}" for at in moments],
        **{f"the list narrowed to {one}": _each(lambda n, one=one: f"{LIST}?{one}&n={n}") for one in FILTERS},  # type: ignore[misc]
        **{f"the list by {one}": _each(lambda n, one=one: f"{LIST}?sort={one}&n={n}") for one in SORTS},  # type: ignore[misc]
        "search for a name": [_search(name) for name in names],
        "search for a first name": [_search(name) for name in FIRST * 2],
        "search for part of a name": [_search(name[1:5]) for name in LAST * 2],
        "search for a name nobody has": _each(lambda n: _search(f"ژاله{n} بیدمشکی")),
        "search for a phone": [_search("0" + phone[3:]) for phone in phones],
        "search for part of a phone": [_search(phone[7:]) for phone in phones],
        "search for an e-mail address": [_search(mail) for mail in mails],
        "search for part of an e-mail address": [_search(mail[:7]) for mail in mails],
        "a customer of 30 interactions": [steady[n % len(steady)] for n in range(VISITS)],
        "a customer of 20,000 interactions": [f"{whale}?n={n}" for n in range(VISITS)],
        "opinions of a customer of 20,000 interactions": [f"{whale}?tab=opinions&n={n}" for n in range(VISITS)],
        "purchases of a customer of 20,000 interactions": [f"{whale}?tab=purchases&n={n}" for n in range(VISITS)],
    }


def _each(address: Callable[[int], str]) -> list[str]:
    return [address(n) for n in range(VISITS)]


def _search(text: str) -> str:
    return f"{LIST}?{urlencode({'q': text})}"


def page_of(visitor: Visitor, contact: str) -> str:
    """The page of the customer whom a whole contact belongs to."""
    found = ROW.findall(visitor.get(_search(contact)).text)
    if not found:
        raise RuntimeError(f"nobody is found by {contact}")
    return f"{LIST}{found[0]}/"


def _taken(visitor: Visitor, paths: Any) -> list[float]:
    answers = [(path, visitor.get(path)) for path in paths]
    if odd := [f"{path} answered {answer.status}" for path, answer in answers if answer.status != 200]:
        raise RuntimeError(odd[0])
    return [answer.seconds * 1000 for _path, answer in answers]


def p95(taken: Sequence[float]) -> float:
    """What nineteen of twenty took at most."""
    return sorted(taken)[int(len(taken) * 0.95)]


def _wait_until_idle(running: Running) -> None:
    """Until the worker has done what comes once after a start and a new edition, and what the warming-up and a run before left it."""
    end, quiet, used = time.monotonic() + MOST_WAIT, 0, processor_seconds(running.process)
    while quiet < 2 and time.monotonic() < end:
        time.sleep(IDLE_SECONDS)
        before, used = used, processor_seconds(running.process)
        quiet = quiet + 1 if used - before < IDLE_SECONDS * IDLE_SHARE else 0


def _ingest(where: str, store: Store, copies: int) -> Iterator[Figure]:
    """Batches with the worker running; a store that is kept was sent other ids by the runs before."""
    flat = flat_sqlite(store) if store.name == "SQLite" else flat_postgres(store)
    seed = int(clock.now().timestamp()) % 10**9
    with store.served() as running:
        time.sleep(SETTLE_SECONDS)
        load(store, running, size=BATCH, connections=CONNECTIONS, seconds=WARM_SECONDS, seed=seed, copies=copies)
        for ids, rising in (("", False), (", ids that rise", True)):
            _wait_until_idle(running)
            seed += 100
            told = middle([_run(store, running, seed=seed + n * 10, copies=copies, rising=rising) for n in range(RUNS)])
            yield Figure(
                f"{where}: ingest, batches of {BATCH}{ids}", told["a_second"], "items/s", limit=ITEMS_LIMIT, more_is_better=True,
                baseline=flat, baseline_name="rows/s, one flat table",
            )  # fmt: skip
            yield Figure(f"{where}: ingest, batches, p99{ids}", told["p99_ms"], "ms", limit=BATCH_LIMIT)
            yield Figure(f"{where}: ingest, processor time of web and worker{ids}", told["processor_us"], "µs/item")


def _run(store: Store, running: Running, *, seed: int, copies: int, rising: bool) -> dict[str, Any]:
    used = processor_seconds(running.process)
    told = load(store, running, size=BATCH, connections=CONNECTIONS, seconds=SECONDS, seed=seed, copies=copies, rising=rising)
    return told | {"processor_us": (processor_seconds(running.process) - used) / told["items"] * 1e6}
