"""Answers and surveys for programs: the list of answers with the filters of its page; surveys made, changed, begun and paused."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

from ninja import Query, Router, Schema, Status
from pydantic import AwareDatetime, Field

from peyvand.catalogue.models import Term
from peyvand.catalogue.types import Dimension
from peyvand.channels.trial import why_not
from peyvand.core import clock
from peyvand.core.masking import readable
from peyvand.customers.types import Band
from peyvand.surveys.defaults import texts_for
from peyvand.surveys.forms import HOURS, SurveyForm, initial_for, initial_of
from peyvand.surveys.models import Answer, Survey
from peyvand.surveys.queries.answers import Wanted, page_of, read_cursor
from peyvand.surveys.queries.results import Result, results, surveys_of
from peyvand.surveys.queries.rules import kinds_to_ask_after
from peyvand.surveys.services import SurveyError, change_survey, create_survey, lay_default_survey, send_trial, set_active
from peyvand.surveys.services.editing import DELIVERED, Draft
from peyvand.surveys.types import MOST_REASONS, TEXTS
from peyvand.workspaces.bearer import KeyRequest, Refused, opens, own, pid, sees_contacts
from peyvand.workspaces.filling import filled
from peyvand.workspaces.models import Workspace
from peyvand.workspaces.services import note_bulk_view
from peyvand.workspaces.strict import Said
from peyvand.workspaces.types import Scope

ROUTER = Router(tags=["surveys"])
BANDS = {"bad": Band.BAD, "mixed": Band.MIXED, "good": Band.GOOD}
Texts = dict[Literal["fa", "en"], dict[str, str]]


class AnswerTold(Schema):
    """One answer: a score, words or both."""

    interaction: str
    customer: str | None
    occurred_at: dt.datetime
    survey: str
    measure: str
    value: float | None
    low: float | None
    high: float | None
    band: Literal["none", "bad", "mixed", "good"]
    words: str


class AnswerPage(Schema):
    """Answers, the newest first."""

    items: list[AnswerTold]
    next: str


class AnswersAsked(Schema):
    """The filters of the page; dimensions by code."""

    after: str = Field("", description="`next` of an earlier answer with the same filters; empty: from the beginning")
    limit: int = Field(50, ge=1, le=200)
    band: Literal["bad", "mixed", "good"] | None = None
    survey: str = Field("", max_length=40)
    measure: str = Field("", max_length=40, description="every score of it counts; without, the main answer of each interaction")
    channel: str = ""
    touchpoint: str = ""
    stage: str = ""
    branch: str = ""
    since: AwareDatetime | None = None
    until: AwareDatetime | None = Field(None, description="the first moment no longer asked for")
    words: bool = Field(default=False, description="only those with words")
    q: str = Field("", max_length=200, description="words that occur in it")


class Reason(Said):
    """One reason that is offered; an empty code makes a new one."""

    code: str = Field("", max_length=40, pattern=r"^[a-z0-9_]*$")
    fa: str = Field("", max_length=80)
    en: str = Field("", max_length=80)


class Rule(Said):
    """When a survey is asked."""

    kind: str = Field(description="after which kind of interaction")
    touchpoint: str = Field("", description="only there")
    branch: str = Field("", description="only of this branch")
    delay_hours: int = Field(48, ge=0, le=24 * 90)
    share: int = Field(100, ge=1, le=100, description="percent of the customers")
    rest_days: int = Field(30, ge=0, le=365, description="nobody is asked anything again within so many days")
    again_days: int = Field(3, ge=0, le=90, description="after a case was closed")


class ReasonIn(Reason):
    """The same, as long as the editor lets it be."""

    fa: str = Field("", max_length=60)
    en: str = Field("", max_length=60)


class RuleIn(Rule):
    """The same, as far as the editor lets it go."""

    again_days: int = Field(3, ge=0, le=60, description="after a case was closed")


class SurveyIn(Said):
    """A survey whole; texts and reasons left out are the usual ones, and when changing they stay."""

    names: dict[Literal["fa", "en"], str] = Field(min_length=1)
    measure: Literal["nps", "csat", "ces"]
    rule: RuleIn
    texts: Texts = {}
    reasons: list[ReasonIn] = Field([], max_length=MOST_REASONS)


class SurveyTold(Schema):
    """A survey with its rule."""

    id: str
    code: str
    names: dict[str, str]
    measure: str
    texts: dict[str, dict[str, str]]
    reasons: list[Reason]
    rule: Rule
    is_active: bool
    changed_at: dt.datetime


class SurveyList(Schema):
    """Every survey."""

    items: list[SurveyTold]


class SurveyCame(Schema):
    """What came of a survey lately, and what waits now."""

    survey: str = Field(description="its code")
    sent: int
    answered: int
    declined: int
    planned: int
    held: int
    n: int = Field(description="how many scores the value is of")
    value: float | None
    low: float | None
    high: float | None


class Came(Schema):
    """What came of every survey."""

    since: dt.datetime
    items: list[SurveyCame]


class TrialIn(Said):
    """In which language; empty: the brand's own."""

    language: Literal["", "fa", "en"] = ""


