"""How soon the demo brand is made, and how soon Pulse, a customer's page and the long lists answer on it.

PEYVAND_BENCH_DEMO may name the data folder of a finished demo brand nobody is at work on: it is copied, and making one is not measured.
"""

import os
import re
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.figures import Figure
from tests.bench.serving import PASSWORD, command, served
from tests.bench.visiting import Visitor

EMAIL = "demo@peyvand.example"
WARM, TIMES = 3, 21
LISTS = {
    "customers, the first page": ["customers/"],
    "customers, searched": ["customers/?q=%D9%86%DA%AF%D8%A7%D8%B1", "customers/?q=%D8%B3%D9%81%D8%A7%D9%84%DB%8C", "customers/?q=0912"],
    "customers, sorted": ["customers/?sort=name", "customers/?sort=value", "customers/?sort=since"],
    "answers": ["answers/"],
    "answers, searched": ["answers/?q=%D9%84%D8%A8%E2%80%8C%D9%BE%D8%B1", "answers/?q=%D8%AF%DB%8C%D8%B1+%D8%B1%D8%B3%DB%8C%D8%AF"],
    "cases": ["follow-up/?view=all", "follow-up/?view=closed"],
    "surveys": ["surveys/"],
}
PERSON = re.compile(r'href="(/w/[a-z0-9-]+/customers/[0-9a-z]{13}/)"')


def measure() -> Iterator[Figure]:
    """Make or copy the brand, then open pages one after the other; a page that reads nothing is the baseline."""
    with tempfile.TemporaryDirectory(prefix="peyvand-bench-") as folder:
        given = os.environ.get("PEYVAND_BENCH_DEMO")
        if given:
            shutil.copytree(given, Path(folder, "data"))
        else:
            yield Figure("demo brand made", _made(folder), "s", limit=90)
        password = os.environ.get("PEYVAND_BENCH_DEMO_PASSWORD", PASSWORD)
        with served(folder) as running:
            stranger, visitor = Visitor(running.port), Visitor(running.port)
            visitor.sign_in(EMAIL, password)
            least = _milliseconds(stranger, ["/accounts/login/"])
            home = visitor.get("/")
            people = list(dict.fromkeys(PERSON.findall(visitor.get(f"{_console(home.text)}customers/").text)))
            pulse = _milliseconds(visitor, [_console(home.text)])
            person = _milliseconds(visitor, people[:TIMES])
            lists = {name: _milliseconds(visitor, [_console(home.text) + path for path in paths]) for name, paths in LISTS.items()}
    yield Figure("Pulse on the demo brand", pulse, "ms", limit=300, baseline=least, baseline_name="ms, the sign-in page")
    yield Figure("customer 360 on the demo brand", person, "ms", limit=150, baseline=least, baseline_name="ms, the sign-in page")
    for name, taken in lists.items():
        yield Figure(name, taken, "ms", limit=300, baseline=least, baseline_name="ms, the sign-in page")


def _made(folder: str) -> float:
    command(folder, "migrate")
    begin = time.monotonic()
    command(folder, "demo")
    return time.monotonic() - begin


def _console(text: str) -> str:
    found = re.search(r'href="(/w/[a-z0-9-]+/)', text)
    if found is None:
        raise RuntimeError("signing in led to no console")
    return found[1]


def _milliseconds(visitor: Visitor, paths: list[str]) -> float:
    """The median of opening these pages in turn, each the whole answer over one connection."""
    taken: list[float] = []
    for n in range(WARM + TIMES):
        answer = visitor.get(paths[n % len(paths)])
        if answer.status != 200:
            raise RuntimeError(f"{paths[n % len(paths)]} answered {answer.status}")
        taken.append(answer.seconds * 1000)
    return statistics.median(taken[WARM:])
