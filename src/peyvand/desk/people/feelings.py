"""How a person feels, from their last scores: the strip, and one sentence by plain rules."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from django.utils.translation import gettext as _

from peyvand.core import clock, display
from peyvand.core.calendars import date_parts
from peyvand.core.reader import active_reader
from peyvand.customers.models import LifecycleRules
from peyvand.customers.queries.moments import Asked, moments
from peyvand.customers.types import Band
from peyvand.desk.people.lines import felt_band, score_of, tone_of
from peyvand.desk.people.naming import Names, names_for
from peyvand.desk.people.timeline import without_halves
from peyvand.identities.models import Customer
from peyvand.timeline.types import Event, Felt

SHOWN: Final = 7
READ: Final = 40


class Bead(NamedTuple):
    """One score on the strip: its shape, what it was about and when."""

    value: float
    top: float | None
    tone: str
    about: str
    when: str


@dataclass(frozen=True, slots=True)
class Feelings:
    """The finding, what it stands on, and the strip, oldest first."""

    finding: str
    basis: str
    beads: Sequence[Bead]


class Scored(NamedTuple):
    """One overall score: the event it was given in, and its band."""

    event: Event
    felt: Felt
    band: Band


def feelings(customer: Customer) -> Feelings:
    """Read a customer's last scores and say what they mean."""
    part = moments(Asked(customer.workspace_id, customer.pk, felt=True, limit=READ))
    scored = [Scored(event, felt, felt_band(felt)) for event in without_halves(part.events) if (felt := score_of(event))]
    if not scored:
        return Feelings(_("Has not said yet how it was"), _("Record an opinion, or wait for an answer to a survey."), [])
    measure = _main_measure(scored)
    if (turned := _turned(scored, measure, LifecycleRules.of(customer.workspace_id).hurt_for)) is not None:
        names = names_for(customer.workspace, [one.event for one in scored[:SHOWN]])
        return Feelings(turned, _("Each score on the scale of its own question"), [_bead(one, names) for one in scored[:SHOWN][::-1]])
    same = [one for one in scored if one.felt.measure == measure][::-1]
    names = names_for(customer.workspace, [one.event for one in same])
    about = _about(same[-1], names)
    return Feelings(
        finding([one.band for one in same], about), _basis(measure, same[-1], names), [_bead(one, names) for one in same[-SHOWN:]]
    )


def _turned(scored: Sequence[Scored], main: str, hurt_for: dt.timedelta) -> str | None:
    """What was said last beside the last answer to another question, where one of them is bad and the other is not: no row of
    one measure would tell of both.
    """
    last = scored[0]
    then = next((one for one in scored if one.felt.measure != last.felt.measure), None)
    if then is None or then.band is last.band or Band.BAD not in {then.band, last.band}:
        return None
    if last.band is Band.BAD and last.felt.measure == main:
        return None  # its own row says so
    alone = [one.felt.measure for one in scored].count(last.felt.measure) == 1
    if not alone and last.event.occurred_at - then.event.occurred_at > hurt_for:
        return None
    text = _("Gave %(then)s, later said %(now)s") if last.event.kind == "opinion.spoken" else _("Gave %(then)s, later %(now)s")
    return text % {"then": _out_of(then.felt), "now": _out_of(last.felt)}


def _out_of(felt: Felt) -> str:
    return _("%(value)s of %(top)s") % {"value": display.num(felt.value), "top": display.num(felt.high)}


def _main_measure(scored: Sequence[Scored]) -> str:
    """The measure given most often lately; the latest one where two are even."""
    counts = Counter(one.felt.measure for one in scored[:12])
    return max(counts, key=lambda measure: (counts[measure], -_first_place(scored, measure)))


def _first_place(scored: Sequence[Scored], measure: str) -> int:
    return next(n for n, one in enumerate(scored) if one.felt.measure == measure)


def finding(bands: Sequence[Band], about: str) -> str:
    """What a row of bands, oldest first, says in one sentence; `about` names what the last one was given to."""
    last, before = bands[-1], bands[:-1]
    if not before:
        return {
            Band.GOOD: _("Was happy the one time we asked"),
            Band.MIXED: _("Was half content the one time we asked"),
            Band.BAD: _("Was unhappy the one time we asked"),
        }[last]
    if last is Band.BAD:
        return _unhappy(before, about)
    if before[-1] is Band.BAD and last is Band.GOOD:
        return _("Is happy again after a bad experience")
    if all(band is Band.GOOD for band in bands):
        return _("Has always been happy so far")
    if Band.BAD not in bands:
        return _("Has never been unhappy; not always delighted") if last is Band.GOOD else _("Less delighted than before, not unhappy")
    if last is Band.GOOD:
        return _("Mostly happy; there were bad days too")
    return _("Neither happy nor unhappy lately")


def _unhappy(before: Sequence[Band], about: str) -> str:
    if before[-1] is Band.BAD:
        return _("Unhappy again: the second bad experience in a row")
    if Band.BAD in before:
        return _("Unhappy again, as once before")
    if about and len(before) >= 2:
        return _("Had never been unhappy; “%(about)s” shook the bond") % {"about": about}
    return _("Unhappy for the first time")


def _about(one: Scored, names: Names) -> str:
    return names.of(one.event, "touchpoint") or names.of(one.event, "branch")


def _basis(measure: str, last: Scored, names: Names) -> str:
    scale = {"low": display.num(last.felt.low), "high": display.num(last.felt.high)}
    if measure == "nps":
        return _("Would recommend us, %(low)s to %(high)s, after each experience") % scale
    if measure == "csat":
        return _("Satisfaction, %(low)s to %(high)s, after each experience") % scale
    if measure == "ces":
        return _("Ease, %(low)s to %(high)s, after each experience") % scale
    return _("%(measure)s, %(low)s to %(high)s, after each experience") % {"measure": names.coded_as("measure", measure), **scale}


def _bead(one: Scored, names: Names) -> Bead:
    about = _about(one, names) or names.of(one.event, "channel") or _("Opinion")
    return Bead(one.felt.value or 0, one.felt.high, tone_of(one.felt), about, _when(one.event.occurred_at))


def _when(at: dt.datetime) -> str:
    """Today, a day of the last weeks, else the month: what fits under a bead."""
    reader = active_reader()
    today, day = clock.today(reader.zone), at.astimezone(reader.zone).date()
    if (today - day).days < 2:
        return _("yesterday") if day < today else _("today")
    if (today - day).days < 60:
        return display.shortday(day)
    month = display.month(day)
    this_year = date_parts(today, reader.calendar).year == date_parts(day, reader.calendar).year
    return month.rpartition(" ")[0] if this_year else month