class Trial(Schema):
    """Where the mail went."""

    to: str


class Switch(Said):
    """Whether it is asked."""

    is_active: bool


@opens(ROUTER.get, "/answers", Scope.FEEDBACK_READ, response=AnswerPage, summary="Answers, the newest first")
def answers(request: KeyRequest, asked: Annotated[AnswersAsked, Query()]) -> dict[str, Any]:
    """Page by page; whoever answers meanwhile moves nothing."""
    cursor = read_cursor(asked.after)
    if asked.after and (cursor is None or cursor.back):
        raise Refused(400, "bad-cursor", "after: give `next` of an earlier answer of this list as it was.", "after")
    terms = {name: _term(request, name, getattr(asked, name)) for name in ("channel", "touchpoint", "stage", "branch")}
    wanted = Wanted(
        workspace_id=request.workspace.pk,
        band=BANDS[asked.band] if asked.band else None,
        survey=asked.survey,
        measure=asked.measure,
        since=asked.since,
        until=asked.until,
        with_words=asked.words,
        text=asked.q,
        channel=terms["channel"],
        touchpoint=terms["touchpoint"],
        stage=terms["stage"],
        branch=terms["branch"],
    )
    found = page_of(wanted, cursor, asked.limit)
    note_bulk_view(member=request.member, action="answers.listed", detail={"contacts": sees_contacts(request)})
    return {"items": [_answer(request, one) for one in found.answers], "next": found.following}


@opens(ROUTER.get, "/surveys", Scope.SURVEYS_MANAGE, response=SurveyList, summary="Every survey")
def surveys(request: KeyRequest) -> dict[str, Any]:
    """With texts, reasons and rule."""
    return {"items": [_survey(request, one) for one in surveys_of(request.workspace)]}


@opens(ROUTER.post, "/surveys", Scope.SURVEYS_MANAGE, response={201: SurveyTold}, summary="Make a survey")
def new_survey(request: KeyRequest, said: SurveyIn) -> Status[dict[str, Any]]:
    """It is paused until it is switched on."""
    survey = create_survey(workspace=request.workspace, draft=_draft(request, said), actor=request.member.user)
    return Status(201, _survey(request, survey))


@opens(ROUTER.get, "/surveys/results", Scope.SURVEYS_MANAGE, response=Came, summary="What came of every survey")
def survey_results(request: KeyRequest, days: Annotated[int, Query(ge=1, le=3660)] = 90) -> dict[str, Any]:
    """Of so many days: what was sent and answered, and the score with its interval."""
    since = clock.now() - dt.timedelta(days=days)
    found = results(request.workspace, surveys_of(request.workspace), since=since)
    return {"since": since, "items": [_came(code, one) for code, one in found.items()]}


