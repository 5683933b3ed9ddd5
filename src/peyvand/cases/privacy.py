"""Cases of a person and what was noted in them. Found by name by the privacy app."""

from django.utils.translation import gettext_lazy as _

from peyvand.cases.models import Case, CaseEvent
from peyvand.cases.services.forgetting import forget_cases, forget_words
from peyvand.cases.services.moving import move_cases
from peyvand.cases.services.retaining import let_go_of_cases, old_cases
from peyvand.core.privacy import Person, Sections
from peyvand.core.retention import TEXTS, WHOLE, Kept

__all__ = ["COVERS", "erase", "export", "forget_words", "moved"]
moved = move_cases
COVERS = ("cases.Case", "cases.CaseEvent")
KEEPS = (
    Kept(
        code="cases",
        label=_("Closed cases"),
        losses={
            TEXTS: _("What was said and noted goes; course, scores and times stay, and so do the figures."),
            WHOLE: _("The case goes with its course and tasks, also from the figures of follow-up."),
        },
        usual=36,
        old=old_cases,
        forget=let_go_of_cases,
        piece=20,  # with all that was noted in each
    ),
)
SAID = ("number", "state", "measure", "score_before", "words", "subject_type", "subject_id", "reason", "opened_at", "closed_at", "outcome")


def export(person: Person) -> Sections:
    """Every case with its score, words and end, and every note, contact and promise in it."""
    cases = Case.objects.filter(customer__in=person.customers).order_by("number")
    events = CaseEvent.objects.filter(case__in=cases).order_by("case__number", "at", "pk")
    return {
        "cases": list(cases.values(*SAID)),
        "case_events": list(events.values("case__number", "type", "at", "result", "text", "due_at", "value")),
    }


def erase(person: Person) -> None:
    """Close what is open, and keep of each case its course, scores and times alone."""
    forget_cases(person)
