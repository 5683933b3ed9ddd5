"""Empties the database after a test that committed, at the cost of what the test wrote. Put in Django's place by conftest.py."""

from functools import cache

from django.db import connections, transaction
from django.test import TransactionTestCase

# Laid by Django itself and written by no test. Django's own flush empties them too and makes every permission anew, 0.1 s each time.
KEPT = {"auth_permission", "django_content_type"}


def empty(alias: str) -> None:
    """Delete every row of ours, only where there are rows, in one transaction; sequences go on, as after Django's flush.

    Relations are checked at the end of the transaction, so the order of the tables is free.
    """
    connection = connections[alias]
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        asked = (f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {quote(table)})" for table in _tables(alias))
        cursor.execute(" UNION ALL ".join(asked))
        written = [table for (table,) in cursor.fetchall()]
        with transaction.atomic(alias):
            for table in written:
                cursor.execute(f"DELETE FROM {quote(table)}")


@cache
def _tables(alias: str) -> list[str]:
    return sorted(set(connections[alias].introspection.django_table_names()) - KEPT)


def empty_after(test: TransactionTestCase) -> None:
    """What stands for TransactionTestCase._fixture_teardown."""
    for alias in test._databases_names(include_mirrors=False):
        empty(alias)
