"""Making and changing surveys and when they are asked. Called by the editor, first-run set-up and the demo."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from peyvand.core import clock
from peyvand.surveys.defaults import reasons_for, texts_for
from peyvand.surveys.models import AskRule, Survey
from peyvand.surveys.types import MOST_REASONS, SCALES
from peyvand.workspaces.models import User, Workspace
from peyvand.workspaces.services import audit

DELIVERED = "order.delivered"


class SurveyError(Exception):
    """A change that cannot be made; the message is for the person who asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """When a survey is asked; see AskRule for the units."""

    kind: str
    touchpoint: int | None = None
    branch: int | None = None
    delay_hours: int = 48
    share: int = 100
    rest_days: int = 30
    again_days: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A survey as its editor sends it: names, texts by language, reasons as {code, fa, en} (code empty for a new one), and its rule."""

    names: Mapping[str, str]
    measure: str
    when: When
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    reasons: Sequence[Mapping[str, str]] = ()


@transaction.atomic
def create_survey(*, workspace: Workspace, draft: Draft, code: str = "", actor: User | None = None) -> Survey:
    """Make a survey, paused; texts and reasons left out start with the usual ones."""
    if draft.measure not in SCALES:
        raise SurveyError(_("Choose what the survey measures."))
    delivered = draft.when.kind == DELIVERED
    usual = texts_for(draft.measure, after_delivery=delivered)
    survey = Survey.objects.create(
        workspace=workspace,
        code=_free_code(workspace, code or f"{draft.measure}-{draft.when.kind.partition('.')[0]}"),
        names=dict(draft.names),
        measure=draft.measure,
        texts={language: {**usual[language], **draft.texts.get(language, {})} for language in usual},
        reasons=_coded(draft.reasons) if draft.reasons else reasons_for(after_delivery=delivered),
        created_by=actor,
    )
    _set_rule(survey, draft.when)
    audit(workspace=workspace, actor=actor, action="survey.created", target=survey)
    return survey


@transaction.atomic
def change_survey(*, survey: Survey, draft: Draft, actor: User) -> Survey:
    """Change texts, reasons and rule. The measure stays once somebody was asked, since its scores could not be compared."""
    locked = Survey.objects.select_for_update().get(pk=survey.pk)
    if draft.measure != locked.measure and locked.invitations.exists():
        raise SurveyError(_("Customers were asked already, so the measure stays. Make a new survey for another measure."))
    locked.names, locked.measure = dict(draft.names), draft.measure
    locked.texts = {language: {**locked.texts.get(language, {}), **texts} for language, texts in draft.texts.items()} or locked.texts
    locked.reasons = _coded(draft.reasons, locked.reasons)
    locked.changed_at = clock.now()
    locked.save()
    _set_rule(locked, draft.when)
    audit(workspace=locked.workspace, actor=actor, action="survey.changed", target=locked, detail={"rule": _as_detail(draft.when)})
    return locked


@transaction.atomic
def set_active(*, survey: Survey, active: bool, actor: User | None) -> None:
    """Begin asking, or pause: what is planned waits meanwhile and is given up after 30 days."""
    begun = {"begun_by": actor} if active else {}
    if Survey.objects.filter(pk=survey.pk, is_active=not active).update(is_active=active, changed_at=clock.now(), **begun):
        action = "survey.resumed" if active else "survey.paused"
        audit(workspace=survey.workspace, actor=actor, action=action, target=survey)


def lay_default_survey(workspace: Workspace, actor: User | None = None) -> Survey:
    """The survey a new workspace starts with: NPS two days after a delivery, paused. Laid once."""
    known = Survey.objects.filter(workspace=workspace).order_by("id").first()
    if known is not None:
        return known
    draft = Draft(names={"fa": "پس از تحویل سفارش", "en": "After delivery"}, measure="nps", when=When(kind=DELIVERED))
    return create_survey(workspace=workspace, draft=draft, code="delivery", actor=actor)


def _free_code(workspace: Workspace, wanted: str) -> str:
    taken = set(Survey.objects.filter(workspace=workspace, code__startswith=wanted).values_list("code", flat=True))
    code, n = wanted, 1
    while code in taken:
        n += 1
        code = f"{wanted}-{n}"
    return code


def _coded(reasons: Sequence[Mapping[str, str]], before: Sequence[Mapping[str, str]] = ()) -> list[dict[str, str]]:
    """Reasons that were kept keep their code, so that what was answered before still counts; new ones get a free one.
    One that was taken away stays behind them, off, to name the answers it was chosen in.
    """
    kept = {reason["code"] for reason in reasons if reason.get("code")}
    gone = [{**reason, "off": "yes"} for reason in before if reason["code"] not in kept]
    taken = kept | {reason["code"] for reason in gone}
    found: list[dict[str, str]] = []
    for reason in reasons[:MOST_REASONS]:
        code, n = reason.get("code") or "", 0
        while not code:
            n += 1
            code = f"reason_{n}" if f"reason_{n}" not in taken else ""
        taken.add(code)
        found.append({"code": code, "fa": reason.get("fa", ""), "en": reason.get("en", "")})
    return found + gone


def _set_rule(survey: Survey, when: When) -> None:
    AskRule.objects.update_or_create(survey=survey, defaults=_as_detail(when))


def _as_detail(when: When) -> dict[str, str | int | None]:
    return {name: getattr(when, name) for name in When.__slots__}
