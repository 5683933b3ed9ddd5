"""The course of a case in four steps: opened, called, made good, asked again. Called by the pages of a case and of a customer."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from peyvand.cases import wording
from peyvand.cases.models import Case
from peyvand.cases.types import CaseState
from peyvand.core import clock, display


@dataclass(frozen=True, slots=True)
class Step:
    """One of the four steps of a case, as parts/steps.html draws it."""

    label: str
    note: str = ""
    state: str = ""


def steps_of(case: Case) -> list[Step]:
    """Opened, called, made good, asked again: what is done, where the case stands, what comes."""
    closed = case.state == CaseState.CLOSED
    contacted = case.first_contact_at is not None
    contact = Step(_("Call"), state="done" if closed else "here")
    if contacted:
        contact = Step(_("Call"), display.moment(case.first_contact_at), "done")
    elif not closed:
        contact = Step(_("Call"), _due(case), "here")
    remedy = Step(_("Make good"))
    if closed:
        remedy = Step(_("Make good"), wording.outcome_label(case.outcome), "done")
    elif contacted:
        remedy = Step(_("Make good"), _due(case), "here")
    return [Step(_("Opened"), display.moment(case.opened_at), "done"), contact, remedy, _last_step(case)]


def _due(case: Case) -> str:
    text = _("until %(when)s") if case.due_at > clock.now() else _("was due %(when)s")
    return text % {"when": display.moment(case.due_at)}


def _last_step(case: Case) -> Step:
    if case.state != CaseState.CLOSED:
        return Step(_("Ask again"), _("after the end"))
    if case.answered_again_at is not None:
        return Step(_("Ask again"), display.shortday(case.answered_again_at), "done")
    return Step(_("Ask again"), _("is coming") if case.ask_again else _("not wanted"), "here" if case.ask_again else "")
