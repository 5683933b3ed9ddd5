"""Servers to measure: started on a free port with data of their own, and ended. Called by the measurements."""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.ports import free_port

PEYVAND = Path(sys.executable).with_name("peyvand")
LONGEST_START = 120
PASSWORD = "only-for-measuring"
BARE = """
async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})
"""


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers: its port, its process, and the seconds until its first answer."""

    port: int
    process: int
    seconds: float


def environment(folder: Path | str) -> dict[str, str]:
    """What a measured process sees: no settings of ours but its data folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PEYVAND_")}
    return kept | {"PEYVAND_DATA": str(Path(folder, "data")), "PEYVAND_OWNER_PASSWORD": PASSWORD, "PEYVAND_DEMO_PASSWORD": PASSWORD}


def command(folder: Path | str, *words: str) -> str:
    """Run `peyvand …` on this folder's data and return what it said."""
    return subprocess.run([PEYVAND, *words], env=environment(folder), check=True, stdout=subprocess.PIPE, text=True).stdout


@contextmanager
def served(folder: Path | str) -> Iterator[Running]:
    """Our own server, web and worker."""
    with server([str(PEYVAND), "serve", "--port"], "/readyz", folder) as running:
        yield running


@contextmanager
def bare(folder: Path | str) -> Iterator[Running]:
    """The same server program with nothing in it."""
    Path(folder, "bare.py").write_text(BARE, encoding="utf-8")
    words = [sys.executable, "-m", "uvicorn", "--app-dir", str(folder), "--log-level", "error", "bare:app", "--port"]
    with server(words, "/", folder) as running:
        yield running


@contextmanager
def server(words: Sequence[str], path: str, folder: Path | str) -> Iterator[Running]:
    """Start a server on a free port, which is added to its command, until the block ends."""
    port = free_port()
    begin = time.monotonic()
    with (
        Path(folder, "log").open("wb") as log,
        subprocess.Popen([*words, str(port)], env=environment(folder), stdout=log, stderr=log) as process,
    ):
        try:
            while not _answers(port, path):
                if process.poll() is not None or time.monotonic() - begin > LONGEST_START:
                    raise RuntimeError(f"the server did not start: {Path(folder, 'log').read_text()}")
                time.sleep(0.02)
            yield Running(port, process.pid, time.monotonic() - begin)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def processor_seconds(process: int) -> float:
    """What a process and its children have used of the processors so far: what a busy machine changes least."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    children = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="utf-8").split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") + sum(processor_seconds(int(child)) for child in children)


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
