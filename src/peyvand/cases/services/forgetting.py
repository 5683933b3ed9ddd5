"""Cases of somebody who was erased, or an answer of theirs that a rule takes: their course stays countable, what was said in them goes.

Called by the app's privacy.py.
"""

from collections.abc import Sequence
from typing import Any, Final

from django.db import transaction
from django.db.models import F

from peyvand.cases.models import Case, CaseEvent
from peyvand.cases.services.noting import SOURCE, noted_id
from peyvand.cases.types import CaseState, Outcome
from peyvand.core import clock
from peyvand.core.privacy import Person
from peyvand.timeline.models import Interaction
from peyvand.timeline.services.redacting import unlink

CHUNK: Final = 400


def forget_cases(person: Person) -> None:
    """Close open cases without asking again, empty the texts of all, and keep of no interaction of theirs that a case came of it;
    repeating changes nothing.
    """
    _end_and_empty(person)
    ids = sorted(person.interactions)
    for start in range(0, len(ids), CHUNK):
        _unlink(person.workspace_id, ids[start : start + CHUNK])


@transaction.atomic
def _end_and_empty(person: Person) -> None:
    mine = Case.objects.filter(customer__in=person.customers)
    now = clock.now()
    still_open = mine.exclude(state=CaseState.CLOSED)
    CaseEvent.objects.bulk_create(CaseEvent(case=case, type=CaseEvent.Type.CLOSED, at=now) for case in still_open)
    still_open.update(state=CaseState.CLOSED, outcome=Outcome.NOT_NEEDED, closed_at=now, ask_again=False, version=F("version") + 1)
    mine.exclude(words="", subject_id="").update(words="", subject_id="", version=F("version") + 1)
    CaseEvent.objects.filter(case__in=mine).exclude(text="").update(text="")


@transaction.atomic
def _unlink(workspace_id: int, interactions: Sequence[int]) -> None:
    """Let cases stay whose they are, and name these interactions no more; nor does what the timeline tells of their end."""
    came = CaseEvent.objects.filter(interaction__in=interactions)
    cases = list(came.values_list("case", flat=True))
    ends = CaseEvent.objects.filter(case__in=cases, type=CaseEvent.Type.CLOSED).values_list("case", "pk")
    if told := [noted_id(case, f"closed:{pk}") for case, pk in ends]:
        unlink(workspace_id=workspace_id, source=SOURCE, external_ids=told, name="answer")
    Case.objects.filter(pk__in=cases, interaction__in=interactions).update(interaction=None)
    came.update(interaction=None)


@transaction.atomic
def forget_words(interactions: Sequence[int]) -> None:
    """Take out of cases what was said on these interactions; what the team noted stays."""
    said = CaseEvent.objects.filter(interaction__in=interactions)
    opened = Case.objects.filter(pk__in=said.values("case"), interaction__in=interactions)
    opened.exclude(words="").update(words="", version=F("version") + 1)
    said.exclude(text="").update(text="")
    _forget_unasked(interactions)


def _forget_unasked(interactions: Sequence[int]) -> None:
    """Words of an answer that also filled an earlier case, which is told by whose it was and its moment alone."""
    rows = Interaction.objects.filter(pk__in=interactions, identity__isnull=False)
    whose: set[tuple[Any, Any]] = set(rows.values_list("identity__customer", "occurred_at"))
    kept = CaseEvent.objects.filter(
        type=CaseEvent.Type.AGAIN,
        interaction=None,
        case__customer__in={customer for customer, _at in whose},
        at__in={at for _customer, at in whose},
    )
    mine = [pk for pk, customer, at in kept.exclude(text="").values_list("pk", "case__customer", "at") if (customer, at) in whose]
    CaseEvent.objects.filter(pk__in=mine).update(text="")
