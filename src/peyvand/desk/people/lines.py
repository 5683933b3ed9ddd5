"""One event as one line: what stands in it, and the registry of who says it. Read by the customer's timeline."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from peyvand.core import display
from peyvand.customers.scores import band
from peyvand.customers.types import Band
from peyvand.desk.people.naming import Names
from peyvand.desk.people.words import BAND_TONES
from peyvand.timeline.kinds import kinds
from peyvand.timeline.types import Event, Felt

Sentence = SafeString | str


@dataclass(frozen=True, slots=True)
class Said:
    """What a line says: a sentence, quieter when `small`; `icon` replaces the kind's own."""

    text: Sentence
    small: bool = False
    icon: str = ""


Teller = Callable[[Event, Names], Said]
TELLERS: Final[dict[str, Teller]] = {}


def tells(*codes: str) -> Callable[[Teller], Teller]:
    """Register who says events of these kinds."""

    def register(teller: Teller) -> Teller:
        TELLERS.update(dict.fromkeys(codes, teller))
        return teller

    return register


def say(template: str, **parts: Any) -> SafeString:
    """A translated sentence with its parts put in, each isolated and escaped unless it is markup already."""
    if not parts:
        return conditional_escape(template)
    shown = {name: part if isinstance(part, SafeString) else format_html("<bdi>{}</bdi>", part) for name, part in parts.items()}
    return format_html(template, **shown)


def strong(text: object) -> SafeString:
    """A figure the eye should find."""
    return format_html("<b>{}</b>", text)


def late(text: object) -> SafeString:
    """Something that went wrong, in the colour of that."""
    return format_html('<span class="pv-late">{}</span>', text)


def quoted(text: str, longest: int = 160) -> SafeString:
    """Somebody's words inside a line."""
    return display.quoted(text, longest)


def score_of(event: Event) -> Felt | None:
    """The overall score of an event: the first that is of no item."""
    return next((felt for felt in event.perceptions if not felt.item and felt.value is not None), None)


def words_of(event: Event) -> str:
    """What the customer said in words."""
    return next((felt.text for felt in event.perceptions if felt.text), "")


def felt_band(felt: Felt) -> Band:
    """Whether a score is good, mixed or bad."""
    return band(felt.measure, felt.value, felt.low, felt.high)


def tone_of(felt: Felt) -> str:
    """How a score is drawn."""
    return BAND_TONES[felt_band(felt)]


def out_of(felt: Felt) -> SafeString:
    """A score with the top of its scale: 3 of 10."""
    return say(_("{value} of {top}"), value=strong(display.num(felt.value)), top=display.num(felt.high))


def icon_of(event: Event) -> str:
    """The icon of a kind."""
    declared = kinds().get(event.kind)
    return declared.icon if declared else ("chat" if event.kind.startswith("chat.") else "pulse")


def number_of(event: Event) -> str:
    """The number people know an order by, in the reader's digits."""
    return display.digits(event.properties.get("number") or (event.subject.id if event.subject else ""))
