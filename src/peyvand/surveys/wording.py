"""Filling a survey's texts in for one person: placeholders, and lines that fall away where something is not known."""

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from typing import NamedTuple

from peyvand.core import display
from peyvand.surveys.models import AskRule, Invitation, Survey
from peyvand.surveys.types import PLACEHOLDERS

PLACEHOLDER = re.compile(r"\{(" + "|".join(PLACEHOLDERS) + r")\}")
ANY_BRACES = re.compile(r"\{([^{}]*)\}")
LONGEST_NAME = 60
LEADS_AWAY = re.compile(r"//|@|(?i:www\.)|[A-Za-z0-9-]{3,63}\.[a-z]{2,}(?![A-Za-z])")  # what mail programs make a link of


class Thanks(NamedTuple):
    """The last page: what is said first, then what happens next, one line each."""

    lead: str
    steps: list[str]


def filled(text: str, known: Mapping[str, str]) -> str:
    """The text with its placeholders filled in; a line that names something unknown falls away, so nobody reads «سفارش ،»."""
    lines = []
    for line in text.splitlines():
        if all(known.get(name) for name in PLACEHOLDER.findall(line)):
            lines.append(PLACEHOLDER.sub(lambda found: known[found[1]], line).strip())
    return "\n".join(lines).strip()


def always(text: str, known: Mapping[str, str]) -> str:
    """As `filled`, for a text that must stand: what is unknown leaves a gap that closes."""
    return " ".join(PLACEHOLDER.sub(lambda found: known.get(found[1], ""), text).split())


def tidied(text: str) -> str:
    """A text as its editor means it: one yeh and kaf, no control characters, single spaces; tanwin and half-spaces stay."""
    composed = unicodedata.normalize("NFC", text).replace("ي", "ی").replace("ك", "ک")
    kept = "".join(letter for letter in composed if letter == "\n" or unicodedata.category(letter) not in ("Cc", "Cs", "Co", "Cn"))
    lines = [" ".join(line.split()) for line in kept.splitlines()]
    return "\n".join(line for line in lines if line)


def unknown_placeholders(text: str) -> list[str]:
    """Names in braces that mean nothing, so that the editor can say so."""
    return [name for name in ANY_BRACES.findall(text) if name not in PLACEHOLDERS]


def known_of(invitation: Invitation) -> dict[str, str]:
    """What the placeholders stand for in one invitation, written for the active reader."""
    slices = invitation.slices
    happened = slices.get("occurred_at")
    return {
        "brand": invitation.workspace.name,
        "name": callable_by(invitation.customer.name),
        "order": display.digits(slices["subject_id"]) if slices.get("subject_type") == "order" and slices.get("subject_id") else "",
        "date": display.day(dt.datetime.fromisoformat(happened)) if happened else "",
        "again_days": again_days(invitation.survey),
    }


def callable_by(name: str) -> str:
    """A name as one may call somebody by it; empty for an advertisement, else whoever registers at a shop with somebody else's address
    and such a name has the brand send it there.
    """
    return "" if len(name) > LONGEST_NAME or LEADS_AWAY.search(name) else name


def again_days(survey: Survey) -> str:
    """After how many days a customer is asked once more, written for the active reader."""
    rule = AskRule.objects.filter(survey=survey).first()
    return display.num(rule.again_days if rule is not None else 3)


def thanks_for(survey: Survey, score: int, language: str, known: Mapping[str, str]) -> Thanks:
    """What is said to somebody after this score."""
    lead, *steps = filled(survey.text(f"thanks_{survey.scale.mood(score)}", language), known).splitlines() or [""]
    return Thanks(lead, [step for step in steps if step])
