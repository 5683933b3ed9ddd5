"""Reads of terms that many layers need: codes and labels of integers, stages of touchpoints, declared kinds."""

import json
from collections.abc import Collection
from typing import Final, NamedTuple

from django.db import connection, transaction

from peyvand.catalogue.defaults import usual_names
from peyvand.catalogue.models import Term
from peyvand.catalogue.types import Dimension

# Asked whenever something is recorded, so it is said to the database as it stands.
PLACED: Final = """SELECT id, dimension, code, parent_id, details FROM catalogue_term
WHERE workspace_id = %s AND ((dimension = %s AND NOT archived) OR (dimension = %s AND parent_id IS NOT NULL))"""


class TermName(NamedTuple):
    """What an integer stands for; both never change once a term exists."""

    dimension: str
    code: str


_names: dict[int, TermName] = {}


def term_names(ids: Collection[int]) -> dict[int, TermName]:
    """The dimension and code of each integer; unknown integers are left out. Remembered by this process."""
    names = {term_id: _names[term_id] for term_id in ids if term_id in _names}
    missing = [term_id for term_id in ids if term_id not in names]
    if not missing:
        return names
    fresh: dict[int, TermName] = {}
    for start in range(0, len(missing), 500):
        rows = Term.objects.filter(pk__in=missing[start : start + 500]).values_list("id", "dimension", "code")
        fresh |= {term_id: TermName(dimension, code) for term_id, dimension, code in rows}
    # Not before the commit: SQLite gives the integer of a term that was rolled back to the next one.
    transaction.on_commit(lambda: _names.update(fresh))
    return names | fresh


def forget_names() -> None:
    """Drop what this process remembers; between tests and after a restore, when integers may start again."""
    _names.clear()


def placed_terms(workspace_id: int) -> tuple[dict[str, dict[str, str]], dict[int, int]]:
    """What recording must know of a workspace's terms: the kinds it declared with their fields, and each touchpoint's stage."""
    own_kinds: dict[str, dict[str, str]] = {}
    stages: dict[int, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(PLACED, [workspace_id, Dimension.KIND, Dimension.TOUCHPOINT])
        for term_id, dimension, code, parent, text in cursor.fetchall():
            if dimension != Dimension.KIND:
                stages[term_id] = parent
            elif (details := json.loads(text)).get("declared") is True:
                own_kinds[code] = details.get("fields") or {}
    return own_kinds, stages


def terms_of(workspace_id: int, dimension: str) -> list[Term]:
    """The terms of a dimension that people choose from: neither merged away nor archived, in their order."""
    return list(
        Term.objects.filter(workspace_id=workspace_id, dimension=dimension, merged_into=None, archived=False)
        .select_related("parent")
        .order_by("position", "code")
    )


def usual_label(dimension: str, code: str) -> str:
    """What a term that this workspace has not met yet will be called, in the reader's language."""
    return Term(dimension=dimension, code=code, names=usual_names(dimension, code)).label
