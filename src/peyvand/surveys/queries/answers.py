"""The list of answers: filtered, searched in words by Persian rules, counted, paged by keyset. Called by its page and its export."""

import datetime as dt
import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from django.core.cache import cache
from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.db.models.expressions import RawSQL

from peyvand.core import walls
from peyvand.core.cells import no_formula
from peyvand.core.fields import from_micros, to_micros
from peyvand.core.ids import read_token, sign_token
from peyvand.core.persian import search_terms
from peyvand.customers.types import Band
from peyvand.measures import MEASURES, Estimate, Scores
from peyvand.surveys.models import Answer
from peyvand.timeline.models import Batch

PAGE: Final = 40
GRAM: Final = 3
MOST_CANDIDATES: Final = 200_000
PURPOSE: Final = "answers"
KEPT_SECONDS: Final = 60
DIMENSIONS: Final = ("channel", "touchpoint", "stage", "branch")


class Cursor(NamedTuple):
    """A place in the list, and which way to read from there."""

    at: dt.datetime
    answer_id: int
    back: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which answers are asked for; dimensions by Term integer, `until` is the first moment no longer wanted.

    With `measure`, every score of that measure counts; without, the main answer of each interaction.
    """

    workspace_id: int
    band: Band | None = None
    survey: str = ""
    measure: str = ""
    channel: int | None = None
    touchpoint: int | None = None
    stage: int | None = None
    branch: int | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    with_words: bool = False
    text: str = ""


class Page(NamedTuple):
    """Answers, newest first, and the cursors beside them; empty where there is none."""

    answers: Sequence[Answer]
    previous: str = ""
    following: str = ""


def matching(wanted: Wanted) -> QuerySet[Answer]:
    """Every answer that is asked for, in no order."""
    narrow: dict[str, object] = {name: term for name in DIMENSIONS if (term := getattr(wanted, name)) is not None}
    narrow |= {"measure": wanted.measure} if wanted.measure else {"main": 1}
    if wanted.measure in MEASURES:
        narrow["value__isnull"] = False
    if wanted.band is not None:
        narrow["band"] = wanted.band.value
    if wanted.survey:
        narrow["survey"] = wanted.survey
    if wanted.with_words:
        narrow["has_words"] = True
    if wanted.since is not None:
        narrow["occurred_at__gte"] = wanted.since
    if wanted.until is not None:
        narrow["occurred_at__lt"] = wanted.until
    found = Answer.objects.filter(workspace_id=wanted.workspace_id, **narrow)
    if undone := _undone(wanted.workspace_id):
        found = found.exclude(batch__in=undone)
    return found.filter(_saying(wanted.text)) if wanted.text.strip() else found


def _undone(workspace_id: int) -> list[int]:
    states = (Batch.State.UNDOING, Batch.State.UNDONE)
    return list(Batch.objects.filter(workspace_id=workspace_id, state__in=states).values_list("pk", flat=True))


def _saying(text: str) -> Q:
    """Every word of the search must occur; on SQLite the trigram index narrows first, PostgreSQL's is used by itself."""
    terms = search_terms(text[:200])
    if not terms:
        return Q(pk__in=[])
    found = Q()
    for term in terms:
        found &= Q(search_key__contains=term)
    grams = list(dict.fromkeys(term[n : n + GRAM] for term in terms for n in range(len(term) - GRAM + 1)))[:24]
    if connection.vendor == "sqlite" and grams:
        asked = " AND ".join('"' + gram.replace('"', '""') + '"' for gram in grams)
        rows = RawSQL("SELECT rowid FROM surveys_search WHERE surveys_search MATCH %s LIMIT %s", [asked, MOST_CANDIDATES])
        found &= Q(pk__in=rows)
    return found


def page_of(wanted: Wanted, cursor: Cursor | None = None, size: int = PAGE) -> Page:
    """One page, the newest first."""
    found = matching(wanted)
    back = cursor is not None and cursor.back
    if cursor is not None:
        found = found.filter(_beyond(cursor))
    order = ("occurred_at", "id") if back else ("-occurred_at", "-id")
    rows = _met(found.order_by(*order)[: size + 1], wanted)
    more, rows = len(rows) > size, rows[:size]
    if back:
        rows.reverse()
    if not rows:
        return Page([])
    earlier = more if back else cursor is not None
    later = True if back else more
    return Page(rows, cursor_text(rows[0], back=True) if earlier else "", cursor_text(rows[-1]) if later else "")


