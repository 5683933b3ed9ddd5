"""Django's SQLite backend behind the fair gate: every write of every process passes it before BEGIN IMMEDIATE."""

import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from django.db.backends.sqlite3 import base
from django.db.utils import OperationalError

from peyvand.core.sqlite.gate import Gate, GateTimeoutError

# A statement that may write begins with one of these; WITH counts only where a writing word follows.
WRITES: Final = re.compile(
    r"\s*(?:(?:INSERT|UPDATE|DELETE|REPLACE|CREATE|DROP|ALTER|VACUUM|REINDEX|ANALYZE)\b|WITH\b.*\b(?:INSERT|UPDATE|DELETE|REPLACE)\b)",
    re.IGNORECASE | re.DOTALL,
)


class GatedCursor(base.SQLiteCursorWrapper):
    """A cursor whose writes outside a transaction pass the gate by themselves."""

    owner: "DatabaseWrapper"
    _rows: Iterator[Any] | None = None

    def execute(self, query: str, params: Any = None) -> "GatedCursor":
        self._rows = None
        if not WRITES.match(query):
            super().execute(query, params)
        elif self.owner.connection.in_transaction:
            self.owner.check_writable(query)
            super().execute(query, params)
        else:
            with self.owner.gate_held():
                super().execute(query, params)
                self._keep_rows()
        return self

    def executemany(self, query: str, param_list: Iterable[Any]) -> "GatedCursor":
        self._rows = None
        if self.owner.connection.in_transaction:
            self.owner.check_writable(query)
            super().executemany(query, param_list)
        else:
            with self.owner.gate_held():
                super().executemany(query, param_list)
        return self

    def _keep_rows(self) -> None:
        # A RETURNING statement commits only when its last row was read: read them while the gate is ours.
        if self.description is not None:
            self._rows = iter(super().fetchall())

    def fetchone(self) -> Any:
        return super().fetchone() if self._rows is None else next(self._rows, None)

    def fetchmany(self, size: int | None = 1) -> list[Any]:
        if self._rows is None:
            return super().fetchmany(size)
        return [row for _, row in zip(range(size or self.arraysize), self._rows, strict=False)]

    def fetchall(self) -> list[Any]:
        return super().fetchall() if self._rows is None else list(self._rows)

    def __next__(self) -> Any:
        return super().__next__() if self._rows is None else next(self._rows)

    def __iter__(self) -> "GatedCursor":
        return self


class DatabaseWrapper(base.DatabaseWrapper):
    """One connection with its own place at the gate. A database in memory has no other process to queue with."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._gate: Gate | None = None
        self.reading = False
        self.pages_kept = 0  # in KB; 0: as many as the settings say
        self.calm = False  # whether this connection's writes are in no hurry

    def get_new_connection(self, conn_params: dict[str, Any]) -> sqlite3.Connection:
        connection: sqlite3.Connection = super().get_new_connection(conn_params)
        if self.pages_kept:
            connection.execute(f"PRAGMA cache_size=-{self.pages_kept:d}")
        if not self.is_in_memory_db():
            self._gate = Gate(Path(str(self.settings_dict["NAME"])), seconds=float(conn_params.get("timeout", 30)))
            if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                # Two processes that open a new file at once would both want it exclusively.
                with self._gate:
                    connection.execute("PRAGMA journal_mode=WAL").fetchone()
        return connection

    def create_cursor(self, name: str | None = None) -> GatedCursor:  # noqa: ARG002 - as Django's
        cursor: GatedCursor = self.connection.cursor(factory=GatedCursor)
        cursor.owner = self
        return cursor

    def check_writable(self, query: str) -> None:
        """Refuse a write in a transaction that promised to read only: it would pass by the gate."""
        if self.reading:
            raise sqlite3.OperationalError(f"A reading() block only reads; this would write: {query[:80]}")

    @contextmanager
    def gate_held(self) -> Iterator[None]:
        """Hold the gate around one statement outside a transaction."""
        self.enter_gate()
        try:
            yield
        finally:
            self.leave_gate()

    def gate_is_taken(self) -> bool:
        """Whether another connection writes now that is in a hurry."""
        return self._gate is not None and self._gate.is_taken()

    def enter_gate(self) -> None:
        if self._gate is not None and not self._gate.held:
            self._gate.calm = self.calm
            try:
                self._gate.enter()
            except GateTimeoutError as error:
                raise OperationalError(str(error)) from error

    def leave_gate(self) -> None:
        if self._gate is not None:
            self._gate.leave()

    def _start_transaction_under_autocommit(self) -> None:
        if self.reading:
            self.cursor().execute("BEGIN DEFERRED")
            return
        self.enter_gate()
        try:
            self.cursor().execute("BEGIN IMMEDIATE")
        except BaseException:
            self.leave_gate()
            raise

    def _commit(self) -> None:
        # When COMMIT itself fails (a full disk) the transaction is still open; the rollback that follows lets go.
        super()._commit()  # type: ignore[misc]
        self.leave_gate()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self.leave_gate()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            if self._gate is not None:
                self._gate.close()
                self._gate = None
