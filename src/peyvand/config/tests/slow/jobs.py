"""A job that hangs the first time and is done the second, and leaves a line in a file each time."""

import time
from pathlib import Path
from typing import Any


def hang_once(payload: dict[str, Any]) -> None:
    trace = Path(payload["trace"])
    first = not trace.exists()
    with trace.open("a") as file:
        file.write("begun\n")
    if first:
        time.sleep(60)
    with trace.open("a") as file:
        file.write("done\n")


JOBS = {"slow.hang_once": hang_once}