@opens(ROUTER.post, "/surveys/ready", Scope.SURVEYS_MANAGE, response=SurveyTold, summary="Lay the survey a brand starts with")
def lay_survey(request: KeyRequest) -> dict[str, Any]:
    """Paused, and only where there is none; else it is the answer."""
    return _survey(request, _own(request, pid(request, lay_default_survey(request.workspace, actor=request.member.user).pk)))


@opens(ROUTER.get, "/surveys/{survey}", Scope.SURVEYS_MANAGE, response=SurveyTold, summary="One survey")
def one_survey(request: KeyRequest, survey: str) -> dict[str, Any]:
    """By its id."""
    return _survey(request, _own(request, survey))


@opens(ROUTER.put, "/surveys/{survey}", Scope.SURVEYS_MANAGE, response=SurveyTold, summary="Change a survey")
def put_survey(request: KeyRequest, survey: str, said: SurveyIn) -> dict[str, Any]:
    """The measure stays once somebody was asked."""
    row = _own(request, survey)
    draft = _draft(request, said, row)
    try:
        change_survey(survey=row, draft=draft, actor=request.member.user)
    except SurveyError as error:
        raise Refused(422, "not-possible", str(error)) from None
    return _survey(request, _own(request, survey))


@opens(ROUTER.put, "/surveys/{survey}/active", Scope.SURVEYS_MANAGE, response=SurveyTold, summary="Begin asking, or pause")
def switch_survey(request: KeyRequest, survey: str, said: Switch) -> dict[str, Any]:
    """What is planned waits while it is paused."""
    set_active(survey=_own(request, survey), active=said.is_active, actor=request.member.user)
    return _survey(request, _own(request, survey))


@opens(ROUTER.post, "/surveys/{survey}/test", Scope.SURVEYS_MANAGE, outside=True, response=Trial, summary="Send the mail to yourself")
def try_survey(request: KeyRequest, survey: str, said: TrialIn) -> dict[str, Any]:
    """To the maker of the key, a few times a minute; its links lead to the preview, which records nothing."""
    delivery = send_trial(survey=_own(request, survey), member=request.member.user, language=said.language)
    if not delivery.sent:
        raise Refused(422, "not-possible", why_not(delivery))
    return {"to": request.member.user.email}


def _own(request: KeyRequest, text: str) -> Survey:
    return own(request, Survey.objects.select_related("rule", "workspace"), text)


def _term(request: KeyRequest, name: str, code: str) -> int | None:
    if not code:
        return None
    term = Term.objects.filter(workspace=request.workspace, dimension=Dimension(name), code=code).first()
    if term is None:
        raise Refused(422, "unknown-code", f"{name}: there is no “{code}”.", name)
    return term.merged_into_id or term.pk


def _draft(request: KeyRequest, said: SurveyIn, known: Survey | None = None) -> Draft:
    longest = {one.name: one.longest for one in TEXTS}
    for language, texts in said.texts.items():
        for name, text in texts.items():
            if name not in longest or len(text) > longest[name]:
                words = f"at most {longest[name]} characters" if name in longest else f"one of {', '.join(longest)}"
                raise Refused(422, "invalid", f"texts.{language}.{name}: {words}.", f"texts.{language}.{name}")
    if not any(name.strip() for name in said.names.values()) or any(len(name) > 80 for name in said.names.values()):
        raise Refused(422, "invalid", "names: a name in one language at least, of 80 characters at most.", "names")
    if said.rule.kind not in dict(kinds_to_ask_after(request.workspace)):
        raise Refused(422, "unknown-code", f"rule.kind: customers are not asked after “{said.rule.kind}”.", "rule.kind")
    codes = {reason["code"] for reason in known.reasons} if known is not None else set()
    if unknown := {one.code for one in said.reasons if one.code} - codes:
        raise Refused(422, "unknown-code", f"reasons: there is no “{min(unknown)}”; leave the code of a new one empty.", "reasons")
    form = SurveyForm(request.workspace, _as_typed(request, said, known), survey=known)
    draft = filled(form, _places(request.workspace)).draft()
    names = _unspoken(draft.names, said.names) | dict(draft.names)
    return replace(draft, names=names, texts=_unspoken(draft.texts, said.texts) | dict(draft.texts))


