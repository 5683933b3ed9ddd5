"""What opens under a line of the timeline: words, scores, the lines of an order, and plain facts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from peyvand.core import display
from peyvand.desk.people.lines import number_of, tone_of, words_of
from peyvand.desk.people.naming import Names
from peyvand.desk.people.words import reason_label, source_name
from peyvand.timeline.types import Event, Felt

MOST_LINES: Final = 12
MOST_FACTS: Final = 14
# Properties that stand in the line already, or are the machine's own.
QUIET: Final = frozenset(
    "number lines late days days_late customer said_to note by title query name url referrer sku results action found resolved direction "
    "outcome reason reasons survey again case partial completes score score_before ask_again again_days sent_at repeated status text body "
    "result quantity price".split(" ")
)


class Score(NamedTuple):
    """One score of an event: of what, and how it is drawn."""

    label: str
    value: float
    top: float | None
    tone: str


class Fact(NamedTuple):
    """A term and its value."""

    term: str
    value: SafeString | str


class Bought(NamedTuple):
    """One line of an order."""

    name: str
    quantity: str
    amount: str


@dataclass(frozen=True, slots=True)
class Details:
    """Everything that opens under a line."""

    words: str = ""
    reasons: list[str] = field(default_factory=list)
    scores: list[Score] = field(default_factory=list)
    bought: list[Bought] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)


def details_of(event: Event, names: Names) -> Details:
    """What there is to know of one event beyond its line."""
    scores = [_score(felt, names) for felt in event.perceptions if felt.value is not None]
    return Details(
        words=words_of(event) or str(event.properties.get("note") or ""),
        reasons=[reason_label(code) for code in _texts(event.properties.get("reasons"))],
        scores=scores if len(scores) > 1 else [],
        bought=[_bought(line, event) for line in _mappings(event.properties.get("lines"))][:MOST_LINES],
        facts=[fact for fact in (*_settings(event, names), *_times(event, names), *_properties(event, names)) if fact.value][:MOST_FACTS],
    )


def _score(felt: Felt, names: Names) -> Score:
    label = names.coded_as("item", felt.item) if felt.item else names.coded_as("measure", felt.measure)
    return Score(label, felt.value or 0, felt.high, tone_of(felt))


def _bought(line: Mapping[str, Any], event: Event) -> Bought:
    quantity, amount = line.get("quantity"), line.get("amount")
    return Bought(
        name=str(line.get("name") or line.get("product") or "–"),
        quantity=display.num(quantity) if isinstance(quantity, int | float) else "",
        amount=display.money(amount, event.currency or None) if isinstance(amount, int) else "",
    )


def _settings(event: Event, names: Names) -> Iterable[Fact]:
    if number := number_of(event):
        order = event.subject is not None and event.subject.type == "order"
        yield Fact(_("Order") if order else _("Number"), display.ltr(number))
    for dimension, term in (
        ("channel", _("Channel")),
        ("touchpoint", _("Touchpoint")),
        ("branch", _("Branch")),
        ("department", _("Department")),
        ("employee", _("Employee")),
        ("product", _("Product")),
        ("device", _("Device")),
    ):
        yield Fact(term, names.of(event, dimension))


def _times(event: Event, names: Names) -> Iterable[Fact]:
    if event.duration_s:
        yield Fact(_("Took"), display.duration(event.duration_s))
    if event.response_s:
        yield Fact(_("First answer after"), display.duration(event.response_s))
    if event.source:
        yield Fact(_("Told by"), source_name(event.source) or display.ltr(names.coded_as("source", event.source)))


def _properties(event: Event, names: Names) -> Iterable[Fact]:
    own = names.fields.get(event.kind, {})
    for name, value in event.properties.items():
        if name in QUIET and name not in own:
            continue
        term = own.get(name) or _property(name)
        if isinstance(value, bool):
            yield Fact(term, _("Yes") if value else _("No"))
        elif isinstance(value, int | float):
            money = name in {"discount", "shipping"} and isinstance(value, int)
            yield Fact(term, display.money(int(value), event.currency or None) if money else display.num(value))
        elif isinstance(value, str) and value:
            yield Fact(term, display.digits(value[:200]) if value[:1].isdecimal() else value[:200])


def _property(name: str) -> str:
    known = {
        "carrier": _("Carrier"),
        "city": _("City"),
        "promised_at": _("Promised for"),
        "discount": _("Discount"),
        "coupon": _("Coupon"),
        "wait_minutes": _("Waited, minutes"),
        "shipping": _("Shipping"),
    }
    return known.get(name, name.replace("_", " "))


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _mappings(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
