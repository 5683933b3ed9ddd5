"""Subscriptions: every reaction to the timeline reads it here, in order, with its place saved beside its effect.

`<app>/subscribers.py` lists Subscriber objects; the worker calls `run_once()`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module

import structlog
from django.apps import apps
from django.db import transaction
from django.utils.module_loading import module_has_submodule

from peyvand.catalogue.queries import term_names
from peyvand.core import clock
from peyvand.core.db import store_failure
from peyvand.core.fields import from_micros
from peyvand.core.giving_way import commit_without_sync, give_way
from peyvand.timeline.models import DeadLetter, Place
from peyvand.timeline.queries import open_letters
from peyvand.timeline.reading import AT, Page, Position, events, read_after, read_ids
from peyvand.timeline.services.letters import note_failure, settle_letter
from peyvand.timeline.types import Event
from peyvand.workspaces.models import User, Workspace

log = structlog.get_logger()
BATCH = 200  # some 20 ms in the one writer's place of SQLite; a larger one costs hardly less for each interaction
MOST_FAILURES = 50
RETRIED_AT_ONCE = 200
LONGEST_REST = 60.0
# Seconds since the oldest was recorded that is still to be read: from here on whoever is late takes half of the time, from there on all
# of it. Without an end to giving way a queue that fills as fast would grow for ever.
LATE = 10.0
TOO_LATE = 30.0
KIND = AT["kind"]


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A reaction: `react` gets events in order and writes its effect in the transaction that also saves the place.

    One that must keep up with everything gives `plan` instead: it gets a page of plain rows of every kind before the
    transaction and returns what is to be written inside it. `kinds` None means every kind. `batch` is small where reacting is slow,
    since SQLite has one writer.
    """

    name: str
    react: Callable[[Sequence[Event]], None] | None = None
    kinds: frozenset[str] | None = None
    perceptions: bool = True
    batch: int = BATCH
    plan: Callable[[Page], Callable[[], None]] | None = None


@dataclass(slots=True)
class Rest:
    """A subscription that fails on everything rests, longer each time: it neither floods the dead letters nor stops for good."""

    seconds: float
    until: float


_resting: dict[str, Rest] = {}  # of this process


@cache
def subscribers() -> dict[str, Subscriber]:
    """Every subscriber of the installed apps, by name."""
    found: dict[str, Subscriber] = {}
    for config in apps.get_app_configs():
        if config.name.startswith("django.") or not module_has_submodule(config.module, "subscribers"):
            continue
        for subscriber in import_module(f"{config.name}.subscribers").SUBSCRIBERS:
            if subscriber.name in found:
                raise RuntimeError(f"subscriber '{subscriber.name}' is declared twice")
            found[subscriber.name] = subscriber
    return found


def keep_up() -> bool:
    """As `run_once`, then let others write; says whether anybody read a whole batch, so that more may wait.

    A power failure takes a reaction back together with its place, so it is made again: it need not wait for the disk.
    """
    began = clock.monotonic()
    commit_without_sync()
    whole = [read >= min(subscriber.batch for subscriber in group) * len(group) for group, read in _round()]
    worked, late = clock.monotonic() - began, _late() if any(whole) else 0.0
    if late < TOO_LATE:
        give_way(worked, late=late >= LATE)
    return any(whole)


def _late() -> float:
    """Seconds since the oldest interaction was recorded that somebody has still to read."""
    nexts = [read_after(start, 1).rows for start in _by_place()]
    recorded = min((rows[0][AT["recorded_at"]] for rows in nexts if rows), default=None)
    return (clock.now() - from_micros(recorded)).total_seconds() if recorded is not None else 0.0


def run_once() -> int:
    """Let every subscriber read one batch; returns how many interactions were read in all.

    Those that stand at the same place read it together and commit together: one look and one sync instead of one each.
    """
    return sum(read for _group, read in _round())


def _round() -> Iterator[tuple[Sequence[Subscriber], int]]:
    for start, group in _by_place().items():
        yield group, _advance_abreast(group, start)


def _by_place() -> dict[Position, list[Subscriber]]:
    stored = {place.name: Position(place.era, place.xid, place.interaction_id) for place in Place.objects.filter(name__in=subscribers())}
    found: dict[Position, list[Subscriber]] = {}
    for name, subscriber in subscribers().items():
        if name in _resting and clock.monotonic() < _resting[name].until:
            continue
        if name not in stored:
            Place.objects.get_or_create(name=name)
        found.setdefault(stored.get(name, Position()), []).append(subscriber)
    return found


def _advance_abreast(group: Sequence[Subscriber], start: Position) -> int:
    if len(group) == 1:
        return advance(group[0])
    page = read_after(start, min(subscriber.batch for subscriber in group))
    if not page.rows:
        return 0
    try:
        moved = _react_together(group, page, start)
    except Exception as error:
        if store_failure(error):
            raise
        return sum(advance(subscriber) for subscriber in group)  # each by itself, so that the fault is one's alone
    return len(page.rows) * len(group) if moved else 0


