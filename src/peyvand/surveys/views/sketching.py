"""What stands in the editor's form and is not kept yet, remembered for an hour so that the preview can show it. Called by views.preview."""

from collections.abc import Iterator
from typing import Any, Final

from django.core.cache import cache

from peyvand.surveys.forms import SurveyForm
from peyvand.surveys.models import Survey
from peyvand.surveys.types import MOST_REASONS, SCALES, TEXTS
from peyvand.surveys.wording import tidied
from peyvand.workspaces.models import User

KEPT_SECONDS: Final = 3600
LONGEST_REASON: Final = 60


def remember_sketch(survey: Survey, user: User, form: SurveyForm) -> None:
    """Keep what a person typed for their own preview, be it complete or not."""
    cache.set(_key(survey, user), _typed(form), KEPT_SECONDS)


def sketched(survey: Survey, user: User) -> Survey:
    """The survey with what this person typed last; as it is stored where nothing is remembered. Not to be saved."""
    typed: dict[str, Any] = cache.get(_key(survey, user)) or {}
    if typed:
        survey.texts, survey.reasons, survey.measure = typed["texts"], typed["reasons"], typed["measure"] or survey.measure
    return survey


def _key(survey: Survey, user: User) -> str:
    return f"sketch:{survey.pk}:{user.pk}"


def _typed(form: SurveyForm) -> dict[str, Any]:
    measure = _value(form, "measure")
    texts = {
        language: {text.name: tidied(_value(form, f"{text.name}_{language}"))[: text.longest] for text in TEXTS}
        for language in form.workspace.languages
    }
    return {"measure": measure if measure in SCALES else "", "texts": texts, "reasons": list(_reasons(form))}


def _reasons(form: SurveyForm) -> Iterator[dict[str, str]]:
    for n in range(MOST_REASONS):
        said = {language: tidied(_value(form, f"reason_{n}_{language}"))[:LONGEST_REASON] for language in form.workspace.languages}
        if any(said.values()):
            yield {"code": f"reason_{n}"} | said


def _value(form: SurveyForm, name: str) -> str:
    return str(form[name].value() or "")
