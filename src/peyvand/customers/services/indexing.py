"""Bringing the search index of SQLite up to date with profiles. PostgreSQL keeps its own."""

from typing import Final

from django.db import connection, transaction

from peyvand.core import clock
from peyvand.core.db import is_sqlite
from peyvand.core.giving_way import commit_without_sync, give_way

A_TURN: Final = 200  # about 20 ms: others want to write too
TURNS: Final = 5
PENDING: Final = (
    "SELECT n.customer_id, n.old_search, n.old_contact, p.search_key, p.contact_key FROM customers_search_pending n "
    "LEFT JOIN customers_searchentry p ON p.profile_id = n.customer_id ORDER BY n.customer_id LIMIT %s"
)
_TAKE_OUT: Final = "INSERT INTO customers_search (customers_search, rowid, search_key, contact_key) VALUES ('delete', %s, %s, %s)"
_PUT_IN: Final = "INSERT INTO customers_search (rowid, search_key, contact_key) VALUES (%s, %s, %s)"


def index_round() -> None:
    """Index at most a thousand customers, then rest; whoever is not indexed yet is found by reading.

    A power failure takes the index back together with the list of who waits, so no commit need wait for the disk.
    """
    if not is_sqlite():
        return
    commit_without_sync()
    for _turn in range(TURNS):
        began = clock.monotonic()
        if index_some(A_TURN) < A_TURN:
            return
        give_way(clock.monotonic() - began)


def index_some(most: int) -> int:
    """Index so many of those who wait, in one transaction; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM customers_search_pending)")
        if not cursor.fetchone()[0]:
            return 0
        with transaction.atomic():
            cursor.execute(PENDING, [most])
            rows = cursor.fetchall()
            cursor.executemany(_TAKE_OUT, [row[:3] for row in rows if row[1] is not None])
            cursor.executemany(_PUT_IN, [(row[0], *row[3:]) for row in rows if row[3] is not None])
            cursor.executemany("DELETE FROM customers_search_pending WHERE customer_id = %s", [(row[0],) for row in rows])
    return len(rows)
