"""PostgreSQL's tables and indexes, held by doctor against what amcheck finds in them: sound, damaged, or not looked at."""

import pytest
from django.db import DatabaseError, connection, transaction

from peyvand.config.diagnosis import amcheck, records
from peyvand.core.db import is_sqlite

pytestmark = pytest.mark.django_db
DAMAGED = (
    "CREATE FUNCTION shown(n int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN n; END'",
    "CREATE TABLE damaged (n int)",
    "INSERT INTO damaged SELECT generate_series(1, 9)",
    "CREATE INDEX damaged_n ON damaged (shown(n))",
)
# The index holds what the function said before, as after a change of the system's collations; nothing else is touched by it.
WRONG_INDEX = "CREATE OR REPLACE FUNCTION shown(n int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN n + 100; END'"
# The table says that it holds no row as old as those it holds.
WRONG_TABLE = """
    UPDATE pg_class SET relfrozenxid = (SELECT max(xmin::text::bigint) + 1 FROM damaged)::text::xid WHERE oid = 'damaged'::regclass
"""


def say(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.fixture
def postgresql() -> None:
    if is_sqlite():
        pytest.skip("amcheck is PostgreSQL's")


@pytest.fixture
def installed(postgresql: None) -> None:
    try:
        with transaction.atomic():
            say("CREATE EXTENSION amcheck")  # it goes with the transaction of the test
    except DatabaseError as error:
        pytest.skip(f"amcheck cannot be installed here: {error}")


def test_without_the_extension_nothing_is_called_sound(postgresql: None) -> None:
    ((state, words),) = records.integrity()
    assert (state, "CREATE EXTENSION amcheck" in words) == ("note", True)


def test_every_table_and_every_index_is_looked_at(installed: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()")
        (tables,) = cursor.fetchone()
    ((state, words),) = records.integrity()
    assert state == "ok"
    assert int(words.split()[0]) >= tables > 50
    assert int(words.split()[3]) > tables, words


def test_an_index_that_lacks_a_row_is_a_fault(installed: None) -> None:
    say(*DAMAGED)
    assert [state for state, _words in records.integrity()] == ["ok"]
    say(WRONG_INDEX)
    ((state, words),) = records.integrity()
    assert state == "fault"
    assert words.startswith("the index damaged_n is damaged: ")
    assert "lacks matching index tuple" in words
    assert words.endswith("then `REINDEX INDEX damaged_n`.")
    say("REINDEX INDEX damaged_n")
    assert [state for state, _words in records.integrity()] == ["ok"]


def test_a_table_that_is_not_what_it_says_is_a_fault(installed: None) -> None:
    say(*DAMAGED, WRONG_TABLE)
    ((state, words),) = records.integrity()
    assert state == "fault"
    assert words.startswith("the table damaged is damaged: block 0: xmin ")
    assert words.endswith("Restore the last backup.")


def test_where_much_is_damaged_some_of_it_is_told(installed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(amcheck, "MOST_TOLD", 1)
    say(*DAMAGED, WRONG_INDEX, WRONG_TABLE)
    assert [state for state, _words in records.integrity()] == ["fault"]


def test_a_user_who_may_not_call_it_is_told_how(installed: None) -> None:
    say("CREATE ROLE peyvand_test_nobody", "SET LOCAL ROLE peyvand_test_nobody")
    ((state, words),) = records.integrity()
    say("RESET ROLE")
    assert state == "note"
    assert words.endswith("bt_index_check(regclass, boolean) TO peyvand_test_nobody`.")
