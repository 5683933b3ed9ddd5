"""Doing the jobs: claimed in batches, each isolated from the others' faults. Called by the worker."""

import itertools
import threading
import time
from typing import Final

import structlog

from peyvand.core import jobs, walls
from peyvand.core.db import store_failure
from peyvand.core.models import Job

log = structlog.get_logger("peyvand.jobs")
BATCH: Final = 20
FLUSH_SECONDS: Final = 0.2
SLOW_SECONDS: Final = 2.0
ASIDE_SECONDS: Final = 600.0
_numbers = itertools.count()
_counts: dict[str, list[int]] = {}  # job → how often it was done and failed, of this process
_counting = threading.Lock()
_slow: dict[int, float] = {}  # workspace → until when the others go first, since a machine it asks kept a hand of ours waiting


def work(process: str, *, lane: jobs.Lane | None = None, limit: int = BATCH, stop: threading.Event | None = None) -> int:
    """Claim and do one batch of due jobs for a process; returns how many were taken.

    What may last is taken one by one: a batch of it would hold what another hand could do meanwhile. What waits for the machine of a
    workspace that was slow lately comes after that of all others, so that it holds them up once at most.

    What is left when `stop` is set, is given back at once. A store that is unavailable is raised, not blamed on a job.
    """
    lease = f"{process}/{next(_numbers)}"  # one a batch: a batch that outlived its lease must not touch what is others' now
    taken = jobs.claim(lease, limit=limit if lane in (None, jobs.Lane.SHORT) else 1, lane=lane, last=_slow_ones(lane))
    if not taken:
        return 0
    done: list[int] = []
    flushed = time.monotonic()
    try:
        for job in taken:
            if stop is not None and stop.is_set():
                break
            began = time.monotonic()
            if _counted(job):
                done.append(job.pk)
            _note_slow(job, lane, time.monotonic() - began)
            if time.monotonic() - flushed > FLUSH_SECONDS:
                jobs.finish(lease, done)
                done, flushed = [], time.monotonic()
    finally:
        if done:
            jobs.finish(lease, done)
        if stop is not None and stop.is_set():
            jobs.release(lease)
    return len(taken)


def _slow_ones(lane: jobs.Lane | None) -> list[int]:
    now = time.monotonic()
    return [workspace for workspace, until in list(_slow.items()) if until > now] if lane is jobs.Lane.OUTSIDE else []


def _note_slow(job: Job, lane: jobs.Lane | None, seconds: float) -> None:
    if lane is jobs.Lane.OUTSIDE and job.workspace_id is not None and seconds > SLOW_SECONDS:
        _slow[job.workspace_id] = time.monotonic() + ASIDE_SECONDS


def counts() -> dict[str, list[int]]:
    """How often this process did each job, and how often it failed; for its sign of life."""
    with _counting:
        return {name: list(both) for name, both in _counts.items()}


def _counted(job: Job) -> bool:
    succeeded = _do(job)
    name = job.name if job.name in jobs.registry().acts else "unknown"
    with _counting:
        _counts.setdefault(name, [0, 0])[0 if succeeded else 1] += 1
    return succeeded


def _do(job: Job) -> bool:
    """Do one job; True when it is done, else its failure was noted."""
    started = time.perf_counter()
    try:
        if job.attempts > jobs.TRIES:
            raise RuntimeError("the worker died each time this job was tried")  # noqa: TRY301 - noted like any failure
        _act(job)
    except Exception as error:
        if store_failure(error):
            raise
        jobs.fail(job, error)
        if not isinstance(error, jobs.Later):
            log.warning("job failed", job=job.name, id=job.pk, attempts=job.attempts, error=type(error).__name__, exc_info=error)
        return False
    log.debug("job done", job=job.name, id=job.pk, seconds=round(time.perf_counter() - started, 3))
    return True


def _act(job: Job) -> None:
    act = jobs.registry().acts.get(job.name)
    if act is None:
        raise jobs.UnknownJobError(f"no installed app declares a job named {job.name!r}")
    if job.workspace_id is None:
        act(job.payload)
        return
    with walls.inside(job.workspace_id):
        act(job.payload)
