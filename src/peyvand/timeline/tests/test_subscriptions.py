"""Subscriptions: in order, once, with the place beside the effect; what fails is put aside and the rest goes on."""

import datetime as dt
import threading
import time

import pytest
from django.db import OperationalError, connection, transaction

from peyvand.core import clock
from peyvand.core.db import StoreUnavailable
from peyvand.timeline import reading, subscriptions, watching
from peyvand.timeline.models import DeadLetter, Era, Interaction, Place
from peyvand.timeline.reading import Position, read_after
from peyvand.timeline.services import raise_era, record, record_many, settle_letter
from peyvand.timeline.subscriptions import Subscriber, advance, keep_up, retry, run_once
from peyvand.timeline.tests.conftest import make_item, make_workspace
from peyvand.timeline.tests.settling import settle
from peyvand.timeline.types import PerceptionIn
from peyvand.workspaces.models import AuditEntry


class Reader:
    """A subscription that keeps what it was given; `bad` external ids make it fail."""

    def __init__(self, name="reader", bad=(), **options):
        self.seen: list[str] = []
        self.bad = set(bad)
        self.subscriber = Subscriber(name=name, react=self.react, **options)

    def react(self, events):
        for event in events:
            if event.external_id in self.bad:
                raise ValueError(f"cannot bear {event.external_id}")
        self.seen += [event.external_id for event in events]

    def read_all(self):
        while advance(self.subscriber):
            pass
        return self.seen


def fill(workspace, count, *, start=0, **fields):
    record_many(workspace.pk, [make_item(source="shop", external_id=str(n), **fields) for n in range(start, start + count)])
    if not connection.in_atomic_block:
        settle()


def numbers(count):
    return [str(n) for n in range(count)]


# On PostgreSQL nothing is read that an open transaction could still slip in front of, so these tests commit.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def workspace(transactional_db):
    Era.objects.get_or_create(number=1)  # the migration's row goes with each flush
    return make_workspace()


def test_everything_is_read_once_and_in_order(workspace):
    fill(workspace, 25)
    reader = Reader(batch=10)
    assert [advance(reader.subscriber) for _ in range(4)] == [10, 10, 5, 0]
    assert reader.seen == numbers(25)
    fill(workspace, 5, start=25)
    assert reader.read_all() == numbers(30)


def test_only_the_wanted_kinds_are_given_but_the_place_moves_on(workspace):
    fill(workspace, 3)
    record(workspace.pk, make_item(kind="review.written", source="shop", external_id="r", perceptions=[PerceptionIn("rating", 4.0)]))
    settle()
    reader = Reader(kinds=frozenset({"review.written"}))
    assert reader.read_all() == ["r"]
    assert Place.objects.get(name="reader").interaction_id == Interaction.objects.order_by("-pk").first().pk


def test_the_place_is_kept_only_with_the_effect(workspace):
    fill(workspace, 3)
    reader = Reader()

    def fails(events):
        Place.objects.create(name="an effect")
        raise OperationalError("database is locked")

    with pytest.raises(OperationalError):
        advance(Subscriber(name="reader", react=fails))
    assert Place.objects.get(name="reader").interaction_id == 0
    assert not Place.objects.filter(name="an effect").exists()
    assert reader.read_all() == numbers(3)


def test_a_store_that_is_gone_is_no_fault_of_an_interaction(workspace):
    fill(workspace, 2)

    def fails(events):
        raise StoreUnavailable("The disk is full.")

    with pytest.raises(StoreUnavailable):
        advance(Subscriber(name="reader", react=fails))
    assert not DeadLetter.objects.exists()


def test_a_poison_row_is_put_aside_and_the_rest_goes_on(workspace):
    fill(workspace, 12)
    reader = Reader(bad={"5", "7"}, batch=10)
    assert reader.read_all() == [n for n in numbers(12) if n not in {"5", "7"}]
    letters = DeadLetter.objects.order_by("interaction_id")
    assert [Interaction.objects.get(pk=letter.interaction_id).external_id for letter in letters] == ["5", "7"]
    assert all(letter.workspace_id == workspace.pk and "cannot bear" in letter.error for letter in letters)


def test_a_dead_letter_quotes_nobody(workspace):
    fill(workspace, 1)

    def fails(events):
        raise ValueError("duplicate key\nDETAIL:  Key (value)=(sara@mail.example) already exists.")

    advance(Subscriber(name="reader", react=fails))
    said, where = DeadLetter.objects.get().error.split("\n")
    assert said == "ValueError: duplicate key"
    assert where.startswith("fails (test_subscriptions.py:")


def test_a_dead_letter_can_be_tried_again(workspace, monkeypatch):
    fill(workspace, 3)
    reader = Reader(bad={"1"})
    reader.read_all()
    monkeypatch.setattr(subscriptions, "subscribers", lambda: {"reader": reader.subscriber})
    letter = DeadLetter.objects.get()
    assert not retry(letter, actor=None)
    assert (DeadLetter.objects.get().attempts, DeadLetter.objects.get().settled_at) == (2, None)
    reader.bad.clear()
    assert retry(letter, actor=None)
    assert reader.seen == ["0", "2", "1"]
    assert DeadLetter.objects.get().settled_how == "retried"


