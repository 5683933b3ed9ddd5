"""One round trip past the driver's cursors: in Django's transaction, with Django's errors."""

import psycopg
import pytest
from django.db import DatabaseError, DataError, IntegrityError, OperationalError, connection, transaction
from django.db.transaction import TransactionManagementError
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus

from peyvand.core import clock
from peyvand.core.db import is_sqlite, store_failure
from peyvand.core.models import Schedule
from peyvand.core.postgres import exchange, filled

INSERT = "INSERT INTO core_schedule (name, last_at) VALUES (%s, now())"


@pytest.fixture(autouse=True)
def _postgres_alone(db):
    if is_sqlite():
        pytest.skip("only PostgreSQL is asked past the driver's cursors; the suite's run on PostgreSQL has these")


@pytest.mark.parametrize("text", ["", "it's", 'a "name"', r"back\slash", "100% ; -- %s", "گل‌ها\u2028😀", "line\nbreak"])
def test_values_arrive_as_they_were_given(text):
    assert exchange([filled("SELECT %s, %s::bigint, %s::text", (text, -(2**60), None))]) == [text.encode(), str(-(2**60)).encode(), None]


def test_nothing_found_is_an_empty_row():
    assert exchange(["SELECT 1 WHERE false"]) == []


@pytest.mark.django_db(transaction=True)
def test_it_begins_the_transaction_that_django_ends():
    with transaction.atomic():
        exchange([filled(INSERT, ("rolled back",))])
        transaction.set_rollback(True)
    with transaction.atomic():
        exchange([filled(INSERT, ("kept",)), "SELECT 1"])
    exchange([filled(INSERT, ("alone",))])  # outside of a transaction each is its own
    assert set(Schedule.objects.values_list("name", flat=True)) == {"kept", "alone"}


@pytest.mark.django_db(transaction=True)
def test_it_raises_what_a_cursor_would():
    Schedule.objects.create(name="taken", last_at=clock.now())
    with pytest.raises(IntegrityError) as taken, transaction.atomic():
        exchange(["SELECT 1", filled(INSERT, ("taken",))])
    assert getattr(taken.value.__cause__, "sqlstate", "") == "23505"
    with pytest.raises(DataError), transaction.atomic():
        exchange([filled("SELECT %s::int", ("no number",))])
    with transaction.atomic():
        transaction.set_rollback(True)
        with pytest.raises(TransactionManagementError):
            exchange(["SELECT 1"])


@pytest.mark.django_db(transaction=True)
def test_a_lost_connection_is_a_store_that_cannot_be_reached():
    with pytest.raises(OperationalError) as lost, transaction.atomic():
        exchange(["SELECT pg_terminate_backend(pg_backend_pid())"])
    assert store_failure(lost.value) is not None
    connection.close()
    assert exchange(["SELECT 1"]) == [b"1"]


def test_a_connection_that_breaks_within_an_answer_is_a_store_that_cannot_be_reached():
    connection.ensure_connection()
    broken = connection.connection.pgconn.make_empty_result(ExecStatus.FATAL_ERROR)  # what libpq makes of it: no state, no words
    error = DatabaseError()
    error.__cause__ = error_from_result(broken)
    assert type(error.__cause__) is psycopg.DatabaseError
    assert store_failure(error) is not None