def _as_typed(request: KeyRequest, said: SurveyIn, known: Survey | None) -> dict[str, Any]:
    """What a program says, as the editor's form would send it: what is left out is what stands there, or the usual."""
    rule = said.rule
    unit = "days" if rule.delay_hours > 0 and rule.delay_hours % 24 == 0 else "hours"
    values = initial_of(known) if known is not None else _usual(said)
    values = {name: value for name, value in values.items() if not name.startswith("name_")}
    values |= rule.model_dump(include={"kind", "share", "rest_days", "again_days"})
    values |= {"measure": said.measure, "delay": rule.delay_hours // HOURS[unit], "delay_unit": unit}
    values |= {name: _term(request, name, getattr(rule, name)) or "" for name in ("touchpoint", "branch")}
    values |= {f"name_{language}": name for language, name in said.names.items()}
    values |= {f"{name}_{language}": text for language, texts in said.texts.items() for name, text in texts.items()}
    if said.reasons:
        values = {name: value for name, value in values.items() if not name.startswith("reason_")}
    return values | {f"reason_{n}_{name}": text for n, one in enumerate(said.reasons) for name, text in one.model_dump().items()}


def _usual(said: SurveyIn) -> dict[str, Any]:
    usual = texts_for(said.measure, after_delivery=said.rule.kind == DELIVERED)
    texts = {f"{name}_{language}": text for language, written in usual.items() for name, text in written.items()}
    return initial_for(said.measure, said.rule.kind) | texts


def _places(workspace: Workspace) -> dict[str, str]:
    """Field of the editor's form → where it stands in the body."""
    found = {name: f"rule.{name}" for name in ("kind", "share", "rest_days", "again_days", "touchpoint", "branch")}
    found |= {"delay": "rule.delay_hours", "delay_unit": "rule.delay_hours"}
    for language in workspace.languages:
        found |= {f"name_{language}": f"names.{language}"} | {f"{one.name}_{language}": f"texts.{language}.{one.name}" for one in TEXTS}
        found |= {f"reason_{n}_{language}": f"reasons.{n}.{language}" for n in range(MOST_REASONS)}
    return found


def _unspoken(spoken: Mapping[str, Any], given: Mapping[Any, Any]) -> dict[str, Any]:
    """What is given in languages that the brand does not use now: it is kept as it came."""
    return {str(language): said for language, said in given.items() if language not in spoken}


def _answer(request: KeyRequest, answer: Answer) -> dict[str, Any]:
    words = {name: getattr(answer, name) for name in ("occurred_at", "survey", "measure", "value", "low", "high")}
    return words | {
        "interaction": pid(request, answer.interaction_id),
        "customer": pid(request, answer.identity.customer_id) if answer.identity is not None else None,
        "band": Band(answer.band).name.lower(),
        "words": readable(answer.words, sees=sees_contacts(request)),
    }


def _came(code: str, one: Result) -> dict[str, Any]:
    found = {name: getattr(one.estimate, name) if one.estimate is not None else None for name in ("value", "low", "high")}
    counts = {name: getattr(one, name) for name in ("sent", "answered", "declined", "planned", "held")}
    return found | counts | {"survey": code, "n": one.estimate.n if one.estimate is not None else 0}


def _survey(request: KeyRequest, survey: Survey) -> dict[str, Any]:
    rule, ids = survey.rule, [survey.rule.touchpoint, survey.rule.branch]
    codes = dict(Term.objects.filter(workspace=request.workspace, pk__in=[one for one in ids if one is not None]).values_list("pk", "code"))
    numbers = {name: getattr(rule, name) for name in ("kind", "delay_hours", "share", "rest_days", "again_days")}
    places = {name: codes.get(getattr(rule, name), "") for name in ("touchpoint", "branch")}
    words = {name: getattr(survey, name) for name in ("code", "names", "measure", "texts", "is_active", "changed_at")}
    return words | {"id": pid(request, survey.pk), "reasons": survey.offered_reasons, "rule": numbers | places}
