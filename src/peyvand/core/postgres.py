"""Statements for PostgreSQL in one round trip, past the driver's cursors: those take longer to ask than the server to answer.

Called by core.bulk for what the hot path asks; all else goes through Django.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import connection

if TYPE_CHECKING:
    from psycopg.pq.abc import PGresult


def exchange(statements: Sequence[str]) -> list[bytes | None]:
    """Run statements together in the open transaction; gives the first row of what the last one found.

    Raises what a cursor of Django would raise.
    """
    from psycopg.pq import ExecStatus, TransactionStatus  # noqa: PLC0415 - the driver is not loaded where it is not used

    wrapper: Any = connection
    wrapper.ensure_connection()
    wrapper.validate_no_broken_transaction()
    wrapper.keep_wall()
    driver = connection.connection
    with connection.wrap_database_errors:
        if driver.pgconn.transaction_status == TransactionStatus.IDLE and not driver.autocommit:
            statements = ["BEGIN", *statements]
        result = driver.pgconn.exec_("; ".join(statements).encode())
        if result.status not in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
            raise _error(result)
    return [result.get_value(0, n) for n in range(result.nfields)] if result.ntuples else []


def filled(statement: str, values: Sequence[str | int | None]) -> str:
    """A statement with its values, each for one `%s`."""
    from psycopg.pq import Escaping  # noqa: PLC0415 - as above

    literal = Escaping(connection.connection.pgconn).escape_literal
    return statement % tuple(
        "NULL" if value is None else str(value) if isinstance(value, int) else bytes(literal(value.encode())).decode() for value in values
    )


def _error(result: "PGresult") -> Exception:
    from psycopg import OperationalError  # noqa: PLC0415 - as above
    from psycopg.errors import error_from_result  # noqa: PLC0415
    from psycopg.pq import ConnStatus  # noqa: PLC0415

    if connection.connection.pgconn.status == ConnStatus.BAD:
        return OperationalError("the connection to the database was lost")
    return error_from_result(result)
