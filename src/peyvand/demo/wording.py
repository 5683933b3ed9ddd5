"""Puts sentences of `phrases/` together into comments that read like people wrote them. Called for each answer that has words."""

import random
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Final

from peyvand.demo.names import ZWNJ

Topic = tuple[str, str]
PRAISED: Final = "praised"
MIXED: Final = "mixed"
BAD: Final = "bad"
_HEADING: Final = re.compile(r"\[(\w+) (\w+)\]$")
_PUNCTUATION: Final = ".!؟?…"
_GREETING: Final = "سلام"
_SENTENCES: Final = ("من مشتری قدیمی‌ام",)
_EMOJI: Final[dict[str, tuple[str, ...]]] = {PRAISED: ("🌸", "❤️", "👌", "🙏", "😍"), MIXED: ("🙂", "🤷"), BAD: ("😔", "😡", "👎")}
_NUMBERS: Final = (
    "صفر",
    "یک",
    "دو",
    "سه",
    "چهار",
    "پنج",
    "شش",
    "هفت",
    "هشت",
    "نه",
    "ده",
    "یازده",
    "دوازده",
    "سیزده",
    "چهارده",
    "پانزده",
    "شانزده",
    "هفده",
    "هجده",
    "نوزده",
)
_TENS: Final = ("", "", "بیست", "سی", "چهل", "پنجاه")


@dataclass(frozen=True)
class Sentence:
    """One base sentence with the names of its slots."""

    text: str
    slots: frozenset[str]


@dataclass(frozen=True)
class Occasion:
    """What one comment may talk about: topics, the most pressing first, slots to fill in, and who writes."""

    topics: Sequence[Topic]
    slots: Mapping[str, str]
    register: str = "c"
    careless: bool = False
    tone: str = MIXED


@dataclass
class Phrasebook:
    """All sentences by topic, tone and register (`c` colloquial, `f` formal, `e` English)."""

    lines: dict[tuple[str, str, str], list[Sentence]] = field(default_factory=lambda: defaultdict(list))

    def fitting(self, topic: Topic, register: str, slots: Mapping[str, str]) -> list[Sentence]:
        """Sentences whose slots can all be filled."""
        known = slots.keys()
        return [s for s in self.lines.get((*topic, register), ()) if s.slots <= known]


@cache
def phrasebook() -> Phrasebook:
    """Read the phrase files once."""
    book = Phrasebook()
    for path in sorted((Path(__file__).parent / "phrases").glob("*.txt")):
        heading: Topic | None = None
        for line in path.read_text(encoding="utf-8").splitlines():
            if found := _HEADING.match(line):
                heading = (found[1], found[2])
            elif heading and line[:2] in {"c ", "f ", "e "}:
                text = line[2:]
                slots = frozenset(name for _, name, _, _ in Formatter().parse(text) if name)
                book.lines[*heading, line[0]].append(Sentence(text, slots))
    return book


def comment(chance: random.Random, occasion: Occasion) -> str:
    """One comment of one to three sentences; empty when nothing fits."""
    book, register = phrasebook(), occasion.register
    wanted = chance.choices((1, 2, 3), (0.47, 0.45, 0.08))[0]
    parts: list[str] = []
    for topic in occasion.topics:
        sentence = _picked(chance, book, topic, occasion)
        if sentence and sentence not in parts:
            parts.append(sentence)
        if len(parts) >= wanted:
            break
    if not parts:
        return ""
    if chance.random() < 0.16:
        parts.append(_picked(chance, book, ("closing", occasion.tone), occasion))
    opening = _picked(chance, book, ("opening", occasion.tone), occasion) if chance.random() < 0.12 else ""
    text = _joined(chance, [p for p in parts if p], register)
    if opening and register != "e":
        text = f"{opening}{_after_opening(chance, opening, register)}{text}"
    if register == "c" and chance.random() < 0.03:
        text = f"{text} {chance.choice(_EMOJI[occasion.tone])}"
    return _carelessly(chance, text) if occasion.careless else text


def note(chance: random.Random, topic: str, result: str) -> str:
    """What a colleague writes after a follow-up; falls back to a general note."""
    book = phrasebook()
    lines = book.lines.get((topic, result, "f")) or book.lines["other", result, "f"]
    return chance.choice(lines).text


def _picked(chance: random.Random, book: Phrasebook, topic: Topic, occasion: Occasion) -> str:
    fitting = book.fitting(topic, occasion.register, occasion.slots)
    return chance.choice(fitting).text.format_map(occasion.slots) if fitting else ""


def _joined(chance: random.Random, parts: list[str], register: str) -> str:
    between = ". " if register != "c" else chance.choice((". ", "، ", ". ", "؛ "))
    text = parts[0]
    for part in parts[1:]:
        text += (" " if text[-1] in _PUNCTUATION else between) + part
    if text[-1] not in _PUNCTUATION:
        ends = 0.78 if register != "c" else 0.3
        text += "." if chance.random() < ends else "!" if chance.random() < 0.04 else ""
    return text


def _after_opening(chance: random.Random, opening: str, register: str) -> str:
    """What stands after a greeting; a word like «راستش» that only leads in is no sentence of its own."""
    if register == "f" or opening in _SENTENCES:
        return ". "
    several = " " in opening
    if opening.startswith(_GREETING):
        return chance.choice(("، ", ". ")) if several else chance.choice(("، ", ". ", " "))
    return "، " if several else chance.choice(("، ", " "))


def _carelessly(chance: random.Random, text: str) -> str:
    """Typing as on a phone in a hurry: half-spaces lost, a letter drawn out, no full stop."""
    if chance.random() < 0.8:
        text = text.replace(ZWNJ, chance.choice((" ", "")))
    if chance.random() < 0.3:
        text = text.replace("خیلی", "خیلیییی").replace("عالی", "عالییی")
    return text.rstrip(".")


def spoken_number(number: int) -> str:
    """A number from 0 to 59 in Persian words."""
    if not 0 <= number < 60:
        raise ValueError(f"Only numbers from 0 to 59 are written out, not {number}")
    if number < 20:
        return _NUMBERS[number]
    tens, ones = divmod(number, 10)
    return _TENS[tens] if not ones else f"{_TENS[tens]} و {_NUMBERS[ones]}"


def spoken_minutes(minutes: float) -> str:
    """Minutes as people say them: rounded, in words."""
    whole = max(1, round(minutes))
    if whole > 55:
        return "یک ساعت" if whole < 80 else "بیشتر از یک ساعت"
    if whole > 10:
        whole = 5 * round(whole / 5)
    return f"{spoken_number(min(whole, 55))} دقیقه"
