"""A part of a customer's timeline ready to be drawn: days, lines, what opens in place, and where it goes on."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from types import MappingProxyType
from typing import Any, Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peyvand.core import clock, display
from peyvand.core.ids import private_id, public_id
from peyvand.core.masking import without_contacts
from peyvand.core.periods import local_date
from peyvand.core.reader import active_reader
from peyvand.customers.queries.moments import Asked, Moment, moments
from peyvand.desk.people.detailing import Details, details_of
from peyvand.desk.people.lines import Sentence, felt_band, icon_of, say, score_of, tone_of
from peyvand.desk.people.naming import Names, names_for
from peyvand.desk.people.telling import tell
from peyvand.identities.models import Customer
from peyvand.timeline.kinds import kinds
from peyvand.timeline.types import Event, Subject
from peyvand.workspaces.models import Workspace

GATHERED: Final = frozenset({"site.visited", "product.viewed", "site.searched", "cart.changed"})
TALK: Final = frozenset({"call.ended", "chat.ended", "message.received", "contact.made", "note.written", "opinion.spoken"})
PURCHASES: Final = frozenset({"order.placed", "order.delivered", "order.cancelled", "order.refunded"})


@dataclass(slots=True)
class Line:
    """One line of the timeline; `times` counts what was gathered into it."""

    at: dt.datetime
    kind: str
    text: Sentence
    icon: str
    small: bool
    details: Details
    value: float | None = None
    top: float | None = None
    tone: str = ""
    times: int = 1
    open: bool = False
    who: "Who | None" = None  # where lines of several people stand together


@dataclass(frozen=True, slots=True)
class Who:
    """Whose line it is."""

    name: str
    url: str


@dataclass(slots=True)
class Day:
    """The lines of one day under their heading."""

    name: str
    date: str
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Timeline:
    """Days of one part; `following` is the text of the place where the next part goes on."""

    days: Sequence[Day]
    following: str = ""


def tabs() -> list[tuple[str, str]]:
    """The tabs over a timeline: key and label."""
    return [("", _("All")), ("talk", _("Conversation")), ("purchases", _("Purchase")), ("opinions", _("Opinion"))]


def asked_for(customer: Customer, tab: str, before: Moment | None) -> Asked:
    """Which part of the timeline a tab shows."""
    declared = {code for code, kind in kinds().items() if kind.is_purchase}
    contacts = {code for code, kind in kinds().items() if kind.is_contact}
    wanted = {"talk": TALK | contacts, "purchases": PURCHASES | declared}.get(tab)
    return Asked(customer.workspace_id, customer.pk, before, wanted, felt=tab == "opinions")


def timeline(customer: Customer, asked: Asked, *, sees: bool) -> Timeline:
    """Read and word a part of a customer's timeline; contacts in its texts only for those who may see them."""
    part = moments(asked)
    lines = lines_of(customer.workspace, part.events, sees=sees)
    if asked.before is None and lines:
        _open_what_hurts(lines)
    following = _place_text(customer, part.following) if part.following else ""
    return Timeline(days_of(lines), following)


def lines_of(workspace: Workspace, events: Iterable[Event], *, sees: bool, who: Mapping[int, Who] = MappingProxyType({})) -> list[Line]:
    """Word events, newest first; `who` names whose they are where several people stand together."""
    events = without_halves(events)
    if not sees:
        events = [_masked(event) for event in events]
    names = names_for(workspace, events)
    return gathered([_line(event, names, who.get(event.customer_id or 0)) for event in events])


def _masked(event: Event) -> Event:
    """The event without the phone numbers and addresses that stand in its texts and in the number of what it is about."""
    properties = {name: _masked_value(value) for name, value in event.properties.items()}
    felt = [replace(one, text=without_contacts(one.text)) for one in event.perceptions]
    about = Subject(event.subject.type, without_contacts(event.subject.id)) if event.subject is not None else None
    return replace(event, properties=properties, perceptions=felt, subject=about)


def _masked_value(value: Any) -> Any:
    if isinstance(value, str):
        return without_contacts(value)
    if isinstance(value, list):
        return [_masked_value(one) for one in value]
    return {name: _masked_value(one) for name, one in value.items()} if isinstance(value, dict) else value


def without_halves(events: Iterable[Event]) -> list[Event]:
    """Leave out scores whose whole answer came later and stands here too."""
    events = list(events)
    whole = {completes for event in events if isinstance(completes := event.properties.get("completes"), int)}
    return [event for event in events if event.id not in whole]


def _line(event: Event, names: Names, who: Who | None) -> Line:
    said, felt = tell(event, names), score_of(event)
    line = Line(event.occurred_at, event.kind, said.text, said.icon or icon_of(event), said.small, details_of(event, names))
    line.who = who
    if felt is not None:
        line.value, line.top, line.tone = felt.value, felt.high, tone_of(felt)
        line.open = felt_band(felt) == 1 and bool(line.details.words)
    return line


def gathered(lines: Iterable[Line]) -> list[Line]:
    """Make one line of what was done several times in a row on one day: a page opened four times."""
    found: list[Line] = []
    zone = active_reader().zone
    for line in lines:
        last = found[-1] if found else None
        same = last is not None and line.kind in GATHERED and (last.kind, last.text, last.who) == (line.kind, line.text, line.who)
        if last is not None and same and local_date(last.at, zone) == local_date(line.at, zone):
            last.times += 1
        else:
            found.append(line)
    for line in found:
        if line.times > 1:
            times = ngettext("%(n)s time", "%(n)s times", line.times) % {"n": display.num(line.times)}
            text = line.text if isinstance(line.text, SafeString) else say("{what}", what=line.text)
            line.text = say(_("{what}, {times}"), what=text, times=times)
    return found


def _open_what_hurts(lines: list[Line]) -> None:
    """Only the latest unhappy words stand open; everything else opens by hand."""
    hurt = next((line for line in lines if line.open), None)
    for line in lines:
        line.open = line is hurt and hurt in lines[:6]


def days_of(lines: Iterable[Line]) -> list[Day]:
    """Lines under the headings of their days."""
    zone = active_reader().zone
    today = clock.today(zone)
    return [_day(day, list(found), today) for day, found in groupby(lines, key=lambda line: local_date(line.at, zone))]


def _day(day: dt.date, lines: list[Line], today: dt.date) -> Day:
    near = {0: _("Today"), 1: _("Yesterday")}.get((today - day).days)
    written = f"{display.weekday(day)} {display.shortday(day)}"
    return Day(near or written, written if near else "", lines)


def _place_text(customer: Customer, place: Moment) -> str:
    return f"{place.at}.{public_id(bytes(customer.workspace.id_key), place.interaction_id)}"


def read_place(customer: Customer, text: str) -> Moment | None:
    """The place a text made here stands for; None for anything else."""
    at, _dot, pid = text.partition(".")
    interaction_id = private_id(bytes(customer.workspace.id_key), pid)
    digits = at.removeprefix("-")
    if interaction_id is None or not (digits.isascii() and digits.isdecimal()) or len(digits) > 18:
        return None
    return Moment(int(at), interaction_id)


def tab_links(address: str, current: str) -> list[dict[str, Any]]:
    """The tabs as parts/tabs.html wants them."""
    return [{"label": label, "url": f"{address}?tab={key}" if key else address, "current": key == current} for key, label in tabs()]
