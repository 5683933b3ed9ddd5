"""What /metrics reads from the stores when asked: queues, readers of the timeline, lake, sizes, what processes told of themselves."""

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import structlog
from django.conf import settings
from django.db import connection
from django.db.models import Count
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from peyvand.core import beats, clock, jobs
from peyvand.core.db import is_sqlite
from peyvand.core.models import Job, JobState
from peyvand.edge import waiting
from peyvand.timeline.models import DeadLetter
from peyvand.timeline.watching import lake_wait, oldest_writer, waits
from peyvand.workspaces.models import AuditEntry

log = structlog.get_logger("peyvand.edge")
Values = Mapping[tuple[str, ...], float]


@dataclass(frozen=True)
class Figure:
    """One figure: its name without `peyvand_`, what it means, the names of its labels, and who reads it. Empty where it does not apply."""

    name: str
    words: str
    labels: tuple[str, ...]
    read: Callable[[], Values]
    counts: bool = False

    def family(self) -> Metric:
        """What Prometheus is told."""
        kind = CounterMetricFamily if self.counts else GaugeMetricFamily
        family = kind(f"peyvand_{self.name}", self.words, labels=self.labels)
        for labels, value in self.read().items():
            family.add_metric(labels, value)
        return family


def _release() -> Values:
    try:
        return {(version("peyvand"),): 1}
    except PackageNotFoundError:
        return {("development",): 1}


def _jobs() -> Values:
    counted = dict(Job.objects.values_list("state").annotate(Count("pk")))
    return {(state.name.lower(),): counted.get(state.value, 0) for state in JobState}


def _watermark() -> Values:
    age = oldest_writer()
    return {} if age is None else {(): age.total_seconds()}


def _database_bytes() -> Values:
    if is_sqlite():
        path = Path(str(connection.settings_dict["NAME"]))
        return {
            (): sum(part.stat().st_size for part in path.parent.glob(f"{path.name}*") if part.suffix in {path.suffix, f"{path.suffix}-wal"})
        }
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return {(): cursor.fetchone()[0]}


def _told(what: str) -> Iterator[tuple[str, object]]:
    for worker in beats.living("worker"):
        yield ":".join(worker.process.split(":")[:-1]), worker.state.get(what)


def _worker_jobs() -> Values:
    return {
        (worker, name, outcome): number
        for worker, said in _told("jobs")
        if isinstance(said, dict)
        for name, counts in said.items()
        for outcome, number in zip(("done", "failed"), counts, strict=True)
    }


def _worker_seconds() -> Values:
    return {(worker,): said for worker, said in _told("cpu") if isinstance(said, int | float)}


def _backup_age() -> Values:
    last = AuditEntry.objects.filter(action="backup.taken").order_by("-pk").values_list("at", flat=True).first()
    return {(): (clock.now() - last).total_seconds()} if last else {}


def _processes() -> Values:
    return {(role,): len(beats.living(role)) for role in beats.ROLES}


def _by_state(counted: Mapping[str, int]) -> Values:
    return {(state,): number for state, number in counted.items()}


def _beat_age() -> Values:
    now = clock.now()
    return {(":".join(row.process.split(":")[:-1]),): (now - row.beat_at).total_seconds() for row in beats.living("worker")}


FIGURES: Final = (
    Figure("release", "Always 1; the label tells the version.", ("version",), _release),
    Figure("jobs", "Jobs in the queue, by state.", ("state",), _jobs),
    Figure("job_lag_seconds", "How long the oldest due job has been waiting.", (), lambda: {(): jobs.oldest_due().total_seconds()}),
    Figure(
        "subscription_unread",
        "Interactions a subscription has still to read, counted up to 10,000.",
        ("subscription",),
        lambda: {(wait.name,): wait.count for wait in waits()},
    ),
    Figure(
        "subscription_age_seconds",
        "How long ago the first interaction that a subscription has not read was recorded.",
        ("subscription",),
        lambda: {(wait.name,): wait.age.total_seconds() for wait in waits()},
    ),
    Figure("watermark_age_seconds", "How long the oldest transaction that writes has been open (PostgreSQL).", (), _watermark),
    Figure(
        "dead_letters",
        "Interactions that a subscription failed on and that nobody has settled.",
        (),
        lambda: {(): DeadLetter.objects.filter(settled_at=None).count()},
    ),
    Figure(
        "outgoing",
        "Messages to customers that did not leave, by state, counted up to 100,000 each; queued ones wait their turn.",
        ("state",),
        lambda: _by_state(waiting.messages()),
    ),
    Figure("sending_stopped", "Brands whose sending to customers somebody stopped.", (), lambda: {(): waiting.stops()}),
    Figure("approvals_waiting", "Sendings to many that wait for a person's word.", (), lambda: {(): waiting.approvals()}),
    Figure(
        "webhook_tellings",
        "What webhooks are still to be told, and what was given up (dead), counted up to 100,000 each.",
        ("state",),
        lambda: _by_state(waiting.tellings()),
    ),
    Figure("webhooks_resting", "Webhooks left alone for a while, since nobody answered there.", (), lambda: {(): waiting.resting()}),
    Figure("erasures_unfinished", "People to be erased who are not erased everywhere yet.", (), lambda: {(): waiting.erasures()[0]}),
    Figure(
        "erasure_age_seconds",
        "How long ago the oldest erasure that is not at its end was asked for.",
        (),
        lambda: {(): waiting.erasures()[1].total_seconds()},
    ),
    Figure("lake_unread", "Interactions to be copied to the lake, counted up to 10,000.", (), lambda: {(): lake_wait().count}),
    Figure(
        "lake_age_seconds",
        "How long ago the first interaction that the lake does not have was recorded.",
        (),
        lambda: {(): lake_wait().age.total_seconds()},
    ),
    Figure("database_bytes", "Size of the database.", (), _database_bytes),
    Figure("disk_free_bytes", "Room on the disk of the data folder.", (), lambda: {(): shutil.disk_usage(settings.PEYVAND_DATA).free}),
    Figure("backup_age_seconds", "How long ago the last backup was written.", (), _backup_age),
    Figure("processes", "Webs and workers that said in the last 45 s that they live.", ("role",), _processes),
    Figure(
        "worker_beat_age_seconds", "How long ago a worker said that it lives; who is silent for 45 s is left out.", ("worker",), _beat_age
    ),
    Figure(
        "worker_jobs", "Jobs a worker did, by name and outcome, as it last told.", ("worker", "job", "outcome"), _worker_jobs, counts=True
    ),
    Figure("worker_cpu_seconds", "Processor time of a worker, as it last told.", ("worker",), _worker_seconds, counts=True),
)


class Stores(Collector):
    """Reads every figure; one that cannot be read is left out and counted, and the others still come."""

    def collect(self) -> Iterable[Metric]:
        """Called by the registry at each question, in a thread that may ask the database."""
        missing = 0
        for figure in FIGURES:
            try:
                yield figure.family()
            except Exception as error:  # noqa: BLE001 - what can be told must be told above all when something is wrong
                missing += 1
                connection.close()
                log.warning("figure not read", figure=figure.name, error=type(error).__name__)
        yield GaugeMetricFamily("peyvand_unreadable", "Figures that could not be read just now.", missing)

    def describe(self) -> Iterable[Metric]:
        """Nothing is read while it is registered."""
        return []
