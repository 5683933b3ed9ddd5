"""What the three pages of a survey show: shared by the customer's pages and the editor's preview."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from peyvand.core.display import num, shortday
from peyvand.surveys.models import AskRule, Response, Survey
from peyvand.surveys.wording import Thanks, always, filled, thanks_for

SHAPES = {5: "five", 7: "seven"}
Known = Mapping[str, str]


def score_context(survey: Survey, language: str, known: Known, *, chosen: str = "", again: bool = False) -> dict[str, Any]:
    """The question with its scale; `chosen` is the point marked beforehand."""
    said = {name: always(survey.text(name, language), known) for name in ("question", "low", "high")}
    points = list(survey.scale.points)
    return said | {
        "lead": filled(survey.text("again_lead" if again else "lead", language), known),
        "points": [{"value": point, "chosen": str(point) == chosen} for point in points],
        "shape": SHAPES.get(len(points), ""),
        "step": _("Question %(n)s of %(all)s") % {"n": num(1), "all": num(2)},
        "steps": [True, False],
    }


def why_context(survey: Survey, language: str, known: Known, score: int) -> dict[str, Any]:
    """Reasons and words."""
    return {
        "question": always(survey.text("why", language), known),
        "lead": filled(survey.text("why_lead", language), known),
        "words": always(survey.text("words", language), known),
        "reasons": [{"code": reason["code"], "label": reason.get(language) or reason.get("en") or ""} for reason in survey.offered_reasons],
        "score": score,
        "step": _("Question %(n)s of %(all)s") % {"n": num(2), "all": num(2)},
        "steps": [True, True],
    }


def thanks_context(survey: Survey, language: str, known: Known, score: int) -> dict[str, Any]:
    """Thanks, and what happens next."""
    rule = AskRule.objects.filter(survey=survey).first()
    return {
        "title": always(survey.text("thanks", language), known),
        "thanks": thanks_for(survey, score, language, known),
        "rest_days": rule.rest_days if rule is not None else 0,
        "unhappy": survey.scale.mood(score) == "unhappy",
        "step": _("Received"),
        "steps": [True, True],
    }


def followed_context(response: Response) -> dict[str, Any]:
    """Thanks to somebody whose answer was followed up: nothing is promised any more."""
    told = _("This answer came on %(day)s and was followed up. If something is still on your mind, write to us in the usual way.")
    return {"thanks": Thanks(told % {"day": shortday(response.submitted_at)}, []), "rest_days": 0}