def _met(found: QuerySet[Answer], wanted: Wanted) -> list[Answer]:
    """Those found, with their customers. Behind a wall PostgreSQL looks no words up by an index: which they are is asked outside."""
    if not wanted.text.strip():
        return list(found.select_related("identity__customer"))
    with walls.across():
        keys = list(found.values_list("pk", flat=True))
    answers = Answer.objects.select_related("identity__customer").in_bulk(keys)
    return [answers[key] for key in keys if key in answers]


def _beyond(cursor: Cursor) -> Q:
    if cursor.back:
        return Q(occurred_at__gte=cursor.at) & (Q(occurred_at__gt=cursor.at) | Q(id__gt=cursor.answer_id))
    return Q(occurred_at__lte=cursor.at) & (Q(occurred_at__lt=cursor.at) | Q(id__lt=cursor.answer_id))


def cursor_text(answer: Answer, *, back: bool = False) -> str:
    """A cursor as it stands in an address."""
    return sign_token(PURPOSE, (to_micros(answer.occurred_at), answer.pk, int(back)))


def read_cursor(text: str) -> Cursor | None:
    """The cursor of an address; None for anything that is none."""
    read = read_token(PURPOSE, text) if text else None
    if read is None or len(read) != 3:
        return None
    micros, answer_id, back = (int(part) for part in read)
    return Cursor(from_micros(micros), answer_id, bool(back))


def every(wanted: Wanted, size: int = 500) -> Iterator[Answer]:
    """All of them, newest first, read in pages so that no reader holds the database long."""
    cursor: Cursor | None = None
    while True:
        page = page_of(wanted, cursor, size)
        yield from page.answers
        if not page.following:
            return
        cursor = Cursor(page.answers[-1].occurred_at, page.answers[-1].pk)


class Summary(NamedTuple):
    """What answers come to: how many of each band, and the figure of the measure most of them are given in.

    The figure counts every answer to its measure, as all figures do; `opens`: a list narrowed to the measure has just these.
    """

    bands: dict[Band, int]
    estimate: Estimate | None
    opens: bool = False


def summary_of(wanted: Wanted) -> Summary:
    """Count the answers of every band, whichever of them is looked at. Kept until anything new is listed, a minute at most."""
    every_band = replace(wanted, band=None)
    with walls.across():  # of all workspaces, as the end of the index says it
        newest = Answer.objects.order_by("-pk").values_list("pk", flat=True).first()
    return _summary(every_band, repr((newest, _undone(wanted.workspace_id))))


def _counted(wanted: Wanted, state: str) -> list[Sequence[Any]]:
    """How often each band, measure, value and scale was given."""
    key = f"answers:{hashlib.blake2b(repr((wanted, state)).encode(), digest_size=16).hexdigest()}"
    found: list[Sequence[Any]] | None = cache.get(key)
    if found is None:
        groups = matching(wanted).values_list("band", "measure", "value", "low", "high").annotate(n=Count("pk")).order_by()
        with walls.across() if wanted.text.strip() else nullcontext():  # as above
            found = list(groups)
        cache.set(key, found, KEPT_SECONDS)
    return found


def _summary(wanted: Wanted, state: str) -> Summary:
    bands: dict[Band, int] = {}
    groups: dict[tuple[str, float, float], list[tuple[object, int]]] = {}
    for band, measure, value, low, high, n in _counted(wanted, state):
        bands[Band(band)] = bands.get(Band(band), 0) + n
        if measure in MEASURES and value is not None and low is not None and high is not None:
            groups.setdefault((measure, low, high), []).append((value, n))
    if not groups:
        return Summary(bands, None)
    (measure, low, high), pairs = max(groups.items(), key=lambda group: sum(n for _value, n in group[1]))
    if not wanted.measure:
        return _summary(replace(wanted, measure=measure), state)._replace(bands=bands)
    estimate = MEASURES[measure](Scores.from_counts(pairs), (low, high))
    return Summary(bands, estimate, opens=estimate.n == sum(bands.values()))


def known_surveys(workspace_id: int) -> list[str]:
    """Codes of surveys that were answered: one look into the index for each, however many answers there are."""
    codes: list[str] = []
    last = ""
    while (
        code := Answer.objects.filter(workspace_id=workspace_id, survey__gt=last)
        .order_by("survey")
        .values_list("survey", flat=True)
        .first()
    ):
        codes.append(code)
        last = code
    return codes


CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f]")


def cell(value: object) -> str:
    """One cell of a file for spreadsheets: what would be read as a formula is kept as text, control characters go."""
    text = CONTROL.sub("", str("" if value is None else value))
    if isinstance(value, int | float):
        return text
    return no_formula(text)
