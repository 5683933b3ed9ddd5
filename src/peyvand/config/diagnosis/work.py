"""Checks of what runs by itself: signs of life, jobs, subscriptions, what waits to leave or to be forgotten, the lake."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

from django.conf import settings

from peyvand.config.diagnosis.findings import State, lasting
from peyvand.core import beats, clock, jobs
from peyvand.edge import waiting
from peyvand.timeline.lake import places
from peyvand.timeline.lake.counting import copied_until
from peyvand.timeline.models import DeadLetter
from peyvand.timeline.watching import lake_wait, waits

LATE: Final = timedelta(minutes=1)
OLD_LAKE: Final = timedelta(minutes=10)
LONG_ERASURE: Final = timedelta(hours=1)  # it takes minutes where nothing is in its way
LAKE_ANEW: Final = "Stop Peyvand, then `peyvand rebuild-lake` makes the lake anew from the records."


def web() -> Iterator[tuple[State, str]]:
    """A web said lately that it lives."""
    yield from _heard_of("web")


def worker() -> Iterator[tuple[State, str]]:
    """A worker said lately that it lives."""
    yield from _heard_of("worker")


def _heard_of(role: str) -> Iterator[tuple[State, str]]:
    if living := beats.living(role):
        last = max(beat.beat_at for beat in living)
        yield "ok", f"{len(living)} at work, last heard of {lasting(clock.now() - last)} ago"
    else:
        yield "fault", f"no {role} was heard of for 45 seconds. Start `peyvand serve` or `peyvand {role}`."


def queue() -> Iterator[tuple[State, str]]:
    """How long the oldest due job waits; jobs that were given up."""
    lag, dead = jobs.oldest_due(), jobs.dead().count()
    words = f"the oldest due job waits for {lasting(lag)}"
    yield ("fault", f"{words}: the worker does not keep up. Is it running, and is the machine busy?") if lag > LATE else ("ok", words)
    if dead:
        yield "note", f"{dead} jobs were given up; retry or discard them in the console under settings, operations"


def subscriptions() -> Iterator[tuple[State, str]]:
    """What each reaction to the timeline has still to read, and since when it waits."""
    late = [wait for wait in waits() if wait.count]
    for wait in late:
        words = f"{wait.name} has {wait.count} to read, the oldest of {lasting(wait.age)} ago"
        yield ("fault", f"{words}: it does not keep up. The log tells where it fails.") if wait.age > LATE else ("ok", words)
    if not late:
        yield "ok", "all have read everything"
    letters = DeadLetter.objects.filter(settled_at=None).count()
    if letters:
        yield "note", f"{letters} interactions are in the dead letters; retry or settle them in the console under settings, operations"


def sending() -> Iterator[tuple[State, str]]:
    """Messages to customers that did not leave, brands whose sending is stopped, sendings to many that wait for a word."""
    found = waiting.messages()
    if stopped := waiting.stops():
        yield "note", f"sending is stopped in {stopped} brands; what they queue waits until somebody lets it leave again"
    if asked := waiting.approvals():
        yield "note", f"{asked} sendings to many wait for a person's word, in the console under settings"
    if lost := {state: number for state in ("unsure", "failed") if (number := found[state])}:
        told = ", ".join(f"{number} {state}" for state, number in lost.items())
        yield "note", f"messages that did not arrive or may not have: {told}; the outbox in the console tells why, and sends again"
    yield "ok", f"{found['queued']} messages are queued, {found['held']} were held since they may not leave"


def webhooks() -> Iterator[tuple[State, str]]:
    """What webhooks are still to be told, what was given up, and who does not answer."""
    found = waiting.tellings()
    if silent := waiting.resting():
        yield "note", f"{silent} webhooks do not answer and are left alone for a while; look at their addresses in the console"
    if found["dead"]:
        yield "note", f"{found['dead']} tellings were given up after three days; tell them again in the console, at their webhook"
    yield "ok", f"{found['waiting']} tellings wait"


def erasures() -> Iterator[tuple[State, str]]:
    """People to be erased who are not erased everywhere yet."""
    number, age = waiting.erasures()
    words = f"{number} people are not erased everywhere yet, the oldest asked for {lasting(age)} ago" if number else "none is under way"
    if age > LONG_ERASURE:
        yield "fault", f"{words}. Look at the worker, and for `privacy.erase` among the jobs that were given up."
    else:
        yield "ok", words


def lake() -> Iterator[tuple[State, str]]:
    """The lake's files are all there, and how old its newest state is."""
    tables = sorted(path.parent for path in (settings.PEYVAND_DATA / "lake").glob("*/_delta_log"))
    if not tables:
        yield "ok", "nothing was copied to it yet"
        return
    from deltalake import DeltaTable  # noqa: PLC0415 - weight

    for path in tables:
        table = DeltaTable(str(path))
        missing = [uri for uri in table.file_uris() if not Path(uri).exists()]
        if missing:
            yield "fault", f"{path.name}: {len(missing)} files are missing, such as {missing[0]}. {LAKE_ANEW}"
        else:
            yield "ok", f"{path.name}: version {table.version()}, {len(table.file_uris())} files"


def lake_age() -> Iterator[tuple[State, str]]:
    """Since when figures wait for what was recorded."""
    if copied_until() and not places.is_there():
        away = f"{places.lake_path()} holds nothing of what was copied there. Bring it back, such as by mounting it."
        yield "fault", f"{away} Where it is gone for good: {LAKE_ANEW[0].lower()}{LAKE_ANEW[1:]}"
        return
    waiting = lake_wait()
    words = f"{waiting.count} interactions wait to be copied, the oldest of {lasting(waiting.age)} ago"
    if waiting.age > OLD_LAKE:
        yield "fault", f"{words}: figures are old. Look at the worker, and for `lake` in its log."
    else:
        yield "ok", words if waiting.count else "figures hold all that was recorded"
