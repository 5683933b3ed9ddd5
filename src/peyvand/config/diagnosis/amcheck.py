"""Whether PostgreSQL's tables and indexes are sound, as its extension amcheck sees them. Called by `records`."""

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from django.db import DatabaseError, connection, transaction

from peyvand.config.diagnosis.findings import State

MOST_TOLD: Final = 5
DAMAGED: Final = ("XX", "58")  # classes of PostgreSQL's errors: a page or an index that is wrong, a file that cannot be read
TABLES: Final = "verify_heapam(regclass, boolean, boolean, text, bigint, bigint)"  # there since PostgreSQL 14
INDEXES: Final = "bt_index_check(regclass, boolean)"
SCHEMA: Final = "SELECT quote_ident(nspname) FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace WHERE extname = 'amcheck'"
MAY_CALL: Final = """
    SELECT bool_and(coalesce(has_function_privilege(to_regprocedure(one)::oid, 'EXECUTE'), false)) FROM unnest(%s::text[]) one
"""
OURS: Final = """
    SELECT c.oid, c.oid::regclass::text, a.amname = 'heap'
    FROM pg_class c JOIN pg_am a ON a.oid = c.relam LEFT JOIN pg_index i ON i.indexrelid = c.oid
    WHERE (a.amname = 'heap' OR a.amname = 'btree' AND c.relkind = 'i' AND i.indisvalid) AND coalesce(i.indrelid, c.oid) IN (
        SELECT unnest(ARRAY[oid, reltoastrelid]) FROM pg_class
        WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'm')
    )
    ORDER BY 2
"""
NOTHING: Final = "nothing was looked at: "


def damage() -> Iterator[tuple[State, str]]:
    """Every table and every index that is damaged, with what was found; a note where the extension is out of reach."""
    installed = _row(SCHEMA)
    if installed is None:
        yield "note", f"{NOTHING}that takes the extension amcheck. An administrator says `CREATE EXTENSION amcheck` in this database."
        return
    schema = installed[0]
    tables, indexes = f"{schema}.{TABLES}", f"{schema}.{INDEXES}"
    if not _row(MAY_CALL, [tables, indexes])[0]:
        grant = f"GRANT EXECUTE ON FUNCTION {tables}, {indexes} TO {_row('SELECT quote_ident(current_user)')[0]}"
        why_not = "this database's user may not call amcheck, or it is of a PostgreSQL before 14"
        yield "note", f"{NOTHING}{why_not}. An administrator says `ALTER EXTENSION amcheck UPDATE; {grant}`."
        return
    with connection.cursor() as cursor:
        cursor.execute(OURS)
        ours = cursor.fetchall()
    damaged = list(islice(_damaged(schema, ours), MOST_TOLD))
    yield from damaged or [("ok", f"{sum(row[2] for row in ours)} tables and {sum(not row[2] for row in ours)} indexes are sound")]


def _damaged(schema: str, ours: list[tuple[int, str, bool]]) -> Iterator[tuple[State, str]]:
    # An index is held against its table too: each row has to be in it.
    table = f"SELECT concat('block ', blkno, ': ', msg) FROM {schema}.verify_heapam(%s, on_error_stop => true, check_toast => true)"
    index = f"SELECT {schema}.bt_index_check(%s, true)"
    for number, name, is_table in ours:
        found = _found(table if is_table else index, number)
        if found and is_table:
            yield "fault", f"the table {name} is damaged: {found}. Restore the last backup."
        elif found:
            yield "fault", f"the index {name} is damaged: {found}. Look for the cause (disk, memory), then `REINDEX INDEX {name}`."


def _found(check: str, number: int) -> str:
    """What a check finds wrong; empty where all is well."""
    try:
        with transaction.atomic():
            row = _row(check, number)
    except DatabaseError as error:
        told: Any = error.__cause__
        if not str(getattr(told, "sqlstate", "")).startswith(DAMAGED):
            raise
        return str(told.diag.message_primary)
    return str(row[0]) if row else ""


def _row(statement: str, *values: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()
