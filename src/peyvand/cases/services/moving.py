"""Cases go with their customer where customers are merged or parted, and their tasks with them."""

from django.db.models import Q, QuerySet

from peyvand.cases.models import Case
from peyvand.cases.queries import SUBJECT
from peyvand.cases.types import CaseState
from peyvand.identities.queries import rows_to_move
from peyvand.identities.types import Move
from peyvand.tasks.services import hand_over_tasks
from peyvand.timeline.models import Interaction


def move_cases(move: Move) -> dict[str, list[int]]:
    """Give cases to the other customer: all, or those that came of what happened by identities that go and those that moved before.

    An open case about a matter that the other has an open case about stays where it is: it is shown with the person all the same.
    """
    came_by = Q(interaction__in=Interaction.objects.filter(identity__in=move.identities).values("pk"))
    wanted = rows_to_move(move, "cases", Case.objects.filter(customer=move.source), came_by)
    cases = list(Case.objects.select_for_update().filter(pk__in=wanted).order_by("pk"))
    taken = set(_open(Case.objects.filter(customer=move.target)).values_list("subject_type", "subject_id"))
    ids = [case.pk for case in cases if case.state == CaseState.CLOSED or (case.subject_type, case.subject_id) not in taken]
    Case.objects.filter(pk__in=ids).update(customer=move.target)
    hand_over_tasks(subject_type=SUBJECT, subject_ids=ids, customer_id=move.target)
    return {"cases": ids}


def _open(cases: "QuerySet[Case]") -> "QuerySet[Case]":
    return cases.exclude(state=CaseState.CLOSED)
