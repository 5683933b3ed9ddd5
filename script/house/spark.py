"""A Spark standalone cluster on this machine: a master and a worker, each a process of its own, from the package pyspark.

Used by `house.cluster` and by the tests of the engines.
"""

import json
import os
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from house.services import free_port

START_SECONDS = 180
CORES = 2  # of an application, as timeline.engines.on_spark asks for


class SparkError(Exception):
    """The cluster does not run; the message says where its logs are."""


@dataclass(frozen=True, slots=True)
class Spark:
    """Where its master takes applications, and where it tells of itself."""

    url: str
    told: str

    def state(self) -> dict[str, Any]:
        """What the master tells: workers, applications running and ended."""
        with urllib.request.urlopen(self.told, timeout=10) as answer:
            return dict(json.load(answer))


@contextmanager
def spark(folder: Path, applications: int = 1) -> Iterator[Spark]:
    """A running cluster of one worker, on loopback alone, with its logs in the folder; it ends with the block. Raises SparkError.

    It has room for so many applications at once: one for which there is none waits for ever.
    """
    import pyspark  # noqa: PLC0415 - an extra

    port, page = free_port(), free_port()
    url = f"spark://127.0.0.1:{port}"
    room = ["--cores", str(CORES * applications), "--memory", f"{applications + 3}g"]
    words = {
        "master": ["master.Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", str(page)],
        "worker": ["worker.Worker", "--host", "127.0.0.1", "--webui-port", "0", *room, url],
    }
    home = Path(pyspark.__file__).parent
    environment = {**os.environ, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_WORKER_DIR": str(folder / "work")}
    processes = []
    try:
        for name, (what, *more) in words.items():
            with (folder / f"{name}.log").open("wb") as log:
                command = [home / "bin" / "spark-class", f"org.apache.spark.deploy.{what}", *more]
                # A group of its own: Ctrl-C in a terminal ends first those who ask it, then it.
                processes.append(
                    subprocess.Popen(command, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL, process_group=0)
                )
        made = Spark(url, f"http://127.0.0.1:{page}/json/")
        _wait(made, processes, folder)
        yield made
    finally:
        for process in reversed(processes):
            process.terminate()
        for process in processes:
            process.wait(30)


def _wait(made: Spark, processes: list[subprocess.Popen[bytes]], folder: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and all(process.poll() is None for process in processes):
        try:
            if made.state()["aliveworkers"] == 1:
                return
        except (OSError, ValueError):  # nobody there yet, or half an answer
            pass
        time.sleep(0.3)
    raise SparkError(f"Spark did not start within {START_SECONDS} s; master.log and worker.log in {folder} say why.")