def _react_together(group: Sequence[Subscriber], page: Page, start: Position) -> bool:
    effects = [_effect(subscriber, page) for subscriber in group]
    with transaction.atomic():
        if _move([subscriber.name for subscriber in group], start, page.positions[-1]) != len(group):
            transaction.set_rollback(True)  # another worker moved some of them first
            return False
        for write in effects:
            write()
    for subscriber in group:
        _resting.pop(subscriber.name, None)
    return True


def advance(subscriber: Subscriber) -> int:
    """Let one subscriber read its next batch; a batch that fails is tried alone, one interaction at a time.

    A store that is unavailable is raised, not blamed on an interaction.
    """
    place, _created = Place.objects.get_or_create(name=subscriber.name)
    start = Position(place.era, place.xid, place.interaction_id)
    page = read_after(start, subscriber.batch)
    if not page.rows:
        return 0
    try:
        moved = _react(subscriber, page, start, page.positions[-1])
        _resting.pop(subscriber.name, None)
    except Exception as error:
        if store_failure(error):
            raise
        log.warning("subscription.batch_failed", subscription=subscriber.name, error=type(error).__name__)
        moved = _one_by_one(subscriber, page, start)
    return len(page.rows) if moved else 0


def _react(subscriber: Subscriber, page: Page, start: Position, end: Position) -> bool:
    """React to a page and move the place, in one transaction; False when another worker moved it first."""
    write = _effect(subscriber, page)
    with transaction.atomic():
        if not _move([subscriber.name], start, end):
            return False
        write()
    return True


def _move(names: Sequence[str], start: Position, end: Position) -> int:
    """Move the places of those that still stand at the start; returns how many did: another worker may have been quicker."""
    here = Place.objects.filter(name__in=names, era=start.era, xid=start.xid, interaction_id=start.interaction_id)
    return here.update(era=end.era, xid=end.xid, interaction_id=end.interaction_id, moved_at=clock.now())


def _effect(subscriber: Subscriber, page: Page) -> Callable[[], None]:
    if subscriber.plan is not None:
        return subscriber.plan(page)
    mine, react = _of_kinds(subscriber, page), subscriber.react
    return partial(react, mine) if mine and react is not None else _nothing


def _nothing() -> None:
    """The effect of rows that do not concern a subscriber."""


def _of_kinds(subscriber: Subscriber, page: Page) -> list[Event]:
    wanted, rows = subscriber.kinds, page.rows
    if wanted is not None:
        codes = {term_id: name.code for term_id, name in term_names({row[KIND] for row in rows}).items()}
        rows = [row for row in rows if codes.get(row[KIND]) in wanted]
    return events(rows, felt=page.felt if subscriber.perceptions else {})


def _one_by_one(subscriber: Subscriber, page: Page, start: Position) -> bool:
    failures = 0
    for row, position in zip(page.rows, page.positions, strict=True):
        try:
            if not _react(subscriber, Page([row]), start, position):
                return False
            failures = 0
        except Exception as error:
            if store_failure(error):
                raise
            with transaction.atomic():
                if not _move([subscriber.name], start, position):
                    return False
                note_failure(subscriber.name, row[1], row[0], error)
            log.error("subscription.dead_letter", subscription=subscriber.name, interaction=row[0], error=type(error).__name__)
            failures += 1
        start = position
        if failures == MOST_FAILURES:
            _rest(subscriber.name)
            return True
    _resting.pop(subscriber.name, None)
    return True


def _rest(name: str) -> None:
    """So many failures in a row are the subscription's own fault: what it has not read yet is better read once it is mended."""
    seconds = min(LONGEST_REST, 2 * _resting[name].seconds) if name in _resting else 1.0
    _resting[name] = Rest(seconds, clock.monotonic() + seconds)
    log.error("subscription.resting", subscription=name, seconds=seconds)


def retry(letter: DeadLetter, *, actor: User | None) -> bool:
    """Let a subscription try an open dead letter again; the letter is settled with what it does, else its error is renewed.

    Two who try at once make one effect.
    """
    subscriber = subscribers().get(letter.subscription)
    if subscriber is None:
        return False
    try:
        with transaction.atomic():
            if settle_letter(letter=letter, actor=actor, how="retried"):
                _effect(subscriber, Page(read_ids([letter.interaction_id])))()
    except Exception as error:
        if store_failure(error):
            raise
        note_failure(letter.subscription, letter.workspace_id, letter.interaction_id, error)
        return False
    return True


def retry_open(workspace: Workspace, *, actor: User | None) -> tuple[int, int]:
    """Try every open dead letter of a workspace again, the oldest first, up to two hundred at a time; how many worked, of how many."""
    letters = list(open_letters(workspace).order_by("failed_at")[:RETRIED_AT_ONCE])
    return sum(retry(letter, actor=actor) for letter in letters), len(letters)
