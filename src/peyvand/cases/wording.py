"""Follow-up in words: states, outcomes, deadlines and what happened, for the active reader. Called by services and views."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from peyvand.cases.models import Case, CaseEvent
from peyvand.cases.types import CaseState, ContactResult, Outcome
from peyvand.channels.models import Outgoing
from peyvand.core import clock, display, persian
from peyvand.core.reader import active_reader
from peyvand.customers.types import Stage

SOON = dt.timedelta(hours=1)
Days = Callable[[dt.date, dt.date], int]  # working days from one date to a later one


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline as lists show it: when, how long that is, and whether it presses."""

    text: str
    note: str
    pressing: bool


def state_label(case: Case) -> str:
    """The state of a case in a word or two."""
    if case.state == CaseState.CLOSED:
        return outcome_label(case.outcome)
    return {
        CaseState.OPEN: pgettext("case", "Open"),
        CaseState.IN_HAND: pgettext("case", "In hand"),
        CaseState.WAITING: pgettext("case", "Waiting for the customer"),
    }[CaseState(case.state)]


def state_tone(case: Case) -> str:
    """How the state is drawn."""
    if case.state == CaseState.CLOSED:
        return "good" if case.outcome in (Outcome.SOLVED, Outcome.COMPENSATED) else ""
    return {CaseState.OPEN: "bad", CaseState.IN_HAND: "accent", CaseState.WAITING: "mixed"}[CaseState(case.state)]


def outcome_label(outcome: str) -> str:
    """How a case ended."""
    return {
        Outcome.SOLVED.value: pgettext("case", "Solved"),
        Outcome.COMPENSATED.value: pgettext("case", "Made good"),
        Outcome.COULD_NOT.value: pgettext("case", "Could not be solved"),
        Outcome.UNREACHABLE.value: pgettext("case", "Could not be reached"),
        Outcome.NOT_NEEDED.value: pgettext("case", "Not needed"),
    }.get(outcome, pgettext("case", "Closed"))


def result_label(result: str) -> str:
    """What came of a contact, as one chooses it."""
    return {
        ContactResult.TALKED.value: pgettext("contact", "We talked"),
        ContactResult.NO_ANSWER.value: pgettext("contact", "No answer"),
        ContactResult.LATER.value: pgettext("contact", "Later"),
        ContactResult.WRITTEN.value: pgettext("contact", "We wrote"),
    }[result]


def event_label(event: CaseEvent) -> str:
    """One thing that happened to a case, in a few words."""
    kinds = CaseEvent.Type
    if event.type == kinds.CONTACT:
        return {
            ContactResult.TALKED.value: _("Talked with the customer"),
            ContactResult.NO_ANSWER.value: _("Called; no answer"),
            ContactResult.LATER.value: _("Called; asked to call later"),
            ContactResult.WRITTEN.value: _("Wrote to the customer"),
        }[event.result]
    if event.type == kinds.ASSIGNED:
        return _("Given to %(who)s") % {"who": event.text} if event.text else _("Left without an owner")
    return {
        kinds.OPENED: _("Case opened"),
        kinds.NOTE: _("Note"),
        kinds.MOVED: _("Deadline moved to %(when)s") % {"when": display.moment(event.due_at)},
        kinds.PROMISE: _("Promised for %(day)s") % {"day": display.shortday(event.due_at)},
        kinds.KEPT: _("Promise kept"),
        kinds.WITHDRAWN: _("Promise taken back"),
        kinds.REASON: _("Reason chosen"),
        kinds.AGAIN: _("The customer said again"),
        kinds.SECOND: _("Answered when asked again"),
        kinds.CLOSED: _("Case closed"),
        kinds.REOPENED: _("Case opened again"),
    }[CaseEvent.Type(event.type)]


def message_trouble(message: Outgoing) -> str:
    """Why a message has not reached the customer; empty where it left, or is about to leave for the first time."""
    states, why = Outgoing.State, {"why": _(message.error)}
    if message.state in (states.FAILED, states.HELD):
        return _("The message did not leave. %(why)s") % why
    if message.state == states.UNSURE:
        return _(message.error)
    return _("The message waits, and is tried again. %(why)s") % why if message.state == states.QUEUED and message.error else ""


def event_icon(event: CaseEvent) -> str:
    """The sprite's icon of what happened."""
    kinds = CaseEvent.Type
    if event.type == kinds.CONTACT:
        return "mail" if event.result == ContactResult.WRITTEN else "phone"
    return {
        kinds.OPENED: "flag",
        kinds.NOTE: "note",
        kinds.ASSIGNED: "person",
        kinds.MOVED: "clock",
        kinds.PROMISE: "heart",
        kinds.KEPT: "check",
        kinds.WITHDRAWN: "undo",
        kinds.REASON: "tag",
        kinds.AGAIN: "feedback",
        kinds.SECOND: "refresh",
        kinds.CLOSED: "check",
        kinds.REOPENED: "return",
    }[CaseEvent.Type(event.type)]


def reason_label(reasons: Sequence[Mapping[str, str]], code: str) -> str:
    """A reason in the reader's language; the code itself where it is no longer on the list."""
    language = active_reader().language[:2]
    for reason in reasons:
        if reason["code"] == code:
            return reason.get(language) or reason.get("fa") or reason.get("en") or code
    return code


def due_of(case: Case, working_days: Days) -> Due:
    """The deadline of an open case."""
    left = case.due_at - clock.now()
    if left < dt.timedelta():
        return Due(display.moment(case.due_at), display.until(case.due_at), pressing=True)
    zone = active_reader().zone
    today, day = clock.today(zone), case.due_at.astimezone(zone).date()
    at = display.clock(case.due_at)
    if day == today:
        return Due(_("by %(time)s") % {"time": at}, display.until(case.due_at), pressing=left < SOON)
    name = display.weekday(case.due_at) if (day - today).days < 7 else display.shortday(case.due_at)
    days = working_days(today, day)
    note = ngettext("%(n)s working day", "%(n)s working days", days) % {"n": display.num(days)}
    return Due(_("%(day)s, %(time)s") % {"day": name, "time": at}, note, pressing=False)


def in_time(moment: dt.datetime) -> str:
    """How far off a moment is, to stand in a sentence: in 50 minutes, in 2 hours, in 3 days; as `until` beside it counts."""
    return _("in %(span)s") % {"span": persian.with_ezafe(display.nearly((moment - clock.now()).total_seconds()))}


def working_span(seconds: int) -> str:
    """A span of working time: 3 hours and 20 minutes, rounded to minutes."""
    return display.duration(max(60, round(seconds / 60) * 60))


def stage_label(stage: Stage) -> str:
    """The stage of a relationship."""
    return {
        Stage.STRANGER: pgettext("relationship", "Stranger"),
        Stage.VISITOR: pgettext("relationship", "Visitor"),
        Stage.FIRST_TIME: pgettext("relationship", "First-time"),
        Stage.REPEAT: pgettext("relationship", "Repeat"),
        Stage.LOYAL: pgettext("relationship", "Loyal"),
        Stage.AMBASSADOR: pgettext("relationship", "Ambassador"),
        Stage.AT_RISK: pgettext("relationship", "At risk"),
        Stage.LOST: pgettext("relationship", "Lost"),
    }[stage]
