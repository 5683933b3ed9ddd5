"""Model fields: moments as integer microseconds since 1970 UTC, and keys that we number ourselves."""

import datetime as dt
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
LAST_KEY = 2**63 - 1


def to_micros(at: dt.datetime) -> int:
    """Microseconds since 1970 UTC of an aware datetime."""
    since = at - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def from_micros(micros: int) -> dt.datetime:
    """The aware UTC datetime of microseconds since 1970."""
    return EPOCH + dt.timedelta(microseconds=micros)


def as_key(value: object) -> int | None:
    """What somebody outside says is the number of a row: None for anything that no row can have, which no database is asked for."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LAST_KEY else None


class InstantField(models.BigIntegerField):  # type: ignore[type-arg]
    """An aware datetime stored in eight bytes, the same on SQLite and PostgreSQL, so bulk writers need no conversion."""

    def from_db_value(self, value: int | None, *_args: Any) -> dt.datetime | None:
        return None if value is None else from_micros(value)

    def to_python(self, value: Any) -> Any:
        return from_micros(value) if isinstance(value, int) else value

    def get_prep_value(self, value: Any) -> int | None:
        if isinstance(value, dt.datetime):
            return to_micros(value)
        return None if value is None else int(value)


class KeyField(models.BigIntegerField):  # type: ignore[type-arg]
    """An integer primary key that its writer gives; on SQLite the row's own number, where Django's would cost an index beside it."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        return "integer" if connection.vendor == "sqlite" else super().db_type(connection)