def test_two_who_try_a_dead_letter_again_make_one_effect(workspace, monkeypatch):
    fill(workspace, 1)
    reader = Reader(bad={"0"})
    reader.read_all()
    monkeypatch.setattr(subscriptions, "subscribers", lambda: {"reader": reader.subscriber})
    reader.bad.clear()
    letter = DeadLetter.objects.get()
    assert [retry(letter, actor=None), retry(letter, actor=None)] == [True, True]
    assert reader.seen == ["0"]
    assert AuditEntry.objects.filter(action="letter.retried").count() == 1
    assert not settle_letter(letter=letter, actor=None, how="dismissed")
    assert DeadLetter.objects.get().settled_how == "retried"


def test_subscriptions_abreast_commit_together(workspace, monkeypatch):
    one, other = Reader("one"), Reader("other", kinds=frozenset({"order.placed"}))
    monkeypatch.setattr(subscriptions, "subscribers", lambda: {"one": one.subscriber, "other": other.subscriber})
    fill(workspace, 7)
    while run_once():
        pass
    assert one.seen == other.seen == numbers(7)
    assert run_once() == 0


def test_how_far_each_is_behind_is_counted_up_to_a_bound(workspace, monkeypatch):
    one, other = Reader("one", batch=5), Reader("other")
    monkeypatch.setattr(watching, "subscribers", lambda: {"one": one.subscriber, "other": other.subscriber})
    fill(workspace, 7)
    advance(one.subscriber)
    assert {wait.name: wait.count for wait in watching.waits()} == {"one": 2, "other": 7}
    monkeypatch.setattr(watching, "MOST_BEHIND", 3)
    assert {wait.name: wait.count for wait in watching.waits()} == {"one": 2, "other": 3}
    while advance(one.subscriber):
        pass
    assert {wait.name: wait.count for wait in watching.waits()} == {"one": 0, "other": 3}


def test_one_that_is_behind_alone_is_told_to_go_on(workspace, monkeypatch):
    ahead, behind = Reader("ahead"), Reader("behind", batch=5)
    fill(workspace, 12)
    ahead.read_all()
    monkeypatch.setattr(subscriptions, "subscribers", lambda: {"ahead": ahead.subscriber, "behind": behind.subscriber})
    assert [keep_up(), keep_up(), keep_up(), keep_up()] == [True, True, False, False]
    assert behind.seen == numbers(12)


@pytest.mark.parametrize(("seconds", "rests"), [(9, [False]), (11, [True]), (29, [True]), (31, [])])
def test_the_later_reactions_are_the_less_they_give_way(workspace, monkeypatch, seconds, rests):
    slow, told = Reader("slow", batch=2), []
    monkeypatch.setattr(subscriptions, "subscribers", lambda: {"slow": slow.subscriber, "failing": Reader("failing").subscriber})
    monkeypatch.setattr(subscriptions, "give_way", lambda _worked, *, late: told.append(late))
    monkeypatch.setitem(subscriptions._resting, "failing", subscriptions.Rest(60.0, clock.monotonic() + 60.0))
    began = clock.now()
    with clock.frozen(began):
        fill(workspace, 2)
    with clock.frozen(began + dt.timedelta(seconds=100)):
        fill(workspace, 3, start=2)
    with clock.frozen(began + dt.timedelta(seconds=100 + seconds)):
        assert keep_up(), "the second batch waits so many seconds; one that rests after failures makes nobody late"
    assert (told, slow.seen) == (rests, numbers(2))


def test_who_has_read_everything_is_not_late(workspace, monkeypatch):
    reader, told = Reader("quick"), []
    monkeypatch.setattr(subscriptions, "subscribers", lambda: {"quick": reader.subscriber})
    monkeypatch.setattr(subscriptions, "give_way", lambda _worked, *, late: told.append(late))
    with clock.frozen(clock.now() - dt.timedelta(hours=1)):
        fill(workspace, 2)
    assert not keep_up()
    assert told == [False]


def test_one_that_fails_holds_up_nobody_beside_it(workspace, monkeypatch):
    good, bad = Reader("good"), Reader("bad", bad={"3"})
    monkeypatch.setattr(subscriptions, "subscribers", lambda: {"good": good.subscriber, "bad": bad.subscriber})
    fill(workspace, 6)
    while run_once():
        pass
    # `good` was rolled back with `bad` at first: what it did in memory came twice, what it wrote came once.
    assert good.seen[-6:] == numbers(6)
    assert bad.seen == ["0", "1", "2", "4", "5"]
    assert [letter.subscription for letter in DeadLetter.objects.all()] == ["bad"]


