"""The PostgreSQL backend: Django's, which changes the wall of a connection before the first query that needs another one.

Nothing is asked where the wall stands already, so a page costs one round trip more, and what never goes inside costs none.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.db.backends.postgresql import base

from peyvand.core.walls import SETTING, present

UNKNOWN: Final = -1  # after a rollback: PostgreSQL took back what was set in the transaction


@contextmanager
def _outside(driver: Any) -> Iterator[None]:
    """Ask before a transaction that is about to begin: its isolation level is set before its first query."""
    from psycopg.pq import TransactionStatus  # noqa: PLC0415 - as Django, which loads the driver late

    begins = not driver.autocommit and driver.pgconn.transaction_status == TransactionStatus.IDLE
    if begins:
        driver.autocommit = True
    try:
        yield
    finally:
        if begins:
            driver.autocommit = False


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's connection, with the wall that stands in it now."""

    wall: int | None = None
    moved = False  # within the present transaction
    role = ""  # of whoever stands inside; empty where no walls stand
    looked = False

    def init_connection_state(self) -> None:
        super().init_connection_state()
        self.wall, self.moved, self.looked = None, False, False

    def keep_wall(self) -> None:
        """Let this connection see what its thread may see; called before every statement."""
        wanted = present()
        if self.wall == wanted:
            return
        from psycopg.pq import ExecStatus, TransactionStatus  # noqa: PLC0415 - as Django, which loads the driver late

        driver = self.connection
        if driver is None or driver.pgconn.transaction_status == TransactionStatus.INERROR:
            return  # nothing but the end of the transaction is possible, and that takes the wall back anyway
        if not self._stands(driver):
            return
        set_role = f"SET ROLE {self.role}; SET {SETTING} = '{wanted:d}'" if wanted is not None else f"RESET ROLE; SET {SETTING} = ''"
        result = driver.pgconn.exec_(set_role.encode())
        if result.status != ExecStatus.COMMAND_OK:
            from psycopg.errors import error_from_result  # noqa: PLC0415

            self.wall = UNKNOWN
            with self.wrap_database_errors:
                raise error_from_result(result)
        self.wall = wanted
        self.moved = self.moved or driver.pgconn.transaction_status == TransactionStatus.INTRANS

    def _stands(self, driver: Any) -> bool:
        """Whether the walls can be entered by this connection, which asks once, before it stands anywhere."""
        if not self.looked:
            from peyvand.core.raising import look, quoted, tell_once  # noqa: PLC0415 - models, which ask for a connection themselves

            with self.wrap_database_errors, _outside(driver):
                found = look(driver)
            if found.why_not:
                tell_once(found.why_not)
            self.role, self.looked = "" if found.why_not else quoted(found.role), True
        return bool(self.role)

    def create_cursor(self, name: str | None = None) -> Any:
        self.keep_wall()
        return super().create_cursor(name)

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]  # the stubs do not know these three
        self.moved = False

    def _rollback(self) -> None:
        super()._rollback()  # type: ignore[misc]
        self._forget_where_it_stands()
        self.moved = False

    def _savepoint_rollback(self, sid: str) -> None:
        super()._savepoint_rollback(sid)  # type: ignore[misc]
        self._forget_where_it_stands()

    def _forget_where_it_stands(self) -> None:
        """A rollback takes back what was set in the transaction; what was set before it stays."""
        if self.moved:
            self.wall = UNKNOWN
