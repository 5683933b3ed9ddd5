"""Works on a lake and is killed at it: `python -m tests.e2e.lake_process` reads what to do, a line each, as `fill 3` or `flush 120`.

A child of its own does each: filling and comparing to their end, work on the lake again and again until it is killed after so many
milliseconds. Called by test_lake_killed.
"""

import datetime as dt
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable

import django

django.setup()

from peyvand.core import clock  # noqa: E402
from peyvand.identities.models import Identity  # noqa: E402
from peyvand.timeline.lake import flushing, redacting, rows, tending, undoing  # noqa: E402, F401 - loaded once, for all children
from peyvand.timeline.models import Batch, Interaction, LakeFlush, Perception, Redaction  # noqa: E402
from peyvand.timeline.services import open_batch, record_many, undo_batch  # noqa: E402
from peyvand.timeline.services.redacting import part_all  # noqa: E402
from peyvand.timeline.types import CustomerIn, IdentityIn, Item, PerceptionIn  # noqa: E402
from peyvand.timeline.warehouse import read  # noqa: E402
from peyvand.workspaces.models import Workspace  # noqa: E402

UNDONE = (Batch.State.UNDOING, Batch.State.UNDONE)


def answer(n: int, i: int, who: str) -> Item:
    """One of many answers, on one of seventy days."""
    return Item(
        kind="review.written",
        occurred_at=clock.now() - dt.timedelta(days=i % 70),
        customer=CustomerIn(identities=[IdentityIn("own_id", who)]),
        channel="sms",
        perceptions=[PerceptionIn("nps", float(i % 11), text="x")],
        source="test",
        external_id=f"{n}-{i}",
    )


def fill(n: int) -> None:
    """Sixty answers; then every other time an import, which each fourth time is undone, else somebody is parted from what they said."""
    brand = Workspace.objects.get()
    record_many(brand.pk, [answer(n, i, f"p-{i % 17}") for i in range(60)])
    if n % 2 == 0:
        known = Identity.objects.filter(value=f"p-{n % 17}").values_list("pk", flat=True)
        for _ids in part_all(cause=f"test:{n}", key=b"k" * 32, identities=set(known)):
            pass
        return
    batch = open_batch(workspace=brand, label="file")
    record_many(brand.pk, [answer(n, 1000 + i, f"q-{i % 7}") for i in range(40)], batch=batch.pk)
    if n % 4 == 3:
        undo_batch(batch=Batch.objects.filter(state=Batch.State.OPEN).earliest("pk"))


def compare(_n: int) -> None:
    """Copy what is left, then tell how the lake differs from the records, and how much of each there was."""
    while flushing.flush_once():
        pass
    tend()
    here = Interaction.objects.exclude(batch__in=list(Batch.objects.filter(state__in=UNDONE).values_list("pk", flat=True)))
    kept = set(here.values_list("pk", flat=True))
    scores = Counter(value for pk, value in Perception.objects.values_list("pk", "value") if pk >> 6 in kept)
    lake = Counter(read("SELECT id, identity FROM interactions", {}))
    known = Counter(dict(read("SELECT value, count(*) FROM perceptions GROUP BY value", {})))
    cube = Counter(dict(read("SELECT value, sum(n)::BIGINT FROM rollups WHERE dimension = 'cube' GROUP BY value", {})))
    faults = {
        "interactions": lake != Counter(here.values_list("pk", "identity_id")),
        "scores": known != scores,
        "sums": cube != scores,
        "steps": LakeFlush.objects.exclude(state=LakeFlush.State.DONE).exists(),
        "redactions": Redaction.objects.filter(in_lake=False).exists(),
    }
    wrong = [name for name, differs in faults.items() if differs]
    print("differs:", wrong, "held:", here.count(), Batch.objects.filter(state__in=UNDONE).count(), Redaction.objects.count(), flush=True)


def tend() -> None:
    """Tend as if few files were many."""
    tending.SMALL_FILES = 1  # type: ignore[misc]
    tending.tend()


WHOLE: dict[str, Callable[[int], object]] = {"fill": fill, "compare": compare}
AGAIN: dict[str, Callable[[], object]] = {
    "flush": lambda: flushing.flush_once(40),
    "tend": tend,
    "sweep": lambda: redacting.sweep(clock.now()),
}


def begun(action: str, number: int) -> int:
    """A child that does something; it ends by itself only where that has an end."""
    child = os.fork()
    if child == 0:
        if action in WHOLE:
            WHOLE[action](number)
            os._exit(0)
        while True:
            AGAIN[action]()
    return child


def main() -> None:
    """Do what is asked, a child for each line."""
    for line in sys.stdin:
        action, number = line.split()
        child = begun(action, int(number))
        if action in AGAIN:
            time.sleep(int(number) / 1000)
            os.kill(child, signal.SIGKILL)
        _pid, status = os.waitpid(child, 0)
        print("killed" if os.WIFSIGNALED(status) else f"ended with {os.waitstatus_to_exitcode(status)}", flush=True)


if __name__ == "__main__":
    main()
