"""Every way from an interaction to a person: rows of the database and the lake are joined where they hold the same number or moment.

References are numbers, whether they are foreign keys, plain integers or stand in JSON; so keys are given that belong to one row alone.
"""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any, Final

from django.apps import apps
from django.db import connection, models
from django.db.models import Max

from peyvand.core.fields import to_micros
from peyvand.timeline.lake import places
from peyvand.workspaces.models import AuditEntry

SHARED: Final = {"workspaces", "catalogue", "privacy"}  # apps whose rows are of everybody, but for the audit trail
SHARED_TABLES: Final = {
    "customers_company",  # no person: what was done for one stays a fact about it
    "surveys_survey",
    "surveys_askrule",
    "surveys_surveycount",
    "webhooks_endpoint",
    "timeline_lakeflush",
    "timeline_place",
}
PERSONS: Final = ("identities_customer", "identities_identity")
FIRST: Final = 30_000
KEY: Final = re.compile(r"(?<![\w.])[3-9]\d{4}(?![\w.])")
MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\.\d{6}")
Row = tuple[str, frozenset[object]]  # the table, and what the row may be joined by


def spread_keys() -> None:
    """Let every table count on from a number of its own, so that a number says of which row it is the key."""
    counted = [model for model in _ours() if isinstance(model._meta.pk, models.AutoField)]
    for n, model in enumerate(counted):
        count_from(model, max(FIRST + 1_000 * n, model._default_manager.aggregate(last=Max("pk"))["last"] or 0))
    connection.close()  # with the integers it took along


def count_from(model: type[models.Model], last: int) -> None:
    """Let a table count on as if this had been the last key it gave; not below one that it has."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, last])
        else:
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, last])


def persons_from(*keys: int) -> set[str]:
    """The tables of persons that are reached from these keys, each with the tables on the way there."""
    rows, found = list(_rows()), set()
    reached: set[object] = set(keys)
    ways: dict[object, str] = dict.fromkeys(keys, "")
    waiting = rows
    while True:
        near = [row for row in waiting if not reached.isdisjoint(row[1])]
        if not near:
            return found
        waiting = [row for row in waiting if reached.isdisjoint(row[1])]
        for table, joined in near:
            way = next(ways[one] for one in joined if one in ways)
            if table in PERSONS:
                found.add(f"{way} > {table}")
            for one in joined - ways.keys():
                ways[one] = f"{way} > {table}"
        reached |= ways.keys()


def _ours() -> list[type[models.Model]]:
    ours = [model for model in apps.get_models() if model.__module__.startswith("peyvand.") and model._meta.db_table not in SHARED_TABLES]
    return [model for model in ours if model is AuditEntry or model._meta.app_label not in SHARED]


def _rows() -> Iterator[Row]:
    with connection.cursor() as cursor:
        for model in _ours():
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
            for row in cursor.fetchall():
                yield model._meta.db_table, frozenset(_joined(row))
    for table in (places.INTERACTIONS, places.PERCEPTIONS):
        for told in places.open_table(table).to_pyarrow_table().to_pylist():
            yield f"lake {table}", frozenset(_joined(told.values()))


def _joined(cells: Any) -> Iterator[object]:
    """Keys and moments that a row holds; a moment as text, which no key is."""
    for cell in cells:
        text = str(cell)
        yield from map(int, KEY.findall(text))
        if isinstance(cell, dt.datetime):
            yield f"at {to_micros(cell if cell.tzinfo else cell.replace(tzinfo=dt.UTC))}"
        elif isinstance(cell, int) and cell > 10**15:
            yield f"at {cell}"
        elif isinstance(cell, str):
            for moment in MOMENT.findall(cell):
                yield f"at {to_micros(dt.datetime.fromisoformat(moment).replace(tzinfo=dt.UTC))}"
