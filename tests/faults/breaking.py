"""A store that refuses the n-th write, as a full disk or a lost connection would, and all that stands in it, to be compared."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from unittest import mock

from django.apps import apps
from django.db import OperationalError, connection

from peyvand.core import bulk

WRITES = ("INSERT", "UPDATE", "DELETE", "WITH")  # what begins with WITH writes too, where we write it
Rows = dict[str, list[tuple[Any, ...]]]


class BrokenError(OperationalError):
    """The store refused a write."""


class Writes:
    """Counts writes; the n-th is refused, before it reaches the database."""

    def __init__(self, refused: int | None) -> None:
        self.count = 0
        self._refused = refused

    def note(self) -> None:
        self.count += 1
        if self.count == self._refused:
            raise BrokenError(f"write {self.count} was refused")

    def statement(self, execute: Callable[..., Any], sql: str, parameters: Any, many: bool, context: Any) -> Any:
        """What Django calls around each statement."""
        if sql.lstrip().upper().startswith(WRITES):
            self.note()
        return execute(sql, parameters, many, context)


@contextmanager
def refusing(number: int | None) -> Iterator[Writes]:
    """In the block, the write of this number is refused; None refuses none."""
    writes, insert = Writes(number), bulk.insert

    def noted(*parts: bulk.Part) -> None:
        for part in parts:  # one table after the other, past Django
            if part.rows:
                writes.note()
                insert(part)

    with connection.execute_wrapper(writes.statement), mock.patch.object(bulk, "insert", noted):
        yield writes


def everything() -> Rows:
    """Every row of every table of ours, in order; not what was sealed, which is never sealed twice alike."""
    return {label: _asked(question) for label, question in _questions().items()}


def _asked(question: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(question)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


@cache
def _questions() -> dict[str, str]:
    """What asks for all rows of a table. Asked thousands of times, so Django, which takes longer over it than the database, writes none."""
    quote, found = connection.ops.quote_name, {}
    for model in apps.get_models():
        if model._meta.managed and not model._meta.proxy:
            columns = [quote(field.column) for field in model._meta.concrete_fields if field.attname != "sealed"]
            table, key = quote(model._meta.db_table), quote(model._meta.pk.column)
            found[model._meta.label] = f"SELECT {', '.join(columns)} FROM {table} ORDER BY {key}"
    return found


def differing(one: Rows, other: Rows) -> str:
    """In which rows two states differ, in words; nothing where they do not."""
    told = [
        (label, [row for row in one[label] if row not in other[label]], [row for row in other[label] if row not in one[label]])
        for label in one
    ]
    return "; ".join(f"{label}: {mine} instead of {theirs}" for label, mine, theirs in told if mine or theirs)


def counted(rows: Rows) -> dict[str, int]:
    """How many rows each table has: PostgreSQL gives no number twice, so that after a fault rows have other ones."""
    return {label: len(found) for label, found in rows.items()}
