"""Work to be done later, at least once: put down by any service, done by the worker (core.work), seen in dead letters.

`<app>/jobs.py` lists JOBS (name → what to do with the payload, which must bear being done twice), and may list LONG_JOBS (they run for
minutes), OUTSIDE_JOBS (they wait for machines of others, such as mail servers) and EVERY (name → how often).
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, Final

from django.db import IntegrityError, connection, models, transaction

from peyvand.core import clock
from peyvand.core.db import in_a_line
from peyvand.core.discovery import modules
from peyvand.core.models import Job, JobState, Schedule
from peyvand.core.privacy import Person, hide

Act = Callable[[dict[str, Any]], None]
LEASE: Final = timedelta(seconds=30)
TRIES: Final = 10
FIRST_WAIT: Final = timedelta(seconds=5)
LONGEST_WAIT: Final = timedelta(hours=1)
ERROR_LENGTH: Final = 2000
PIECE: Final = 200  # jobs forgotten at once
LOOK: Final = f"SELECT 1 FROM core_job WHERE state < {int(JobState.DEAD)} AND due_at <= %s LIMIT 1"  # as the index job_due says it


class Lane(StrEnum):
    """Jobs that do not wait for each other: those of a moment, those of minutes, and those that others may keep waiting."""

    SHORT = "short"
    LONG = "long"
    OUTSIDE = "outside"


class Later(Exception):
    """Raised by a job that cannot be done yet, such as outside the hours in which people may be written to."""

    def __init__(self, run_at: datetime) -> None:
        super().__init__(run_at)
        self.run_at = run_at


class UnknownJobError(Exception):
    """No installed app declares a job of this name; trying again would not help."""


@dataclass(frozen=True)
class Registry:
    """Every job that is known, by name."""

    acts: dict[str, Act] = field(default_factory=dict)
    long: set[str] = field(default_factory=set)
    outside: set[str] = field(default_factory=set)
    every: dict[str, timedelta] = field(default_factory=dict)


@cache
def registry() -> Registry:
    """Read the `jobs` modules of all installed apps; a name declared twice is a fault of ours."""
    found = Registry()
    for module in modules("jobs"):
        declared: dict[str, Act] = module.JOBS
        if twice := found.acts.keys() & declared.keys():
            raise RuntimeError(f"{module.__name__} declares jobs that another app has: {', '.join(sorted(twice))}")
        found.acts.update(declared)
        found.long.update(getattr(module, "LONG_JOBS", ()))
        found.outside.update(getattr(module, "OUTSIDE_JOBS", ()))
        found.every.update(getattr(module, "EVERY", {}))
    if unknown := (found.long | found.outside | found.every.keys()) - found.acts.keys():
        raise RuntimeError(f"LONG_JOBS, OUTSIDE_JOBS or EVERY name jobs that no app declares: {', '.join(sorted(unknown))}")
    return found


def enqueue(
    *,
    name: str,
    payload: dict[str, Any] | None = None,
    run_at: datetime | None = None,
    key: str | None = None,
    workspace_id: int | None = None,
) -> None:
    """Put a job down inside the caller's transaction.

    While a job of this name and key waits, no second one is made; the earlier of the two times counts. A key that is
    being worked on right now does not stop a new one, since that run may have read its facts before yours.
    """
    due_at = run_at or clock.now()
    job = Job(name=name, payload=payload or {}, due_at=due_at, key=key, workspace_id=workspace_id)
    if key is None:
        job.save(force_insert=True)
        return
    Job.objects.bulk_create([job], ignore_conflicts=True)
    Job.objects.filter(name=name, key=key, state=JobState.WAITING, due_at__gt=due_at).update(due_at=due_at)


def cancel(*, name: str, key: str) -> bool:
    """Take back a job that still waits; False when there is none or it is being done."""
    return bool(Job.objects.filter(name=name, key=key, state=JobState.WAITING).delete()[0])


def forget(*, name: str, keys: Iterable[str]) -> int:
    """Take jobs away in whatever state they are, with what their failures said; returns how many."""
    return Job.objects.filter(name=name, key__in=list(keys)).delete()[0]


def forget_given_up(before: datetime) -> None:
    """Take away what was given up before a moment and waited for machines of others. What is left undone in our own house stays until
    somebody looks after it, without what its failure said.
    """
    old = Job.objects.filter(state=JobState.DEAD, failed_at__lt=before)
    while gone := list(old.filter(name__in=registry().outside).values_list("pk", flat=True)[:PIECE]):
        Job.objects.filter(pk__in=gone, state=JobState.DEAD).delete()
    while told := list(old.exclude(error="").values_list("pk", flat=True)[:PIECE]):
        Job.objects.filter(pk__in=told, state=JobState.DEAD).update(error="")


def hide_person(person: Person) -> int:
    """Hide what names a person in errors of a workspace's jobs, and in what they are to do how they are reached; returns how many rows
    changed. All else in a payload are words and numbers of ours.
    """
    ours = Job.objects.filter(workspace_id=person.workspace_id)
    return hide(ours, person, "error") + hide(ours, person.reached, "payload")


def retry(job_id: int) -> bool:
    """Let a dead job be tried again from the start; False when it is not dead (any more)."""
    return _put_back(Job.objects.filter(pk=job_id, state=JobState.DEAD), due_at=clock.now(), attempts=0, failed_at=None, error="")


def discard(job_id: int) -> bool:
    """Take a dead job away, undone; False when it is not dead (any more)."""
    return bool(Job.objects.filter(pk=job_id, state=JobState.DEAD).delete()[0])


def due(*, lane: Lane | None = None, workspace_id: int | None = None) -> "models.QuerySet[Job]":
    """Jobs whose time has come, those whose worker died included; narrowed to a lane or a workspace where one is named."""
    found = Job.objects.filter(state__lt=JobState.DEAD, due_at__lte=clock.now()).order_by("due_at", "pk")
    if workspace_id is not None:
        found = found.filter(workspace_id=workspace_id)
    if lane is None:
        return found
    known = registry()
    if lane is Lane.SHORT:
        return found.exclude(name__in=known.long | known.outside)
    return found.filter(name__in=known.long if lane is Lane.LONG else known.outside)


def dead(workspace_id: int | None = None) -> "models.QuerySet[Job]":
    """Jobs that were given up, the latest first; of one workspace, or with None of all."""
    found = Job.objects.filter(state=JobState.DEAD).order_by("-failed_at")
    return found if workspace_id is None else found.filter(workspace_id=workspace_id)


def oldest_due(workspace_id: int | None = None) -> timedelta:
    """How long the job at the head of the queue has been due, of one workspace or of all; zero when none is."""
    first = due(workspace_id=workspace_id).values_list("due_at", flat=True).first()
    return clock.now() - first if first else timedelta()


def claim(lease: str, *, limit: int, lane: Lane | None = None, last: Collection[int] = ()) -> list[Job]:
    """Take up to `limit` due jobs under a lease; no other worker gets them until it runs out.

    Those of the workspaces in `last` are taken where no others are due.
    """
    # A look costs nothing, the write lock does; and workers look many times a second, so the bare look comes first.
    if not _any_due() or not due(lane=lane).exists():
        return []
    with transaction.atomic():
        found = due(lane=lane).select_for_update(skip_locked=True)
        jobs = list(found.exclude(workspace_id__in=last)[:limit]) or list(found[:limit])
        ids = [job.pk for job in jobs]
        now = clock.now()
        Job.objects.filter(pk__in=ids).update(state=JobState.RUNNING, due_at=now + LEASE, attempts=models.F("attempts") + 1, lease=lease)
    for job in jobs:
        job.attempts += 1
        job.lease = lease
    return jobs


def _any_due() -> bool:
    with connection.cursor() as cursor:
        moment = connection.ops.adapt_datetimefield_value(clock.now())
        cursor.execute(LOOK, [moment])
        return cursor.fetchone() is not None


def extend(lease_prefix: str) -> int:
    """Renew the leases of a working process; returns how many jobs it holds."""
    held = Job.objects.filter(state=JobState.RUNNING, lease__startswith=lease_prefix)
    return held.update(due_at=clock.now() + LEASE) if held.exists() else 0


def finish(lease: str, ids: Iterable[int]) -> None:
    """Forget jobs that were done; one whose lease went to somebody else is left to them."""
    Job.objects.filter(pk__in=list(ids), lease=lease, state=JobState.RUNNING).delete()


def release(lease_prefix: str) -> int:
    """Give back at once what a dead or stopping worker held; returns how many jobs."""
    held = Job.objects.filter(state=JobState.RUNNING, lease__startswith=lease_prefix)
    return held.update(due_at=clock.now()) if held.exists() else 0


def fail(job: Job, error: BaseException) -> None:
    """Note a failed try: again after a growing, jittered wait, or dead after the last."""
    mine = Job.objects.filter(pk=job.pk, lease=job.lease, state=JobState.RUNNING)
    words = in_a_line(error)[:ERROR_LENGTH]
    if isinstance(error, Later):
        _put_back(mine, due_at=error.run_at, attempts=job.attempts - 1)
    elif job.attempts >= TRIES or isinstance(error, UnknownJobError):
        mine.update(state=JobState.DEAD, error=words, failed_at=clock.now(), lease="")
    else:
        _put_back(mine, due_at=clock.now() + wait_after(job.attempts), error=words)


def wait_after(attempts: int) -> timedelta:
    """How long to wait after so many tries: 5 s, 15 s, 45 s … at most an hour, each between half and all of it."""
    full: timedelta = min(FIRST_WAIT * 3 ** (attempts - 1), LONGEST_WAIT)
    return full * clock.random().uniform(0.5, 1)


def _put_back(jobs: "models.QuerySet[Job]", **changes: Any) -> bool:
    try:
        with transaction.atomic():
            return bool(jobs.update(state=JobState.WAITING, lease="", **changes))
    except IntegrityError:
        # Meanwhile the same key was put down anew, and that one will do the work.
        return bool(jobs.delete()[0])


def schedule() -> int:
    """Put down the periodic jobs whose time has come; any number of workers may call it. Returns how many."""
    last = dict(Schedule.objects.values_list("name", "last_at"))
    return sum(_put_down(name, interval, last.get(name)) for name, interval in registry().every.items())


def _put_down(name: str, interval: timedelta, last: datetime | None) -> bool:
    now = clock.now()
    if last is not None and abs(now - last) < interval:  # a `last` far ahead was written by a clock that went wrong
        return False
    with transaction.atomic():
        if last is None:
            _row, mine = Schedule.objects.get_or_create(name=name, defaults={"last_at": now})
        else:
            mine = bool(Schedule.objects.filter(name=name, last_at=last).update(last_at=now))
        if mine:
            enqueue(name=name, key="schedule")
    return mine
