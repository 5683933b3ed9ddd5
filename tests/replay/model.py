"""The model of the spine: what is recorded, read and queued, in plain dictionaries. `playing` tells it what happened and compares."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from peyvand.core import jobs
from peyvand.core.models import JobState
from tests.replay.people import Key, Pair, People
from tests.replay.steps import BRANCHES, KINDS, PEOPLE, SOURCES, Spec

UNKNOWN = KINDS[-1]
WANTED = {"all": set(KINDS), "orders": {"order.placed"}, "frail": set(KINDS), "planner": set(KINDS)}
FRAIL = "frail"  # the reader that cannot bear poison while it is sick


def key_of(place: int) -> Key:
    """One of PEOPLE as identities are stored."""
    kind, value = PEOPLE[place]
    number = ("own_id", "phone", "email", "messenger", "device").index(kind) + 1
    return number, f"+98{value[1:]}" if kind == "phone" else value


class Row(NamedTuple):
    """A recorded interaction."""

    source: str
    external: str | None
    kind: str
    branch: str
    key: Key | None
    batch: int | None
    poison: bool


class Said(NamedTuple):
    """What an item was answered."""

    status: str
    interaction: int | None
    customer: int | None
    reason: str = ""


class Effect(NamedTuple):
    """What a reader did about an interaction."""

    reader: str
    interaction: int
    kind: str
    branch: str
    customer: int | None


@dataclass
class Timeline:
    """Interactions by their numbers, in order, the batches they came in, and what readers made of them."""

    people: People = field(default_factory=People)
    rows: dict[int, Row] = field(default_factory=dict)
    batches: dict[int, datetime] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=lambda: dict.fromkeys(WANTED, 0))
    effects: Counter[Effect] = field(default_factory=Counter)
    letters: dict[tuple[str, int], str] = field(default_factory=dict)  # (reader, interaction) → how it was settled, "" while it is open
    dropped: set[tuple[str, int]] = field(default_factory=set)  # open letters that went with a person
    sick: bool = False

    def record(self, specs: Sequence[Spec], said: Sequence[Said], batch: int | None, at: datetime) -> None:
        """Items came and were answered so: every answer is what it must be."""
        known = {(row.source, row.external): number for number, row in self.rows.items() if row.external is not None}
        for spec, answer in zip(specs, said, strict=True):
            source, external = SOURCES[spec.source], None if spec.external is None else str(spec.external)
            if KINDS[spec.kind] == UNKNOWN:
                assert answer[:3] == ("rejected", None, None)
            elif external is not None and (source, external) in known:
                assert answer[:3] == ("duplicate", known[source, external], None)
            else:
                assert answer.status == "recorded", answer
                assert answer.interaction is not None
                assert answer.interaction > max(self.rows, default=0)
                key = self._meet(spec, answer.customer, at)
                row = Row(source, external, KINDS[spec.kind], BRANCHES[spec.branch], key, batch, spec.poison)
                self.rows[answer.interaction] = row
                known[source, external] = answer.interaction

    def _meet(self, spec: Spec, customer: int | None, at: datetime) -> Key | None:
        who = sorted({key_of(place) for place in spec.who} - self.people.shared)
        if not who:
            assert customer is None
            return None
        by = self.people.by(who)
        assert customer is not None
        assert customer == self.people.owner[by] if by is not None else customer not in self.people.merged
        self.people.meet(who, customer, at)
        return who[0]

    def remove(self, batch: int, left: Collection[int], chunk: int) -> None:
        """Rows of a batch, all but those `left`, were taken away in whole chunks, with those who came by it and nobody decided about."""
        gone = {number for number, row in self.rows.items() if row.batch == batch and number not in left}
        stay = [number for number, row in self.rows.items() if row.batch == batch and number in left]
        assert not stay or len(gone) % chunk == 0
        touched = {self.people.owner[row.key] for number, row in self.rows.items() if number in gone and row.key}
        self.rows = {number: row for number, row in self.rows.items() if number not in gone}
        self.letters = {letter: how for letter, how in self.letters.items() if letter[1] not in gone}
        lived = {self.people.owner[row.key] for row in self.rows.values() if row.key}
        for customer in touched - lived - self.people.handled - self.people.leaving:
            if self.people.created[customer] >= self.batches[batch]:
                self.people.forget(customer)

    def part(self, customer: int, left: Collection[int], said: Collection[Pair | Key], leaving: Collection[int], chunk: int) -> None:
        """An erasure went as far as it did: what was said goes at once, then interactions are parted in whole chunks, then all is let go.

        `left` are interactions that came by some identity, `said` the pairs and shared values that are left, `leaving` who is not let go.
        """
        people = self.people.one_person(customer)
        mine = {number for number, row in self.rows.items() if row.key and self.people.owner[row.key] in people}
        parted, about, ended = mine - set(left), self.people.about(people), not people & set(leaving)
        waits = about & set(said)
        assert not waits or (waits == about and not parted)
        assert parted == mine or (len(parted) % chunk == 0 and not ended)
        if not waits:
            self.people.forget_said(people)
        self.rows = {n: row._replace(key=None, external=None) if n in parted else row for n, row in self.rows.items()}
        self.dropped |= {letter for letter, how in self.letters.items() if letter[1] in parted and how == ""}
        self.letters = {letter: how for letter, how in self.letters.items() if letter[1] not in parted}
        if ended:
            self.people.let_go(people)

    def read(self, places: Mapping[str, int]) -> None:
        """Readers stand here now: what they passed has had its effect, once."""
        for reader, place in places.items():
            assert place >= self.places[reader]
            for number, row in self.rows.items():
                if self.places[reader] < number <= place and row.kind in WANTED[reader]:
                    if reader == FRAIL and row.poison and self.sick:
                        self.letters[reader, number] = ""
                    else:
                        self.affect(reader, number)
            self.places[reader] = place

    def affect(self, reader: str, number: int) -> None:
        """A reader did what it does."""
        row = self.rows[number]
        customer = self.people.owner[row.key] if row.key else None
        self.effects[Effect(reader, number, row.kind, row.branch, customer)] += 1

    def unread(self, reader: str) -> bool:
        """Whether anything is left to read."""
        return max(self.rows, default=0) > self.places[reader]


class Task(NamedTuple):
    """A job that is not done yet; `due` is its time, or the end of the lease under which it is being done."""

    how: str
    key: str | None
    state: int
    due: datetime
    attempts: int


@dataclass
class Queue:
    """Jobs by their numbers, in the order they were put down, and how often each was done."""

    tasks: dict[int, Task] = field(default_factory=dict)
    done: Counter[int] = field(default_factory=Counter)

    def enqueue(self, number: int, task: Task) -> None:
        """A job is put down; where one of its key waits, the earlier time counts."""
        for other, waiting in self.tasks.items():
            if task.key is not None and waiting.key == task.key and waiting.state == JobState.WAITING:
                self.tasks[other] = waiting._replace(due=min(waiting.due, task.due))
                return
        self.tasks[number] = task

    def due(self, now: datetime, limit: int) -> list[int]:
        """The jobs a worker takes at this moment, in order."""
        ready = [(task.due, number) for number, task in self.tasks.items() if task.state != JobState.DEAD and task.due <= now]
        return [number for _due, number in sorted(ready)[:limit]]

    def work(self, numbers: Iterable[int], found: Mapping[int, Task], now: datetime) -> None:
        """A worker took these and lived: each is done, put back, or given up, just as it must be."""
        taken = list(numbers)
        for number in taken:
            task = self.tasks[number]
            self.tasks[number] = task._replace(state=JobState.RUNNING, attempts=task.attempts + 1, due=now + jobs.LEASE)
        for number in taken:
            task = self.tasks[number]
            attempts = task.attempts
            if attempts > jobs.TRIES or task.how == "unheard of":
                self.tasks[number] = task._replace(state=JobState.DEAD)
            elif task.how == "well":
                self.done[number] += 1
                del self.tasks[number]
            elif task.how == "fails" and attempts == jobs.TRIES:
                self.tasks[number] = task._replace(state=JobState.DEAD)
            else:
                self._put_back(number, task, found, now)

    def _put_back(self, number: int, task: Task, found: Mapping[int, Task], now: datetime) -> None:
        if task.key is not None and any(
            other.key == task.key and other.state == JobState.WAITING for n, other in self.tasks.items() if n != number
        ):
            del self.tasks[number]  # the one that was put down meanwhile will do the work
            return
        if task.how == "later":
            self.tasks[number] = task._replace(state=JobState.WAITING, attempts=task.attempts - 1, due=now + timedelta(hours=1))
            return
        wait = found[number].due - now
        full = jobs.FIRST_WAIT * 3 ** (task.attempts - 1)
        assert full / 2 <= wait <= full
        self.tasks[number] = task._replace(state=JobState.WAITING, due=now + wait)

    def survive(self, taken: Collection[int], found: Mapping[int, Task], done: Mapping[int, int]) -> None:
        """A worker died, or another took its jobs: what it took is done, or still there; what it did not take is as it was."""
        for number, task in list(self.tasks.items()):
            if number in taken:
                self._survive(number, task, found, done)
        for number in self.done.keys() | done.keys():
            assert number in taken or done.get(number, 0) == self.done[number]
            self.done[number] = done.get(number, 0)

    def _survive(self, number: int, task: Task, found: Mapping[int, Task], done: Mapping[int, int]) -> None:
        now = found.get(number)
        if now is not None:
            assert now.attempts >= task.attempts - 1
            self.tasks[number] = now
            return
        replaced = any(other.key == task.key for other in found.values()) and task.key is not None
        assert done.get(number, 0) > self.done[number] or replaced, f"job {number} is gone and was never done"
        del self.tasks[number]
