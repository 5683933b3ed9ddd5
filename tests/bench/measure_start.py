"""How soon `peyvand serve` serves on a prepared machine, and how much memory it holds when nobody asks for anything."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.figures import Figure
from tests.bench.serving import bare, command, served

IDLE_SECONDS = 15


def measure() -> Iterator[Figure]:
    """Measure a bare server first, then ours."""
    with tempfile.TemporaryDirectory(prefix="peyvand-bench-") as folder:
        with bare(folder) as running:
            least, least_memory = running, _megabytes(running.process)
        command(folder, "migrate")
        with served(folder) as running:
            time.sleep(IDLE_SECONDS)
            memory = _megabytes(running.process)
    yield Figure("start to serving", running.seconds, "s", limit=5, baseline=least.seconds, baseline_name="s, bare uvicorn")
    yield Figure("idle memory of serve", memory, "MB", limit=500, baseline=least_memory, baseline_name="MB, bare uvicorn")


def _megabytes(process: int) -> float:
    """Proportional memory of a process and all its children, so that shared pages count once."""
    rollup = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="utf-8")
    own = next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    children = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="utf-8").split()
    return own / 1024 + sum(_megabytes(int(child)) for child in children)
