"""How the database goes about what it is asked: which large tables a statement reads from end to end."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.db import connection

LARGE: Final = frozenset(
    "timeline_interaction timeline_perception identities_identity identities_customer customers_profile customers_searchentry "
    "customers_consent customers_stagemove customers_membership surveys_answer surveys_invitation surveys_response cases_case "
    "cases_caseevent channels_outgoing tasks_task webhooks_telling".split()
)
ASKS: Final = ("SELECT", "UPDATE", "DELETE", "WITH")
NEWEST: Final = re.compile(r"ORDER BY \S+ (ASC|DESC) LIMIT 1$")  # ends at the first row it comes to
WHOLE: Final = re.compile(r"^SELECT COUNT\(.*SUM\(.*identities_identity")  # by this a snapshot, written whole, knows that it changed


@contextmanager
def read_whole() -> Iterator[set[tuple[str, str]]]:
    """In the block, collects (table, statement) where a large table is read from end to end although indexes would be used for nothing."""
    found: set[tuple[str, str]] = set()
    explained: set[str] = set()

    def look(execute: Callable[..., Any], sql: str, parameters: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().upper().startswith(ASKS) and sql not in explained and not NEWEST.search(sql) and not WHOLE.search(sql):
            explained.add(sql)
            for one in [parameters] if not many else list(parameters)[:1]:
                found.update((table, sql) for table in _read_whole(sql, one))
        return execute(sql, parameters, many, context)

    with _without_seqscan(), connection.execute_wrapper(look):
        yield found


@contextmanager
def _without_seqscan() -> Iterator[None]:
    """PostgreSQL reads small tables from end to end by choice; told to avoid it, it does so only where it knows no other way."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
    try:
        yield
    finally:
        connection.close()


def _read_whole(sql: str, parameters: Any) -> set[str]:
    prefix = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
    with connection.cursor() as cursor:
        rows = _explained(cursor, prefix + sql, parameters)
    if connection.vendor == "sqlite":
        scanned = {str(row[-1]).split()[1] for row in rows if str(row[-1]).startswith("SCAN ")}
    else:
        scanned = {name for row in rows for name in re.findall(r"Seq Scan on (\w+)", row[0])}
    return {table for table in LARGE if table in scanned or any(_is_called(table, alias, sql) for alias in scanned)}


def _explained(cursor: Any, sql: str, parameters: Any) -> list[tuple[Any, ...]]:
    """Past the wrappers, which would explain it again."""
    wrappers, connection.execute_wrappers = connection.execute_wrappers, []
    try:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())
    finally:
        connection.execute_wrappers = wrappers


def _is_called(table: str, alias: str, sql: str) -> bool:
    return re.search(rf'\b{table}"?\s+(?:AS\s+)?"?{re.escape(alias)}\b', sql) is not None
