"""The next best thing to do for a customer, by plain rules: what waits comes before what hurts, and that before what could be."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peyvand.core import clock, display
from peyvand.customers.lifecycle import is_hurt, stage_of
from peyvand.customers.models import Profile
from peyvand.customers.queries.moments import Asked, moments
from peyvand.customers.queries.people import profile_of
from peyvand.customers.types import Stage
from peyvand.desk.people.cases import CasePanel
from peyvand.desk.people.lines import score_of
from peyvand.identities.models import Customer
from peyvand.timeline.types import Event

FRESH: Final = dt.timedelta(days=7)
LATELY: Final = 12


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do, why, and the act that does it: call, case, opinion, edit or nothing (empty)."""

    title: str
    why: str
    act: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What the rules look at: profile, open cases if they may be seen, what happened lately (newest first), whether there is a phone."""

    profile: Profile
    cases: Sequence[CasePanel]
    lately: Sequence[Event]
    phone: bool
    first_name: str
    sees_cases: bool = True


def advice_for(customer: Customer, cases: Sequence[CasePanel] | None, *, phone: bool, name: str) -> Advice:
    """The next best thing to do for a customer; `cases` are None for who may not know of them, `phone`: there is one they may call."""
    lately = moments(Asked(customer.workspace_id, customer.pk, limit=LATELY)).events
    waiting = [panel for panel in cases or () if panel.due]
    return advise(Known(profile_of(customer), waiting, lately, phone, name.split(" ", maxsplit=1)[0], sees_cases=cases is not None))


def advise(known: Known) -> Advice:
    """The first rule that holds."""
    for rule in (_waiting_case, _running_case, _unhappy, _late_delivery, _out_of_sight, _ambassador, _unreachable, _never_asked):
        if (advice := rule(known)) is not None:
            return advice
    calm = _("No open case, no promise, no unhappy word. A good time to leave them in peace.")
    return Advice(_("Nothing is waiting"), calm if known.sees_cases else _("No unhappy word. A good time to leave them in peace."))


def _call(known: Known, title: str, why: str) -> Advice:
    label = _("Call %(name)s") % {"name": known.first_name} if known.first_name else _("Call")
    return Advice(title, why, "call" if known.phone else "", label)


def _waiting_case(known: Known) -> Advice | None:
    case = next((panel for panel in known.cases if panel.waits), None)
    if case is None or case.due is None:
        return None
    title = (
        _("Call now: the time is over")
        if case.due.note and case.case.due_at < clock.now()
        else _("Call %(when)s") % {"when": case.due.text}
    )
    reason = case.reason or _("an unhappy answer")
    return _call(known, title, _("%(case)s waits for the first contact: %(reason)s.") % {"case": case.title, "reason": reason})


def _running_case(known: Known) -> Advice | None:
    case = next((panel for panel in known.cases if panel.due is not None), None)
    if case is None or case.due is None:
        return None
    why = _("%(case)s is in hand, to be settled %(when)s.") % {"case": case.title, "when": case.due.text}
    return Advice(_("Finish what was begun"), why, "case", _("Open the case"))


def _unhappy(known: Known) -> Advice | None:
    profile = known.profile
    if not is_hurt(profile.standing, clock.now()) or profile.last_score_at is None or known.cases:
        return None
    score = _("%(value)s of %(top)s") % {"value": display.num(profile.last_value), "top": display.num(profile.last_high)}
    text = _("Gave %(score)s %(ago)s, and no case is open about it.") if known.sees_cases else _("Gave %(score)s %(ago)s.")
    why = text % {"score": score, "ago": display.ago(profile.last_score_at)}
    return _call(known, _("Call and listen"), why)


def _late_delivery(known: Known) -> Advice | None:
    """A late delivery of the last days that nobody has talked about yet."""
    for event in known.lately:
        if clock.now() - event.occurred_at > FRESH:
            return None
        if score_of(event) or event.kind in {"call.ended", "contact.made", "message.received"}:
            return None
        if event.kind == "order.delivered" and event.properties.get("late"):
            why = _("The last order came late %(ago)s. Raise it before they do.") % {"ago": display.ago(event.occurred_at)}
            return _call(known, _("Say sorry first"), why)
    return None


def _out_of_sight(known: Known) -> Advice | None:
    profile = known.profile
    stage = stage_of(profile.standing, clock.now())
    if stage not in {Stage.AT_RISK, Stage.LOST} or clock.now() - profile.last_seen_at <= profile.standing.rules.risk_after:
        return None
    text = ngettext("Not seen since %(day)s, after %(n)s purchase.", "Not seen since %(day)s, after %(n)s purchases.", profile.bought)
    why = text % {"day": display.shortday(profile.last_seen_at), "n": display.num(profile.bought)}
    return _call(known, _("Ask how they are"), why)


def _ambassador(known: Known) -> Advice | None:
    if stage_of(known.profile.standing, clock.now()) is not Stage.AMBASSADOR:
        return None
    return _call(known, _("Thank them"), _("Buys again and would recommend us. A word of thanks keeps such a bond."))


def _unreachable(known: Known) -> Advice | None:
    profile = known.profile
    if profile.has_phone or profile.has_email or not profile.bought:
        return None
    return Advice(
        _("Ask for a way to reach them"),
        _("There is neither a phone number nor an e-mail address: nobody could tell them that something went wrong."),
        "edit",
        _("Add a phone or e-mail"),
    )


def _never_asked(known: Known) -> Advice | None:
    if not known.profile.bought or known.profile.last_score_at is not None:
        return None
    return Advice(_("Ask how it was"), _("Has bought, but never said how it was."), "opinion", _("Record an opinion"))
