"""Writing PostgreSQL's tables of people anew, so that no byte of a deleted row stays in their files. Called by `peyvand erase-person`."""

from typing import Any, Final, NamedTuple

from django.db import connection
from django.db.utils import OperationalError

from peyvand.privacy.models import Erasure
from peyvand.privacy.services.wiping import FREED, Busy, tables_of_people

STATISTICS: Final = "pg_statistic"  # the planner's: it quotes values of every column
SIZES: Final = "SELECT name, pg_total_relation_size(quote_ident(name)::regclass) FROM unnest(%s::text[]) AS name ORDER BY 2, 1"
OLDER: Final = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
    "AND backend_type = 'client backend' AND age(backend_xmin) > age(%s::xid)"
)


class Table(NamedTuple):
    """A table by its name and size in bytes, with indexes and what is kept beside it."""

    name: str
    size: int


def tables() -> list[Table]:
    """Every table in which an erasure changes rows, and what the planner keeps of them; the smallest first."""
    return _sizes([*tables_of_people(), STATISTICS])


def latest_change() -> str:
    """The transaction after all that ended until now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::xid::text")
        return str(cursor.fetchone()[0])


def rewrite(table: Table, since: str) -> Table:
    """Write one anew, locked meanwhile: it needs as much room again. Raises Busy where others hold it too long, or still read the state
    before a transaction: what they may see would stay in the new file. Outside any transaction.
    """
    wrapper: Any = connection
    with wrapper.cursor() as cursor:
        cursor.execute(OLDER, [since])
        if cursor.fetchone()[0]:
            raise Busy("Somebody still reads an older state of the database.")
        try:
            cursor.execute(f"VACUUM (FULL, ANALYZE) {connection.ops.quote_name(table.name)}")
        except OperationalError as error:
            raise Busy(f"{table.name}: {error}") from error
    return _sizes([table.name])[0]


def note_rewritten(erasure: Erasure) -> None:
    """Keep that freed room holds nothing of them any more."""
    erasure.left = [code for code in erasure.left if code != FREED]
    erasure.save(update_fields=["left"])


def _sizes(names: list[str]) -> list[Table]:
    with connection.cursor() as cursor:
        cursor.execute(SIZES, [names])
        return [Table(*row) for row in cursor.fetchall()]
