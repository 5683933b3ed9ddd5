"""Answers as a page shows them: the person, the place, what was said, what else the same interaction holds. Called by the answers page."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from peyvand.catalogue.models import Term
from peyvand.catalogue.types import Dimension
from peyvand.customers.scores import band
from peyvand.customers.types import Band
from peyvand.surveys.models import Answer, Survey
from peyvand.timeline.kinds import kinds
from peyvand.timeline.reading import events, read_ids
from peyvand.timeline.types import Event, Felt
from peyvand.workspaces.models import Workspace

Labels = dict[tuple[str, str], str]
NAMED_BY_CODE = (Dimension.MEASURE, Dimension.ITEM, Dimension.SUBJECT, Dimension.KIND)
TONES = {Band.GOOD: "good", Band.MIXED: "", Band.BAD: "bad", Band.NONE: ""}


@dataclass(frozen=True, slots=True)
class Score:
    """One score with its shape; `of` is the top of its scale."""

    label: str
    value: float
    of: float | None
    tone: str


@dataclass(slots=True)
class Shown:
    """One answer, ready to be drawn."""

    answer: Answer
    score: Score | None
    words: str
    customer_id: int | None
    name: str
    place: str
    at: datetime
    what: str
    reasons: list[str] = field(default_factory=list)
    others: list[Score] = field(default_factory=list)
    subject: str = ""
    again: bool = False
    partial: bool = False

    @property
    def reason_line(self) -> str:
        """The reasons in one line."""
        return _(", ").join(self.reasons)


def shown(workspace: Workspace, answers: Sequence[Answer]) -> list[Shown]:
    """Everything a page of answers shows, read in a handful of statements however many there are."""
    ids = {answer.interaction_id for answer in answers}
    happened = {event.id: event for event in events(read_ids(ids))} if ids else {}
    terms = _labels(list(happened.values()))
    surveys = {survey.code: survey for survey in Survey.objects.filter(workspace=workspace)}
    return [_shown(answer, happened.get(answer.interaction_id), terms, surveys) for answer in answers]


def _labels(happened: Collection[Event]) -> Labels:
    """(dimension, code) → label of every term these interactions name."""
    ids = {term_id for event in happened for term_id in event.term_ids.values()}
    felt = [felt for event in happened for felt in event.perceptions]
    codes = {one.measure for one in felt} | {one.item for one in felt} | {event.kind for event in happened}
    codes |= {event.subject.type for event in happened if event.subject is not None}
    named = Q(pk__in=ids)
    if codes:
        workspaces = {event.workspace_id for event in happened}
        named |= Q(workspace__in=workspaces, dimension__in=NAMED_BY_CODE, code__in=codes)
    return {(term.dimension, term.code): term.label for term in Term.objects.filter(named)}


def _shown(answer: Answer, event: Event | None, terms: Labels, surveys: dict[str, Survey]) -> Shown:
    customer = answer.identity.customer if answer.identity is not None else None
    one = Shown(
        answer=answer,
        score=_score(answer.measure, answer.value, answer.low, answer.high, terms.get((Dimension.MEASURE, answer.measure), answer.measure)),
        words=answer.words,
        customer_id=customer.pk if customer is not None else None,
        name=(customer.name if customer is not None else "") or _("Someone without a name"),
        place="",
        at=answer.occurred_at,
        what="",
    )
    return one if event is None else _open(one, event, terms, surveys)


def _open(one: Shown, event: Event, terms: Labels, surveys: dict[str, Survey]) -> Shown:
    language = (get_language() or "en")[:2]
    places = [terms.get((name, code), code) for name in ("touchpoint", "branch") if (code := event.codes.get(name))]
    one.place = _("%(touchpoint)s, %(branch)s") % {"touchpoint": places[0], "branch": places[1]} if len(places) > 1 else "".join(places)
    survey = surveys.get(one.answer.survey)
    kind = kinds().get(event.kind)
    one.what = (
        survey.label
        if survey is not None
        else (kind.label(language) if kind is not None else terms.get((Dimension.KIND, event.kind), event.kind))
    )
    labels = _reason_labels([*surveys.values(), *([survey] if survey is not None else [])], language)
    given = event.properties.get("reasons")  # any interaction may carry a property of that name
    one.reasons = [labels.get(code, code) for code in given if isinstance(code, str)] if isinstance(given, list) else []
    one.others = [found for felt in event.perceptions if felt.n != one.answer.pk & 63 and (found := _other(felt, terms)) is not None]
    if event.subject is not None:
        one.subject = f"{terms.get((Dimension.SUBJECT, event.subject.type), event.subject.type)} {event.subject.id}"
    one.again, one.partial = bool(event.properties.get("again")), bool(event.properties.get("partial"))
    return one


def _reason_labels(surveys: Collection[Survey], language: str) -> dict[str, str]:
    """Reason code → its name; where several surveys have one of a code, the last one's."""
    reasons = [reason for survey in surveys for reason in survey.reasons]
    return {reason["code"]: reason.get(language) or reason.get("en") or reason.get("fa") or reason["code"] for reason in reasons}


def _other(felt: Felt, terms: Labels) -> Score | None:
    label = terms.get((Dimension.ITEM, felt.item), felt.item) if felt.item else terms.get((Dimension.MEASURE, felt.measure), felt.measure)
    return _score(felt.measure, felt.value, felt.low, felt.high, label)


def _score(measure: str, value: float | None, low: float | None, high: float | None, label: str) -> Score | None:
    return None if value is None else Score(label, value, high, TONES[band(measure, value, low, high)])
