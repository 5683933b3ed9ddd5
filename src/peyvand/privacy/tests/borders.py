"""The borders between two steps: after each commit, before each file that goes. At the n-th of them the process ends, or is said to."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from django.db import connection

WRITES = ("INSERT", "UPDATE", "DELETE", "VACUUM", "ALTER", "PRAGMA WAL")
FILES_GO = frozenset(("os.remove", "os.rmdir", "os.rename"))
_now: "list[Borders]" = []  # those of the block that runs: an audit hook stays for good


class Borders:
    """Counts borders, and at the n-th (None: at none) does what ends the process."""

    def __init__(self, last: int | None, end: Callable[[], Any]) -> None:
        self.count = 0
        self._last = last
        self._end = end

    def passed(self) -> None:
        self.count += 1
        if self.count == self._last:
            self._end()

    def statement(self, execute: Callable[..., Any], sql: str, parameters: Any, many: bool, context: Any) -> Any:
        """What Django calls around each statement: a write outside a transaction commits itself."""
        found = execute(sql, parameters, many, context)
        if not connection.in_atomic_block and sql.lstrip().upper().startswith(WRITES):
            self.passed()
        return found


@contextmanager
def ending_at(number: int | None, end: Callable[[], Any], *, files: bool = False) -> Iterator[Borders]:
    """In the block, `end` is called at the border of this number."""
    borders, commit = Borders(number, end), connection.commit

    def committed() -> None:
        commit()
        borders.passed()

    if files:
        if not _now:
            sys.addaudithook(_noted)
        _now.append(borders)
    with connection.execute_wrapper(borders.statement), mock.patch.object(connection, "commit", committed):
        yield borders


def _noted(event: str, _arguments: tuple[object, ...]) -> None:
    if event in FILES_GO:
        _now[-1].passed()