def test_one_that_fails_on_everything_rests_instead_of_flooding(workspace, monkeypatch):
    good, bad = Reader("good"), Reader("bad", bad=set(numbers(9)))
    monkeypatch.setattr(subscriptions, "subscribers", lambda: {"good": good.subscriber, "bad": bad.subscriber})
    monkeypatch.setattr(subscriptions, "MOST_FAILURES", 3)
    monkeypatch.setattr(subscriptions, "_resting", {})
    fill(workspace, 12)
    while run_once():
        pass
    assert good.seen[-12:] == numbers(12)
    assert DeadLetter.objects.count() == 3
    for letters in (6, 9, 9):  # a rest later it tries on; the tenth works, and with it the rest is over
        for rest in subscriptions._resting.values():
            rest.until = 0.0
        while run_once():
            pass
        assert DeadLetter.objects.count() == letters
    assert bad.seen == ["9", "10", "11"]
    assert subscriptions._resting == {}


def test_a_subscription_that_came_later_reads_from_the_start(workspace, monkeypatch):
    old, new = Reader("old"), Reader("new")
    monkeypatch.setattr(subscriptions, "subscribers", lambda: {"old": old.subscriber})
    fill(workspace, 4)
    while run_once():
        pass
    monkeypatch.setattr(subscriptions, "subscribers", lambda: {"old": old.subscriber, "new": new.subscriber})
    fill(workspace, 2, start=4)
    while run_once():
        pass
    assert old.seen == new.seen == numbers(6)


def test_two_workers_give_each_interaction_to_one_of_them(workspace):
    fill(workspace, 200)
    written: list = []

    def work():
        def react(events):
            time.sleep(0.001)
            written.extend(event.external_id for event in events)

        try:
            idle = 0
            while idle < 3:
                idle = 0 if advance(Subscriber(name="reader", react=react, batch=20)) else idle + 1
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert written == numbers(200)


def test_who_fails_behind_another_worker_moves_nothing_back(workspace):
    """One worker stands at a poison row while another puts it aside and goes on: each interaction still has one effect."""
    fill(workspace, 3)
    written: list = []

    def react(events):
        for event in events:
            if event.external_id == "0":
                raise ValueError("poison")
            written.append(event.external_id)

    def overtaken(_page):
        if not written:
            advance(Subscriber(name="reader", react=react, batch=20))
        raise ValueError("poison")

    assert not advance(Subscriber(name="reader", plan=overtaken, batch=20))
    while advance(Subscriber(name="reader", react=react, batch=20)):
        pass
    assert written == numbers(3)[1:]
    assert DeadLetter.objects.count() == 1


def follow(read, done):
    """Read on and on until `done`, and once more to the end."""
    position = Position()
    while True:
        ended = done.is_set()
        page = read_after(position, 7)
        read.extend(row[0] for row in page.rows)
        position = page.positions[-1] if page.rows else position
        if ended and not page.rows:
            connection.close()
            return


def write_slowly(workspace, writer):
    chance = clock.random(writer)
    for turn in range(25):
        with transaction.atomic():
            fill(workspace, 3, start=1000 * writer + 3 * turn, who=f"w{writer}-{turn}")
            time.sleep(chance.random() * 0.01)  # ids are taken long before they are committed
    connection.close()


def test_a_reader_beside_concurrent_writers_loses_none(workspace):
    fill(workspace, 1)  # the terms are there
    done, read = threading.Event(), []
    reader = threading.Thread(target=follow, args=(read, done))
    writers = [threading.Thread(target=write_slowly, args=(workspace, n)) for n in range(1, 5)]
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    settle()
    done.set()
    reader.join()
    assert len(read) == len(set(read)) == 301
    assert set(read) == set(Interaction.objects.values_list("pk", flat=True))


@pytest.mark.parametrize("limit", [1, 4, 5, 7, 10, 11, 100])
def test_a_page_is_the_same_in_however_many_pieces_it_is_read(workspace, monkeypatch, limit):
    fill(workspace, 10)
    whole = read_after(Position(), limit)
    monkeypatch.setattr(reading, "PIECE", 5)
    found = read_after(Position(), limit)
    assert (found.rows, found.positions) == (whole.rows, whole.positions)
    assert len(found.rows) == min(limit, 10)
    assert read_after(found.positions[-1], 100).rows == read_after(Position(), 100).rows[limit:]


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer and needs no eras")
def test_a_restore_begins_an_era_in_which_what_is_older_can_be_read(workspace):
    fill(workspace, 3)
    with connection.cursor() as cursor:  # as after a dump into a new cluster: transaction ids far above the present
        cursor.execute("UPDATE timeline_interaction SET xid = '9000000000'")
    reader = Reader()
    assert reader.read_all() == []  # and in this era they would never be read
    try:
        assert raise_era() == 2
        fill(workspace, 2, start=3)
        assert reader.read_all() == numbers(5)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE timeline_interaction ALTER COLUMN era SET DEFAULT 1")
