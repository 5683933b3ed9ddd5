"""The open cases of a customer as their page shows them: how far each has come, who has it, until when."""

import datetime as dt
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from peyvand.cases import wording
from peyvand.cases.course import Step, steps_of
from peyvand.cases.models import Case
from peyvand.cases.moments import working_days
from peyvand.cases.queries import all_cases, open_cases
from peyvand.cases.rows import pid_of
from peyvand.cases.services import policy_of
from peyvand.cases.types import CaseState
from peyvand.core import clock, display
from peyvand.identities.models import Customer


@dataclass(frozen=True, slots=True)
class CasePanel:
    """One case on a customer's page."""

    case: Case
    title: str
    url: str
    state: str
    tone: str
    steps: list[Step]
    owner: str
    reason: str
    due: wording.Due | None
    waits: bool  # nobody has talked with the customer yet


def panels_of(customer: Customer) -> list[CasePanel]:
    """Open cases, the most urgent first; else the last one that ended within a month."""
    cases = list(open_cases(customer)[:3])
    if not cases:
        lately = clock.now() - dt.timedelta(days=30)
        cases = list(all_cases(customer).filter(state=CaseState.CLOSED, closed_at__gte=lately)[:1])
    if not cases:
        return []
    reasons, days = policy_of(customer.workspace).reasons, working_days(customer.workspace)
    return [_panel(case, reasons, days) for case in cases]


def _panel(case: Case, reasons: list[dict[str, str]], days: wording.Days) -> CasePanel:
    closed = case.state == CaseState.CLOSED
    due = None if closed else wording.due_of(case, days)
    return CasePanel(
        case=case,
        title=_("Case %(number)s") % {"number": display.num(case.number)},
        url=reverse("cases:case", args=[pid_of(case.workspace, case)]),
        state=wording.state_label(case),
        tone=wording.state_tone(case),
        steps=steps_of(case),
        owner=str(case.owner) if case.owner else "",
        reason=wording.reason_label(reasons, case.reason) if case.reason else "",
        due=due,
        waits=not closed and case.first_contact_at is None,
    )
