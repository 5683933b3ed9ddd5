"""Cases of somebody who was erased: their course stays countable, what was said in them goes. Called by the app's privacy.py."""

from django.db import transaction
from django.db.models import F

from peyvand.cases.models import Case, CaseEvent
from peyvand.cases.types import CaseState, Outcome
from peyvand.core import clock
from peyvand.core.privacy import Person


@transaction.atomic
def forget_cases(person: Person) -> None:
    """Close open cases without asking again, and empty the texts of all; repeating changes nothing."""
    mine = Case.objects.filter(customer__in=person.customers)
    now = clock.now()
    still_open = mine.exclude(state=CaseState.CLOSED)
    CaseEvent.objects.bulk_create(CaseEvent(case=case, type=CaseEvent.Type.CLOSED, at=now) for case in still_open)
    still_open.update(state=CaseState.CLOSED, outcome=Outcome.NOT_NEEDED, closed_at=now, ask_again=False, version=F("version") + 1)
    mine.exclude(words="", subject_id="").update(words="", subject_id="", version=F("version") + 1)
    CaseEvent.objects.filter(case__in=mine).exclude(text="").update(text="")
