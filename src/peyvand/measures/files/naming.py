"""Column names and group labels as people see them: tidied, found again however they are spelt. Called by every format."""

import datetime as dt
import math
from collections.abc import Sequence
from typing import Final

from peyvand.core.persian import joined_key
from peyvand.measures.files.errors import FileReadError

_LISTED: Final = 40


def tidy(name: object) -> str:
    """Return a column name without byte-order mark and surrounding blanks, "" for none."""
    return "" if name is None else str(name).replace("\ufeff", "").strip()


def find_columns(columns: Sequence[str], wanted: Sequence[str]) -> list[int]:
    """Return the places of the wanted columns.

    A name that stands nowhere letter for letter may differ in case, blanks, half-spaces and Arabic for Persian letters.
    Raises FileReadError for a name that is missing or stands for several columns.
    """
    return [_find_column(columns, name) for name in wanted]


def missing_columns(columns: Sequence[str], wanted: Sequence[str]) -> int:
    """Return how many of the wanted names stand for no column."""
    keys = {joined_key(name) for name in columns}
    return sum(joined_key(name) not in keys for name in wanted)


def label(value: object) -> str | None:
    """Return a group's value as text, None for a blank: a whole float without its point, a date without its midnight."""
    match value:
        case None:
            return None
        case bool():
            return str(value).lower()
        case float():
            return None if math.isnan(value) else f"{value:.0f}" if value.is_integer() else str(value)
        case dt.datetime():
            return str(value.date() if value.time() == dt.time.min else value)
    return str(value).strip() or None


def _find_column(columns: Sequence[str], wanted: str) -> int:
    places = [place for place, name in enumerate(columns) if name == tidy(wanted)]
    if not places:
        places = [place for place, name in enumerate(columns) if joined_key(name) == joined_key(wanted)]
    if len(places) == 1:
        return places[0]
    if places:
        raise FileReadError(f"{len(places)} columns are called '{wanted}': rename all but one")
    named = [name for name in columns if name]
    more = f" and {len(named) - _LISTED} more" if len(named) > _LISTED else ""
    raise FileReadError(f"no column '{wanted}'; the file has: {', '.join(named[:_LISTED])}{more}")
