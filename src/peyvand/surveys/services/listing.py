"""Keeps the list of answers and the counts of what was sent in step with the timeline. Called by the surveys' subscriber."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from django.db import connection

from peyvand.catalogue.queries import term_names
from peyvand.core import bulk
from peyvand.core.fields import as_key, from_micros
from peyvand.core.masking import without_contacts
from peyvand.core.persian import joined_key
from peyvand.customers.scores import band
from peyvand.surveys.models import Answer
from peyvand.timeline.reading import AT, Page, Row

_decode = msgspec.json.Decoder().decode
COUNTED = {"survey.sent": "sent", "survey.declined": "declined"}
COLUMNS = bulk.Columns(
    "surveys_answer",
    (),
    (
        *("id", "workspace_id", "interaction_id", "identity_id", "occurred_at", "survey"),
        *("measure", "value", "low", "high", "band", "main"),
        *("has_words", "words", "search_key", "channel", "touchpoint", "stage", "branch", "batch"),
    ),
    (
        *("int8", "int8", "int8", "int8", "int8", "text"),
        *("text", "float8", "float8", "float8", "int2", "int2"),
        *("bool", "text", "text", "int4", "int4", "int4", "int4", "int8"),
    ),
)
Counts = dict[tuple[int, str, dt.date, int], list[int]]
ADD = """INSERT INTO surveys_surveycount (workspace_id, survey, day, batch, sent, declined) VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (workspace_id, survey, day, batch) DO UPDATE
SET sent = surveys_surveycount.sent + excluded.sent, declined = surveys_surveycount.declined + excluded.declined"""


def list_rows(page: Page) -> Callable[[], None]:
    """What new rows add to the list and the counts, as the function that writes it in the subscriber's transaction."""
    felt = page.felt
    measures = {measure: name.code for measure, name in term_names({p[1] for found in felt.values() for p in found}).items()}
    answers: list[Row] = []
    completed: list[tuple[int, int, str]] = []
    for row in page.rows:
        if not (found := [p for p in felt.get(row[0], ()) if p[2] is None]):
            continue
        properties = _properties(row)
        if (first := as_key(properties.get("completes"))) is not None:
            completed.append((row[AT["workspace_id"]], first, str(found[0][6] or "")))
        else:
            answers += _answers(row, found, measures, str(properties.get("survey") or "")[:40])
    counts = _counts(page.rows)

    def write() -> None:
        _insert(answers)
        for one in completed:
            _complete(*one)
        _add(counts)

    return write


def _insert(answers: Sequence[Row]) -> None:
    """Insert answers, but those listed already: a retried dead letter gives some again."""
    if not answers:
        return
    ids = [answer[0] for answer in answers]
    known = set(Answer.objects.filter(pk__gte=min(ids), pk__lte=max(ids)).values_list("pk", flat=True))
    bulk.insert(bulk.Part(COLUMNS, (), [answer for answer in answers if answer[0] not in known]))


def _properties(row: Row) -> dict[str, Any]:
    text = row[AT["properties"]]
    return dict(_decode(text)) if text else {}


def _answers(row: Row, felt: Sequence[Row], measures: dict[int, str], survey: str) -> list[Row]:
    """One answer a perception; all carry the words of the first that has some, since they were said about the whole."""
    words = next((str(p[6]) for p in felt if p[6]), "")
    key = _search_key(words)
    whose = (row[AT["workspace_id"]], row[0], row[AT["identity_id"]], row[AT["occurred_at"]], survey)
    where = tuple(row[AT[name]] for name in ("channel", "touchpoint", "stage", "branch", "batch"))
    found = []
    for n, (perception_id, measure, _item, value, low, high, _text, _sentiment) in enumerate(felt):
        code = measures.get(measure, "")[:40]
        judged = (code, value, low, high, band(code, value, low, high).value, int(n == 0))
        found.append((perception_id, *whose, *judged, bool(words), words, key, *where))
    return found


def _search_key(words: str) -> str:
    """What a search finds: the words without contacts, whoever searches, so that nobody can guess one digit by digit."""
    return joined_key(without_contacts(words))


def _complete(workspace_id: int, interaction: int, words: str) -> None:
    """Words that came after the score had been recorded belong to that answer."""
    if words:
        mine = Answer.objects.filter(workspace_id=workspace_id, interaction=interaction)
        mine.update(words=words, search_key=_search_key(words), has_words=True)


def _counts(rows: Sequence[Row]) -> Counts:
    names = term_names({row[AT["kind"]] for row in rows})
    counts: Counts = {}
    for row in rows:
        name = names.get(row[AT["kind"]])
        column = COUNTED.get(name.code) if name is not None else None
        if column is None:
            continue
        survey = str(_properties(row).get("survey") or "")[:40]
        key = (row[AT["workspace_id"]], survey, from_micros(row[AT["occurred_at"]]).date(), row[AT["batch"]] or 0)
        sent_declined = counts.setdefault(key, [0, 0])
        sent_declined[column == "declined"] += 1
    return counts


def _add(counts: Counts) -> None:
    if not counts:
        return
    with connection.cursor() as cursor:
        cursor.executemany(ADD, [(*key, *numbers) for key, numbers in counts.items()])
