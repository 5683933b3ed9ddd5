"""Playing a history on the real spine and on the model side by side, comparing after each step; and shortening one that fails."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import singledispatchmethod
from typing import Any
from unittest import mock

from django.db import connection, transaction

from peyvand.catalogue import queries as catalogue_queries
from peyvand.catalogue import services as catalogue
from peyvand.core import clock, jobs, work
from peyvand.core.models import Job, JobState
from peyvand.identities import services as identities
from peyvand.identities.models import Customer, Identity, LinkConflict, SharedValue
from peyvand.identities.queries import standing_merge
from peyvand.privacy.models import Erasure
from peyvand.privacy.services import erasing
from peyvand.timeline import subscriptions
from peyvand.timeline.models import Batch, DeadLetter, Era
from peyvand.timeline.services import batches, record_many, redacting
from peyvand.timeline.tests.conftest import make_workspace
from peyvand.timeline.tests.settling import settle
from peyvand.timeline.types import CustomerIn, IdentityIn, Item
from peyvand.workspaces.models import User
from tests.emptying import empty
from tests.replay import steps as s
from tests.replay import store
from tests.replay.dying import mortal
from tests.replay.model import Queue, Said, Task, Timeline, key_of
from tests.replay.people import Pair

BEGIN = datetime(2026, 6, 15, 9, 30, tzinfo=UTC)
CHUNK, TRIES, FAILURES = 3, 3, 3  # smaller than in earnest, so that a short history meets each limit
MANY = 10_000
CAN_BE_SHARED = ("phone", "email")


class Play:
    """One history under way."""

    def __init__(self, time: clock.Frozen) -> None:
        self.time = time
        self.workspace = make_workspace()
        self.actor = User.objects.create(email="alice@example.com")
        self.timeline, self.queue = Timeline(), Queue()
        self.sent: list[tuple[tuple[s.Spec, ...], int | None]] = []
        self.put_down = 0
        self.nested = False

    # Each way: the real thing, by a process that may die; then the model, told what came of it.

    @singledispatchmethod
    def take(self, step: s.Step) -> None:
        """Take one step."""
        raise TypeError(f"a history knows no such step: {step!r}")

    @take.register
    def _(self, step: s.Record) -> None:
        opened = [pk for pk, state in Batch.objects.values_list("pk", "state") if state == Batch.State.OPEN]
        batch = opened[-1] if step.batched and opened else None
        self.sent.append((step.items, batch))
        self._record(step.items, batch, step.dies_at)

    @take.register
    def _(self, step: s.Again) -> None:
        if self.sent:
            items, batch = self.sent[step.pick % len(self.sent)]
            still = batch if Batch.objects.filter(pk=batch, state=Batch.State.OPEN).exists() else None
            self._record(items, still, step.dies_at)

    def _record(self, specs: Sequence[s.Spec], batch: int | None, dies_at: int | None) -> None:
        outcomes: list[Any] = []
        with mortal(dies_at) as life, transaction.atomic():
            outcomes = record_many(self.workspace.pk, [_item(spec) for spec in specs], batch=batch)
        if not life.died:
            said = [Said(one.status.value, one.interaction_id, one.customer_id, one.reason) for one in outcomes]
            self.timeline.record(specs, said, batch, clock.now())

    @take.register
    def _(self, step: s.Open) -> None:
        with mortal(step.dies_at):
            batch = batches.open_batch(workspace=self.workspace, label="a file")
            self.timeline.batches[batch.pk] = clock.now()

    @take.register
    def _(self, step: s.Undo) -> None:
        found = Batch.objects.filter(state__in=(Batch.State.OPEN, Batch.State.DONE)).order_by("pk")
        if (batch := _picked(found, step.pick)) is not None:
            with mortal(step.dies_at):
                batches.undo_batch(batch=batch)

    @take.register
    def _(self, step: s.Remove) -> None:
        batch = _picked(Batch.objects.filter(state=Batch.State.UNDOING).order_by("pk"), step.pick)
        if batch is None:
            return
        Batch.objects.filter(pk=batch.pk).update(out_of_lake=True)  # there is no lake in a history
        with mortal(step.dies_at):
            for _touched in batches.remove_undone(batch=batch):
                pass
        self.timeline.remove(batch.pk, set(store.rows()), CHUNK)

    @take.register
    def _(self, step: s.Read) -> None:
        settle()
        before = store.places()
        with mortal(step.dies_at) as life:
            subscriptions.run_once()
        after = store.places()
        resting = subscriptions._resting.keys()
        stuck = [reader for reader in after if after[reader] == before[reader] and self.timeline.unread(reader) and reader not in resting]
        assert life.died or not stuck
        self.timeline.read(after)

    @take.register
    def _(self, step: s.Health) -> None:
        self.timeline.sick = step.sick

    @take.register
    def _(self, step: s.Retry) -> None:
        letter = _picked(DeadLetter.objects.filter(settled_at=None).order_by("pk"), step.pick)
        if letter is None:
            return
        worked: bool | None = None
        with mortal(step.dies_at):
            worked = subscriptions.retry(letter, actor=self.actor)
        assert worked in (None, not self.timeline.sick)
        if worked:
            self.timeline.affect(letter.subscription, letter.interaction_id)
            self.timeline.letters[letter.subscription, letter.interaction_id] = "retried"

    @take.register
    def _(self, step: s.Decide) -> None:
        if step.how == "split":
            self._split(step)
        elif (pair := _picked(LinkConflict.objects.order_by("pk"), step.pick)) is not None:
            self._decide(pair, step)

    def _decide(self, pair: LinkConflict, step: s.Decide) -> None:
        merge, worked = standing_merge(pair), False
        if step.how == "back" and merge is None:
            return
        acts: dict[str, Callable[[], object]] = {
            "same": lambda: identities.same_person(conflict=pair, actor=self.actor),
            "apart": lambda: identities.keep_apart(conflict=pair, actor=self.actor),
            "back": lambda: merge and identities.move_back(merge=merge, actor=self.actor),
        }
        with mortal(step.dies_at) as life, suppress(identities.IdentityError):
            acts[step.how]()
            worked = True
        if not life.died:
            people = self.timeline.people
            assert {"same": people.same, "apart": people.apart, "back": people.back}[step.how](_pair(pair)) in (worked, None)

    def _split(self, step: s.Decide) -> None:
        identity = _picked(Identity.objects.order_by("pk"), step.pick)
        if identity is None:
            return
        other = None
        alone = sum(owner == identity.customer_id for owner in self.timeline.people.owner.values()) == 1
        with mortal(step.dies_at) as life:
            try:
                other = identities.split_off(identity=identity, actor=self.actor)
            except identities.IdentityError:
                assert alone or identity.customer_id in self.timeline.people.leaving
        if other is not None and not life.died:
            self.timeline.people.split((identity.type, identity.value), other.pk, clock.now())

    @take.register
    def _(self, step: s.Share) -> None:
        places = [place for place, (kind, _value) in enumerate(s.PEOPLE) if kind in CAN_BE_SHARED]
        name, value = s.PEOPLE[places[step.pick % len(places)]]
        shared = self.timeline.people.shared
        with mortal(step.dies_at) as life:
            if not step.back:
                identities.share(workspace=self.workspace, type_name=name, value=value, actor=self.actor)
            elif (row := _picked(SharedValue.objects.filter(state=SharedValue.State.SHARED).order_by("pk"), step.pick)) is not None:
                identities.make_personal(shared=row, actor=self.actor)
                shared.discard((row.type, row.value))
        if not life.died and not step.back:
            self.timeline.people.share(key_of(s.PEOPLE.index((name, value))))

    @take.register
    def _(self, step: s.Erase) -> None:
        customer = _picked(Customer.objects.filter(merged_into=None).order_by("pk"), step.pick)
        if customer is None:
            return
        with mortal(step.dies_at) as life, transaction.atomic():
            erasure = erasing.erase(customer=customer, actor=self.actor)
            jobs.cancel(name=erasing.ERASE, key=str(erasure.pk))  # the history goes on with it by itself
        if not life.died:
            self.timeline.people.leave(customer.pk)

    @take.register
    def _(self, step: s.Forget) -> None:
        erasure = _picked(Erasure.objects.filter(state=Erasure.State.ASKED).order_by("pk"), step.pick)
        if erasure is None:
            return
        with mortal(step.dies_at):
            erasing.carry_on(erasure.pk, lake=False)
        left = [number for number, (_external, identity, _batch) in store.rows().items() if identity]
        self.timeline.part(erasure.customer, left, {*store.pairs(), *store.shared()}, store.leaving(), CHUNK)

    @take.register
    def _(self, step: s.Enqueue) -> None:
        self.put_down += 1
        number, due = self.put_down, clock.now() + timedelta(seconds=step.after)
        name = "nobody" if step.how == "unheard of" else "do"
        with mortal(step.dies_at) as life, transaction.atomic():
            jobs.enqueue(name=name, payload={"n": number, "how": step.how}, key=step.key, run_at=due)
        if not life.died:
            self.queue.enqueue(number, Task(step.how, step.key, JobState.WAITING, due, 0))

    @take.register
    def _(self, step: s.Work) -> None:
        now, taken = clock.now(), self.queue.due(clock.now(), step.limit)
        slow = any(self.queue.tasks[number].how == "slow" for number in taken)
        with mortal(step.dies_at) as life:
            assert work.work("here", limit=step.limit) == len(taken)
        if life.died or slow:
            self.queue.survive(self.queue.due(clock.now(), MANY), store.tasks(), store.done())
        else:
            self.queue.work(taken, store.tasks(), now)

    def act(self, payload: dict[str, Any]) -> None:
        """What a job of a history does."""
        if payload["how"] == "fails":
            raise ValueError("no such address")
        if payload["how"] == "later":
            raise jobs.Later(clock.now() + timedelta(hours=1))
        store.note_done(payload["n"])
        if payload["how"] == "slow" and not self.nested:
            self.nested = True
            self.time.advance(jobs.LEASE + timedelta(seconds=1))
            work.work("there", limit=2)  # another worker takes what seems to be nobody's
            self.nested = False

    @take.register
    def _(self, step: s.Cancel) -> None:
        with mortal(step.dies_at) as life:
            jobs.cancel(name="do", key=step.key)
        if not life.died:
            waiting = [n for n, task in self.queue.tasks.items() if (task.key, task.state) == (step.key, JobState.WAITING)]
            for number in waiting:
                del self.queue.tasks[number]

    @take.register
    def _(self, step: s.RetryJob) -> None:
        job = _picked(Job.objects.filter(state=JobState.DEAD).order_by("pk"), step.pick)
        if job is None:
            return
        with mortal(step.dies_at) as life:
            jobs.retry(job.pk)
        if not life.died:
            self._tried_again(job.payload["n"])

    def _tried_again(self, number: int) -> None:
        task = self.queue.tasks.pop(number)
        twin = any((other.key, other.state) == (task.key, JobState.WAITING) for other in self.queue.tasks.values())
        if task.key is None or not twin:
            self.queue.tasks[number] = task._replace(state=JobState.WAITING, due=clock.now(), attempts=0)

    @take.register
    def _(self, step: s.Pass) -> None:
        self.time.advance(timedelta(seconds=step.seconds))

    @take.register
    def _(self, step: s.Jump) -> None:
        self.time.jump(timedelta(seconds=step.seconds))

    def compare(self) -> None:
        """The store says what the model says."""
        timeline, people, queue = self.timeline, self.timeline.people, self.queue
        owners = store.owners()
        keys = {identity: key for identity, (key, _owner) in owners.items()}
        rows = {n: (external, keys[identity] if identity else None, batch) for n, (external, identity, batch) in store.rows().items()}
        assert rows == {n: (row.external, row.key, row.batch) for n, row in timeline.rows.items()}
        assert dict(owners.values()) == people.owner
        assert store.merged() == people.merged
        assert store.leaving() == people.leaving
        assert store.shared() == people.shared
        assert store.homes() == people.home
        assert store.pairs() == {pair: (how, people.seen[pair]) for pair, how in people.pairs.items()}
        assert store.places() == timeline.places
        assert store.effects() == timeline.effects
        assert store.letters() == timeline.letters
        assert store.tasks() == queue.tasks
        assert store.done() == queue.done

    def finish(self) -> None:
        """Let all that is left happen: everything that was read had one effect, and every job was done."""
        self.take(s.Health(sick=False))
        while any(map(self.timeline.unread, self.timeline.places)):
            self.take(s.Pass(seconds=70))
            self.take(s.Read())
        while self.timeline.people.leaving:
            self.take(s.Forget())
        while "" in self.timeline.letters.values():
            self.take(s.Retry())
        while left := [task for task in self.queue.tasks.values() if task.state != JobState.DEAD and task.how != "later"]:
            self.take(s.Pass(seconds=60 * len(left)))
            self.take(s.Work(limit=MANY))
        self.compare()
        assert set(self.timeline.effects.values()) <= {1}
        wanted = {(reader, n) for reader, kinds in store.WANTED.items() for n, row in self.timeline.rows.items() if row.kind in kinds}
        assert wanted - self.timeline.dropped <= {(effect.reader, effect.interaction) for effect in self.timeline.effects}


def _picked(rows: Any, pick: int) -> Any:
    found = list(rows)
    return found[pick % len(found)] if found else None


def _pair(pair: LinkConflict) -> Pair:
    return pair.kept_id, pair.other_id, (pair.other_type, pair.other_value)


def _item(spec: s.Spec) -> Item:
    who = [IdentityIn(*s.PEOPLE[place]) for place in spec.who]
    return Item(
        kind=s.KINDS[spec.kind],
        occurred_at=clock.now(),
        source=s.SOURCES[spec.source],
        branch=s.BRANCHES[spec.branch],
        employee=s.POISON if spec.poison else "",
        external_id=None if spec.external is None else str(spec.external),
        customer=CustomerIn(identities=who) if who else None,
    )


@contextmanager
def _stage(seed: int) -> Iterator[Play]:
    """A new workspace with readers and jobs of its own, on a stopped clock; gone afterwards."""
    with ExitStack() as stack:
        time = stack.enter_context(clock.frozen(BEGIN, seed=seed, tokens=True))
        stack.callback(_forget)
        Era.objects.get_or_create(number=1)
        play = Play(time)
        found = store.readers(lambda: play.timeline.sick)
        registry = jobs.Registry(acts={"do": play.act})
        for where, name, value in (
            (subscriptions, "subscribers", lambda: found),
            (subscriptions, "_resting", {}),
            (subscriptions, "MOST_FAILURES", FAILURES),
            (batches, "CHUNK", CHUNK),
            (redacting, "CHUNK", CHUNK),
            (erasing, "wipe", lambda _person: True),  # a history has no files: neither that of the database
            (erasing, "_note", lambda _erasure: None),  # nor that of erasures beside it
            (jobs, "TRIES", TRIES),
            (jobs, "registry", lambda: registry),
        ):
            stack.enter_context(mock.patch.object(where, name, value))
        yield play


def _forget() -> None:
    connection.close()
    store.empty_tables()
    empty("default")
    catalogue.forget_known()
    catalogue_queries.forget_names()


def play(history: Sequence[s.Step], seed: int) -> None:
    """Play a history to its end; raises where the store and the model differ."""
    with _stage(seed) as stage:
        stage.compare()
        for step in history:
            stage.take(step)
            stage.compare()
        stage.finish()


def fault_in(history: Sequence[s.Step], seed: int) -> Exception | None:
    """What goes wrong in a history, if anything does."""
    try:
        play(history, seed)
    except Exception as error:  # noqa: BLE001 - whatever it is, the history is shortened and shown
        return error
    return None


def shortened(history: Sequence[s.Step], seed: int) -> list[s.Step]:
    """A history that fails, without the steps it fails without too."""
    left, size = list(history), max(1, len(history) // 2)
    while size:
        start = 0
        while start < len(left):
            shorter = left[:start] + left[start + size :]
            if fault_in(shorter, seed) is not None:
                left = shorter
            else:
                start += size
        size //= 2
    return left
