"""The single answers under a figure, newest first, by keyset: the drill-down of every figure. Called by the desk."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from peyvand.core.fields import from_micros
from peyvand.identities.models import Identity
from peyvand.insights.counting import Count, remembered
from peyvand.insights.shapes import sql_of
from peyvand.insights.terms import Named, named

PAGE: Final = 50
LAST_INTEGER: Final = 2**63 - 1
_TERMS: Final = ("kind", "channel", "touchpoint", "branch", "product", "measure", "item")


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer: who gave it (None: nobody in particular), on what interaction, its score and words.

    `terms` gives the label of each column that says something, `codes` its code.
    """

    id: int
    interaction: int
    at: dt.datetime
    customer_id: int | None
    name: str
    measure: str
    value: float | None
    low: float | None
    high: float | None
    text: str
    subject: str
    terms: Mapping[str, str]
    codes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AnswersPage:
    """Some answers and the place after the last of them; None at the end."""

    answers: Sequence[Answered]
    following: tuple[int, int] | None


def answers_page(count: Count, after: tuple[int, int] | None = None, size: int = PAGE) -> AnswersPage:
    """The answers a count counts, no more and no fewer, after a place (microseconds, id)."""
    variables = count.variables()
    if not variables["measures"]:
        return AnswersPage([], None)
    at, last = after or (LAST_INTEGER, LAST_INTEGER)
    sql = sql_of("listed_sql", replace(count, keys=()).shape(rows=True), size + 1)
    rows = remembered(sql, {**variables, "after_at": at, "after_id": last}, {"perceptions": count.months()})
    shown = [dict(zip(_COLUMNS, row, strict=True)) for row in rows[:size]]
    following = (shown[-1]["at"], shown[-1]["id"]) if len(rows) > size else None
    return AnswersPage(_named(count, shown), following)


_COLUMNS: Final = (
    "id", "interaction", "identity", "kind", "channel", "touchpoint", "branch", "product", "measure", "item", "value", "low", "high",
    "text", "subject_type", "subject_id", "at",
)  # fmt: skip


def _named(count: Count, rows: Iterable[Mapping[str, Any]]) -> list[Answered]:
    listed = list(rows)
    terms = named(count.workspace.pk, {row[name] for row in listed for name in (*_TERMS, "subject_type")} - {None})
    people = _people({row["identity"] for row in listed} - {None})
    return [_answered(row, terms, people) for row in listed]


def _people(identities: set[int]) -> dict[int, tuple[int, str]]:
    rows = Identity.objects.filter(pk__in=identities).values_list("id", "customer_id", "customer__name")
    return {identity: (customer, name) for identity, customer, name in rows}


def _answered(row: Mapping[str, Any], terms: Mapping[int, Named], people: Mapping[int, tuple[int, str]]) -> Answered:
    customer, name = people.get(row["identity"], (None, ""))
    subject = terms.get(row["subject_type"])
    return Answered(
        id=row["id"],
        interaction=row["interaction"],
        at=from_micros(row["at"]),
        customer_id=customer,
        name=name,
        measure=terms[row["measure"]].code,
        value=row["value"],
        low=row["low"],
        high=row["high"],
        text=row["text"] or "",
        subject=f"{subject.label} {row['subject_id']}" if subject and row["subject_id"] else "",
        terms={name: terms[row[name]].label for name in _TERMS if row[name] in terms},
        codes={name: terms[row[name]].code for name in _TERMS if row[name] in terms},
    )
