"""The database as code above the ORM sees it: reading blocks, small commits, failures of the store told from our own."""

import sqlite3
import threading
import time

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction
from tests.waiting import PATIENCE

from peyvand.core import clock
from peyvand.core.db import StoreUnavailable, bulk_chunks, change_mark, is_sqlite, reading, store_failure
from peyvand.core.models import Schedule


def in_another_thread(act: object) -> None:
    """Run with a connection of its own, and wait for it."""

    def run() -> None:
        try:
            act()  # type: ignore[operator]
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(PATIENCE)
    assert not thread.is_alive()


def put_down(name: str) -> None:
    Schedule.objects.create(name=name, last_at=clock.now())


@pytest.mark.django_db(transaction=True)
class TestReading:
    def test_a_reading_block_sees_one_state_and_holds_no_writer_up(self) -> None:
        with reading():
            assert Schedule.objects.count() == 0
            in_another_thread(lambda: put_down("written meanwhile"))
            assert Schedule.objects.count() == 0
        assert Schedule.objects.count() == 1

    def test_a_reading_block_refuses_to_write(self) -> None:
        with pytest.raises(DatabaseError), reading():
            put_down("by mistake")
        put_down("afterwards")
        assert list(Schedule.objects.values_list("name", flat=True)) == ["afterwards"]

    def test_inside_a_transaction_it_adds_nothing(self) -> None:
        with transaction.atomic(), reading():
            put_down("inside")
        assert Schedule.objects.count() == 1

    def test_the_mark_changes_when_another_connection_commits(self) -> None:
        before = change_mark()
        assert change_mark() == before or not is_sqlite()
        in_another_thread(lambda: put_down("news"))
        assert change_mark() != before

    def test_two_threads_that_write_at_once_both_succeed(self) -> None:
        def many(prefix: str) -> None:
            for n in range(20):
                with transaction.atomic():
                    put_down(f"{prefix}{n}")

        other = threading.Thread(target=lambda: (many("a"), connection.close()))
        other.start()
        many("b")
        other.join(PATIENCE)
        assert Schedule.objects.count() == 40


class TestBulkChunks:
    def test_every_item_comes_once_in_order(self) -> None:
        pieces = list(bulk_chunks(range(1000), size=7))
        assert [item for piece in pieces for item in piece] == list(range(1000))

    def test_pieces_shrink_where_writing_is_slow_and_grow_where_it_is_quick(self) -> None:
        slow, quick = [], []
        for piece in bulk_chunks(range(300), size=100, seconds=0.01):
            slow.append(len(piece))
            time.sleep(0.0005 * len(piece))
        for piece in bulk_chunks(range(10_000), size=10, largest=800):
            quick.append(len(piece))
        assert max(slow[1:]) < 40
        assert max(quick) == 800


class TestStoreFailure:
    @pytest.mark.parametrize(
        "error",
        [
            OperationalError("database or disk is full"),
            sqlite3.OperationalError("disk I/O error"),
            OperationalError("attempt to write a readonly database"),
            OSError(28, "No space left on device"),
            psycopg.errors.DiskFull("could not extend file"),
            psycopg.errors.AdminShutdown("terminating connection due to administrator command"),
            psycopg.errors.TooManyConnections("sorry, too many clients already"),
            StoreUnavailable("lake"),
        ],
    )
    def test_a_store_that_fails_is_told(self, error: Exception) -> None:
        assert store_failure(error) is not None

    @pytest.mark.parametrize(
        "error",
        [
            ValueError("x"),
            IntegrityError("UNIQUE constraint failed"),
            OSError(2, "No such file"),
            psycopg.errors.SyntaxError("at or near"),
            psycopg.errors.QueryCanceled("canceling statement due to statement timeout"),
            sqlite3.OperationalError("no such table: x"),
        ],
    )
    def test_a_fault_of_ours_is_not_taken_for_it(self, error: Exception) -> None:
        assert store_failure(error) is None

    def test_the_cause_counts_however_deep(self) -> None:
        error = RuntimeError("could not write the page")
        error.__cause__ = LookupError()
        error.__cause__.__cause__ = OSError(28, "No space left on device")
        assert store_failure(error) is not None
