"""Our web process, whole, but for one thing: it stores nothing. What it answers a second is the ceiling of the ingest door.

Called by measure_ingest as `python -m tests.bench.unstored PORT`.
"""

import sys
from collections.abc import Sequence

import django

django.setup()

from peyvand.config import processes, web  # noqa: E402 - Django first
from peyvand.edge import intake  # noqa: E402
from peyvand.edge.writing import Ready  # noqa: E402
from peyvand.timeline.types import Outcome, Status  # noqa: E402


def answer_alone(group: Sequence[Ready]) -> None:
    """Answer as if everything was recorded."""
    for one in group:
        one.outcomes = [Outcome(Status.RECORDED, n + 1) for n in range(len(one.found.items))]


if __name__ == "__main__":
    intake.write = answer_alone
    web.serve(processes.listen("127.0.0.1", int(sys.argv[1])))
